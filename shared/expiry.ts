/**
 * RFC 6749 §4.1.2.1 has no error code for a login that nobody finished in time, and a further parameter of the response could
 * be one of the app's own. So our client knows such an answer by these words, with which its `error_description` begins.
 */

/** With `access_denied`, in place of a No that nobody said. */
export const notAnsweredInTime = "The question was not answered in time.";

export const tookTooLong = "This login took too long.";

export function isExpiry(description: unknown): boolean {
  return [notAnsweredInTime, tookTooLong].some((words) => String(description).startsWith(words));
}
