/** Shorter secrets are guessable or cut off; every known service issues longer ones. */
export const MIN_SECRET_CHARACTERS = 16;

/** Values that stand in a fresh copy's files, or that people type to fill a field: they count as not configured. */
export function isPlaceholder(value: string): boolean {
  const text = value.trim();
  return text === "" || /^(your[_ -]|<.*>$|x{3,}$|\.{3}|change[_ -]?me|todo\b|placeholder|example$|0+$)/i.test(text);
}

/** A client secret that may be used. Nothing fails open: anything doubtful is no secret [A50]. */
export function isUsableSecret(value: string | undefined): value is string {
  return value !== undefined && !isPlaceholder(value) && value.trim().length >= MIN_SECRET_CHARACTERS;
}
