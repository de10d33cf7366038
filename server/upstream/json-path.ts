/** A dot that is part of a name has a backslash before it: some claims of OpenID Connect are named by a URL. */
const SEPARATOR = /(?<!\\)\./;

/**
 * The value at a path: names and array indexes joined by dots. `undefined`: there is none. Inherited members (`__proto__`)
 * do not count.
 */
export function valueAt(path: string, root: unknown): unknown {
  const names = path.split(SEPARATOR).map((name) => name.replaceAll("\\.", "."));
  return names.reduce(memberOf, root);
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  // Of an array only the elements, not its `length`.
  if (Array.isArray(value) && !/^\d+$/.test(name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** Whether an answer has the values that a successful one has. Some services report errors with status 200. */
export function hasExpectedValues(answer: unknown, expected: Record<string, string | number | boolean> = {}): boolean {
  return Object.entries(expected).every(([path, value]) => valueAt(path, answer) === value);
}
