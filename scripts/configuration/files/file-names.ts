/** The owner's two configuration files in the project's folder: a public one and a secret one. */
export const servicesFile = "services.json";
export const secretsFile = ".secret.json";
/** The one member of `.secret.json` that is not a service, named like the variable. */
export const signingKeyMember = "SIGNING_KEY";
