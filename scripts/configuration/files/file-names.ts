/** What owners keep in the project's folder: public, and secret. */
export const servicesFile = "services.json";
export const secretsFile = ".secret.json";
