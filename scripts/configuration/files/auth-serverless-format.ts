import { isObject } from "./json-file.ts";

/** Converts an entry as files of `madatajs/auth-serverless` have it. */
export function convertOldEntry(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { fields } = value;
  return withoutGrantType(typeof fields === "string" ? { ...value, fields: parametersOf(fields) } : value);
}

/** `fields` may be a form-encoded text. If it is malformed or repeats a name, it stays a text, which the schema rejects. */
function parametersOf(text: string): unknown {
  if (!/^(?:[^=&]+=[^&]*(?:&[^=&]+=[^&]*)*)?$/.test(text)) return text;
  const parameters = [...new URLSearchParams(text)];
  const isUnique = new Set(parameters.map(([name]) => name)).size === parameters.length;
  return isUnique ? Object.fromEntries(parameters) : text;
}

/** Old files contain `"grant_type": "authorization_code"`. It is sent anyway, and would be wrong for a refresh. */
function withoutGrantType(entry: Record<string, unknown>): Record<string, unknown> {
  const copy = { ...entry };
  for (const name of ["fields", "token_parameters"]) {
    const parameters = copy[name];
    if (!isObject(parameters)) continue;
    const { grant_type: _sentAnyway, ...others } = parameters;
    copy[name] = others;
  }
  return copy;
}
