import {
  hasSecretCharacters,
  isUsableSecret,
  MIN_SECRET_CHARACTERS,
  trimPasted,
} from "../../../server/provider/placeholder.ts";

export const CLIENT_SECRET_ADVICE = "Copy the whole secret from the service again, or create a new one there.";

/**
 * @returns why a value cannot be a client secret, as the second half of a sentence that does not repeat the value;
 * `undefined` if it can be one. Placeholders are handled elsewhere.
 */
export function validateClientSecret(value: string): string | undefined {
  if (value !== trimPasted(value)) return "has spaces, quotes or invisible characters around it";
  if (/[\s\u0000-\u001F\u007F]/.test(value)) return "has spaces or line breaks in it";
  if (!hasSecretCharacters(value))
    return "has characters that no client secret can have (RFC 6749 A.2), perhaps invisible ones, or a quote at one end";
  if (value.length < MIN_SECRET_CHARACTERS) {
    return `is shorter than ${MIN_SECRET_CHARACTERS} characters, so it is cut off or can be guessed`;
  }
  return isUsableSecret(value)
    ? undefined
    : "is a repetition, a sequence or contains a common word, so it can be guessed";
}
