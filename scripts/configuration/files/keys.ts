import { type Fault, pathOf } from "../issues.ts";

/** The keys by which both files name services, and the names that no key may have. */

/** Inherited by every object, so a look-up of these would find something that nobody configured [A41]. */
const inheritedNames = ["__proto__", "constructor", "prototype"];

/** The canonical id: `Google Sheets` → `google-sheets`. Keys are ASCII, so lower-casing has no surprises [A41]. */
export function idOf(key: string): string {
  return key
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

export function faultOfKey(file: string, key: string): Fault | undefined {
  const path = pathOf(file, [key]);
  if (Object.hasOwn(Object.prototype, key) || inheritedNames.includes(key.toLowerCase())) {
    return { path, reason: `"${key}" is a name that JavaScript reserves`, advice: 'Name the service, as in "Github".' };
  }
  if (!/^[\x20-\x7E]*[A-Za-z0-9][\x20-\x7E]*$/.test(key)) {
    const reason = "the key needs a letter or digit, and may hold plain ASCII characters only";
    return { path, reason, advice: 'Use a key such as "Github", and "name" for what people should read.' };
  }
  return undefined;
}

export function faultsOfCollidingKeys(file: string, keys: string[]): Fault[] {
  return keys.flatMap((key, index) => {
    const earlier = keys.slice(0, index).find((other) => idOf(other) === idOf(key));
    if (earlier === undefined) return [];
    const reason = `"${earlier}" and "${key}" are the same service: both have the id "${idOf(key)}"`;
    return [{ path: pathOf(file, [key]), reason, advice: `Delete or rename one of "${earlier}" and "${key}".` }];
  });
}

/** `JSON.parse` makes `__proto__` an ordinary key; one assignment later it would be the prototype [A41]. */
export function faultsOfInheritedNames(path: string, value: unknown): Fault[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((key) => {
    const inner = `${path}.${key}`;
    if (!inheritedNames.includes(key)) return faultsOfInheritedNames(inner, Reflect.get(value, key));
    return [{ path: inner, reason: `"${key}" is a name that JavaScript reserves`, advice: `Delete "${key}".` }];
  });
}
