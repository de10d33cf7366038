/** Shorter client secrets are cut off: no known service issues one. */
export const MIN_SECRET_CHARACTERS = 10;

/** Keys that come of a shorter client secret could be found by trying. */
const MIN_KEY_MATERIAL_CHARACTERS = 15;

/** Values that stand in a fresh copy's files, or that people type to fill a field: they count as not configured. */
export function isPlaceholder(value: string): boolean {
  const text = value.trim();
  return text === "" || /^(your[_ -]|<.*>$|x{3,}$|\.{3}|change[_ -]?me|todo\b|placeholder|dummy\b|example$|0+$)/i.test(text);
}

/** A client secret that may be used. Nothing fails open: anything doubtful is no secret [A50]. */
export function isUsableSecret(value: string | undefined): value is string {
  if (value === undefined || isPlaceholder(value) || value.trim().length < MIN_SECRET_CHARACTERS) return false;
  // Services give out no sentences.
  return !/\s/.test(value.trim()) && !isGuessable(value);
}

/** A client secret that keys may be derived from. */
export function isKeyMaterial(value: string | undefined): value is string {
  return isUsableSecret(value) && value.trim().length >= MIN_KEY_MATERIAL_CHARACTERS;
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
