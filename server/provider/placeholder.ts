/** Shorter client secrets are incomplete copies: no known service issues one. */
export const MIN_SECRET_CHARACTERS = 10;

/** Keys derived from a shorter client secret could be found by trying. */
const MIN_KEY_MATERIAL_CHARACTERS = 15;

/** Spaces, line ends and invisible characters, such as a byte order mark. */
const INVISIBLE_ENDS = /^[\s\p{Cc}\p{Cf}]+|[\s\p{Cc}\p{Cf}]+$/gu;

/**
 * A pasted value without what files, shells and web pages leave around it: invisible characters and a pair of quotes.
 * Neither is part of any client ID, secret or key.
 */
export function trimPasted(value: string): string {
  const text = value.replace(INVISIBLE_ENDS, "");
  const inQuotes = /^(["'`])(.*)\1$/s.exec(text)?.[2];
  return inQuotes === undefined ? text : inQuotes.replace(INVISIBLE_ENDS, "");
}

/** Values from the files of a fresh copy, or that people type to fill a field. They count as not configured. */
export function isPlaceholder(value: string): boolean {
  const text = trimPasted(value);
  return (
    text === "" ||
    /^(your[_ -]|<.*>$|x{3,}$|\.{3,}$|change[_ -]?me|todo\b|placeholder|dummy\b|example$|0+$)/i.test(text)
  );
}

/** A client secret that may be used. A doubtful one is rejected, so that a mistake cannot weaken the provider. */
export function isUsableSecret(value: string | undefined): value is string {
  if (value === undefined || isPlaceholder(value) || value.length < MIN_SECRET_CHARACTERS) return false;
  return hasSecretCharacters(value) && !isGuessable(value);
}

/**
 * The characters of RFC 6749 A.2 without the space, which no service uses. A quote at one end is left over from a pair
 * around the value.
 */
export function hasSecretCharacters(value: string): boolean {
  return /^(?!["'`])[\x21-\x7E]+(?<!["'`])$/.test(value);
}

/** A client ID that may be sent (RFC 6749 A.1). */
export function isUsableClientId(value: string): boolean {
  return !isPlaceholder(value) && value === trimPasted(value) && /^[\x20-\x7E]+$/.test(value);
}

/** A client secret that keys may be derived from. */
export function isKeyMaterial(value: string | undefined): value is string {
  return isUsableSecret(value) && value.length >= MIN_KEY_MATERIAL_CHARACTERS;
}

/** Long enough not to occur in a random value by chance. */
const COMMON_WORDS =
  /password|passwort|passphrase|changeme|placeholder|qwertyui|iloveyou|topsecret|supersecret|sealingkey|correcthorse/;

/** Whether a person made the value up: it repeats itself, counts, or contains a common word. */
function isGuessable(value: string): boolean {
  return repeatsOrCounts(value) || COMMON_WORDS.test(value.toLowerCase().replaceAll(/[^a-z0-9]/g, ""));
}

/**
 * Compares the differences between neighbouring characters, three at a time. In a random value hardly any three occur
 * twice; in `abcabcabc`, `aaaaaa` or `123456` nearly all do. Two thirds must be different.
 */
function repeatsOrCounts(value: string): boolean {
  const codes = [...value].map((character) => character.codePointAt(0)!);
  const steps = codes.slice(1).map((code, index) => code - codes[index]!);
  const threes = steps.slice(2).map((step, index) => `${steps[index]} ${steps[index + 1]} ${step}`);
  return new Set(threes).size * 3 < threes.length * 2;
}
