import {
  hasSecretCharacters,
  isUsableSecret,
  MIN_SECRET_CHARACTERS,
  trimPasted,
} from "../../../server/provider/placeholder.ts";

export const HOW_TO_MEND_A_SECRET =
  "Copy the secret again, the whole secret, from the service, or create a new one there.";

/**
 * Why a value cannot be a client secret, as the second half of a sentence; `undefined`: it may be one. The value itself is
 * never repeated. A placeholder is another matter: it only stands for a secret that is still to come.
 */
export function faultOfClientSecret(value: string): string | undefined {
  if (value !== trimPasted(value)) return "has spaces, quotes or invisible characters around it";
  if (/[\s\u0000-\u001F\u007F]/.test(value)) return "has spaces or line breaks in it";
  if (!hasSecretCharacters(value))
    return "has characters that no client secret has (RFC 6749 A.2), perhaps invisible ones, or a quote at one end";
  if (value.length < MIN_SECRET_CHARACTERS) {
    return `is shorter than ${MIN_SECRET_CHARACTERS} characters, so it is cut off or can be guessed`;
  }
  return isUsableSecret(value) ? undefined : "repeats itself, counts or holds a common word, so it can be guessed";
}
