/** Checks of values that others have written. */

/** Returns the value if it is right, and `undefined` if it is not. */
export type Reader<Value> = (value: unknown) => Value | undefined;

/* @__NO_SIDE_EFFECTS__ */
export function only<Value>(isRight: (value: unknown) => value is Value): Reader<Value> {
  return (value) => (isRight(value) ? value : undefined);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

export function isWebAddress(value: unknown): value is string {
  return isText(value) && URL.canParse(value) && ["https:", "http:"].includes(new URL(value).protocol);
}
