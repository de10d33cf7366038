/** Finds the owner's theme in a style sheet of the site. */

const STRING = String.raw`"(?:[^"\\<]|\\[^<])*"|'(?:[^'\\<]|\\[^<])*'`;
const VARIABLE = String.raw`--[\w-]+:(?:${STRING}|[^"'{}<;\\])*`;
const VARIABLES = String.raw`:root\{(?:${VARIABLE}(?:;${VARIABLE})*;?)?\}`;
const ONLY_VARIABLES = new RegExp(String.raw`^(?:${VARIABLES}|@media\s?\([\w:. -]+\)\{(?:${VARIABLES})*\})*$`);

/** Values that browsers load something for. */
const LOADING = /(?:url|image|image-set|src)\(/i;

/**
 * @param theme the theme in the expected style sheet
 * @returns the theme of the site; `undefined` if more differs than that
 */
export function themeIn(actual: string, expected: string, theme: string): string | undefined {
  const start = expected.indexOf(theme);
  if (start === -1) return undefined;
  const [before, after] = [expected.slice(0, start), expected.slice(start + theme.length)];
  if (actual.length < before.length + after.length) return undefined;
  if (!actual.startsWith(before) || !actual.endsWith(after)) return undefined;
  return actual.slice(before.length, actual.length - after.length);
}

/** Whether a theme only sets values. With rules of its own, it could hide a part of the question. */
export function setsOnlyValues(theme: string): boolean {
  return ONLY_VARIABLES.test(theme) && !LOADING.test(theme);
}
