/**
 * A short name for English words. A language's file has its translations under these names, so whatever a page finds
 * there is said of just these words, however old the page or the file may be.
 */
export function nameOf(words: string): string {
  const hash = Array.from(words).reduce((sum, letter) => Math.imul(sum, 31) + letter.codePointAt(0)!, 0);
  return (hash >>> 0).toString(36);
}
