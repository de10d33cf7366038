import { type Issue, pathOf } from "../issues.ts";

/** The keys of services in both files, and the names that no key may have. */

/** Every object inherits these, so a look-up of one would find something that nobody configured. */
const inheritedNames = ["__proto__", "constructor", "prototype"];

/** The canonical id: `Google Sheets` → `google-sheets`. Keys are ASCII, so no two letters share a lower case. */
export function idOf(key: string): string {
  return key
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

export function keyIssue(file: string, key: string): Issue | undefined {
  const path = pathOf(file, [key]);
  if (Object.hasOwn(Object.prototype, key) || inheritedNames.includes(key.toLowerCase())) {
    return {
      path,
      message: `"${key}" is a name that JavaScript reserves`,
      advice: 'Name the service, as in "Github".',
    };
  }
  if (!/^[\x20-\x7E]*[A-Za-z0-9][\x20-\x7E]*$/.test(key)) {
    const message = "the key needs a letter or digit, and may contain only plain ASCII characters";
    return { path, message, advice: 'Use a key such as "Github", and write the name that people read into "name".' };
  }
  return undefined;
}

export function collidingKeyIssues(file: string, keys: string[]): Issue[] {
  return keys.flatMap((key, index) => {
    const earlier = keys.slice(0, index).find((other) => idOf(other) === idOf(key));
    if (earlier === undefined) return [];
    const message = `"${earlier}" and "${key}" are the same service: both have the id "${idOf(key)}"`;
    return [{ path: pathOf(file, [key]), message, advice: `Delete or rename one of "${earlier}" and "${key}".` }];
  });
}

/** `JSON.parse` makes `__proto__` an ordinary key. Assigned to another object, it would become that object's prototype. */
export function inheritedNameIssues(path: string, value: unknown): Issue[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((key) => {
    const inner = `${path}.${key}`;
    if (!inheritedNames.includes(key)) return inheritedNameIssues(inner, Reflect.get(value, key));
    return [{ path: inner, message: `"${key}" is a name that JavaScript reserves`, advice: `Delete "${key}".` }];
  });
}
