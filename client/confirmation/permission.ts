/**
 * Words for looking at something; where the second word is another verb, it is about more than that. All of something, what
 * is private, and other verbs later in a sentence are about more as well.
 */
const modest =
  /^(?:Browse|Know|Read|See|View) (?!and |.*\b(?:all|everything|private|whole|only you|change|create|delete|manage|mark|send|write)\b)/;

/**
 * Whether a description says no more than that the app may read something limited. The rule is for the English of the
 * catalogue. Whatever it does not recognise, an owner's own words among it, needs a closer look.
 */
export function isModest(description: string): boolean {
  return modest.test(description);
}
