import type { ServiceRecord } from "./schema.ts";

/**
 * Variables in the URLs of a record: some services run on many hosts. Our client secret is sent to the resulting address,
 * so the value comes from the owner's configuration, must match the record's pattern, and is filled in at build time.
 */

type Variables = Record<string, string>;

/** Fills in these variables everywhere in a record. Other variables stay in their braces. */
export function fillVariables<Value>(value: Value, variables: Variables): Value {
  return fill(value, variables) as Value;
}

function fill(value: unknown, variables: Variables): unknown {
  if (typeof value === "string") return fillText(value, variables);
  if (Array.isArray(value)) return value.map((each) => fill(each, variables));
  if (typeof value !== "object" || value === null) return value;
  // The declarations of the variables stay as they are.
  const fillMember = (key: string, each: unknown): unknown => (key === "url_variables" ? each : fill(each, variables));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fillMember(key, each)]));
}

function fillText(text: string, variables: Variables): string {
  const valueFor = (braced: string, name: string): string =>
    Object.hasOwn(variables, name) ? variables[name]! : braced;
  return text.replace(/\{([a-z_]+)\}/g, valueFor);
}

/** The values of variables that the owner has not set. Some depend on those that the owner has set. */
export function defaultVariables({ url_variables: declared = {} }: ServiceRecord, given: Variables = {}): Variables {
  const values = { ...pick(declared, (variable) => variable.default), ...given };
  return pick(declared, (variable) => derivedFrom(values, variable) ?? variable.default);
}

function derivedFrom(values: Variables, { derived = [] }: Declared[string]): string | undefined {
  const rule = derived.find(({ variable, matches }) => matchesPattern(values[variable] ?? "", matches));
  return rule && fillText(rule.value, values);
}

/** An example for every variable, to check a record with. */
export function exampleVariables({ url_variables: declared = {} }: ServiceRecord): Variables {
  return pick(declared, (variable) => variable.example);
}

/** The pattern must match the whole value. */
export function matchesPattern(value: string, pattern: string): boolean {
  return new RegExp(`^(?:${pattern})$`).test(value);
}

type Declared = NonNullable<ServiceRecord["url_variables"]>;

function pick(declared: Declared, valueFor: (variable: Declared[string]) => string | undefined): Variables {
  const values = Object.entries(declared).map(([name, variable]) => [name, valueFor(variable)]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}
