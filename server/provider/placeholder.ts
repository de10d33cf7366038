/** Shorter client secrets are cut off: no known service issues one. */
export const MIN_SECRET_CHARACTERS = 10;

/** Keys that come of a shorter client secret could be found by trying. */
const MIN_KEY_MATERIAL_CHARACTERS = 15;

/** White space, line ends and characters of no width, such as a byte order mark. */
const AROUND = /^[\s\p{Cc}\p{Cf}]+|[\s\p{Cc}\p{Cf}]+$/gu;

/**
 * A value as it was meant. What files, shells and web pages leave around a copied value is no part of any client ID,
 * secret or key: invisible characters, and a pair of quotes.
 */
export function withoutSurroundings(value: string): string {
  const text = value.replace(AROUND, "");
  const inQuotes = /^(["'`])(.*)\1$/s.exec(text)?.[2];
  return inQuotes === undefined ? text : inQuotes.replace(AROUND, "");
}

/** Values that stand in a fresh copy's files, or that people type to fill a field: they count as not configured. */
export function isPlaceholder(value: string): boolean {
  const text = withoutSurroundings(value);
  return (
    text === "" ||
    /^(your[_ -]|<.*>$|x{3,}$|\.{3,}$|change[_ -]?me|todo\b|placeholder|dummy\b|example$|0+$)/i.test(text)
  );
}

/** A client secret that may be used. Nothing fails open: anything doubtful is no secret [A50]. */
export function isUsableSecret(value: string | undefined): value is string {
  if (value === undefined || isPlaceholder(value) || value.length < MIN_SECRET_CHARACTERS) return false;
  return hasSecretCharacters(value) && !isGuessable(value);
}

/** RFC 6749 A.2, without the space: services give out no sentences. A quote at an end is half of what was around it. */
export function hasSecretCharacters(value: string): boolean {
  return /^(?!["'`])[\x21-\x7E]+(?<!["'`])$/.test(value);
}

/** A client ID that may be sent (RFC 6749 A.1). */
export function isUsableClientId(value: string): boolean {
  return !isPlaceholder(value) && value === withoutSurroundings(value) && /^[\x20-\x7E]+$/.test(value);
}

/** A client secret that keys may be derived from. */
export function isKeyMaterial(value: string | undefined): value is string {
  return isUsableSecret(value) && value.length >= MIN_KEY_MATERIAL_CHARACTERS;
}

/** Long enough never to stand in a random value by chance. */
const WORDS =
  /password|passwort|passphrase|changeme|placeholder|qwertyui|iloveyou|topsecret|supersecret|sealingkey|correcthorse/;

/** Whether a person has made this up: it repeats itself, or counts, or holds a word that everybody thinks of. */
function isGuessable(value: string): boolean {
  return repeatsOrCounts(value) || WORDS.test(value.toLowerCase().replaceAll(/[^a-z0-9]/g, ""));
}

/**
 * How far it is from each character to the next: in random values hardly three such steps come twice, in `abcabcabc`,
 * `aaaaaa` and `123456` nearly all do. Two thirds must be different.
 */
function repeatsOrCounts(value: string): boolean {
  const codes = [...value].map((character) => character.codePointAt(0)!);
  const steps = codes.slice(1).map((code, index) => code - codes[index]!);
  const threes = steps.slice(2).map((step, index) => `${steps[index]} ${steps[index + 1]} ${step}`);
  return new Set(threes).size * 3 < threes.length * 2;
}
