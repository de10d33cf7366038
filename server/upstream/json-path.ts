/** Some claims of OpenID Connect are named by a URL: the dots in a name have a backslash before them. */
const SEPARATOR = /(?<!\\)\./;

/**
 * What a path leads to: names and array indexes joined by dots. Own members only [A41]; `undefined` where the path
 * leads nowhere.
 */
export function valueAt(path: string, root: unknown): unknown {
  const names = path.split(SEPARATOR).map((name) => name.replaceAll("\\.", "."));
  return names.reduce(member, root);
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  // Of a list, its elements: `length` is nobody's name.
  if (Array.isArray(value) && !/^\d+$/.test(name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** Whether an answer says that all is well. Some services say otherwise with status 200 only. */
export function meets(expected: Record<string, string | number | boolean> = {}, answer: unknown): boolean {
  return Object.entries(expected).every(([path, value]) => valueAt(path, answer) === value);
}
