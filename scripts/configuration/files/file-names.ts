/** The owner's two configuration files in the project's folder: a public one and a secret one. */
export const servicesFile = "services.json";
export const secretsFile = ".secret.json";
