/** The one member of `.secret.json` that is not a service, named like the variable. */
export const signingKeyMember = "SIGNING_KEY";

/** The text that the variable would have. In the file, a JWK or a list of them may also stand as JSON. */
export function signingKeyText(secrets: Record<string, unknown>): string {
  const value = Object.hasOwn(secrets, signingKeyMember) ? secrets[signingKeyMember] : "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
