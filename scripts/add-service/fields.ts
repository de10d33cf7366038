import type { z } from "zod";
import { entrySchema } from "../../catalogue/schema.ts";
import { isPlaceholder } from "../../server/provider/placeholder.ts";
import { describeSchemaIssue } from "../configuration/issues.ts";
import { validateClientSecret } from "../configuration/service/client-secret.ts";
import type { JsonValue } from "../json/edit-json.ts";

/**
 * Fields of a service's entry, and checks of what the owner types into them. Each check returns what is wrong as the second
 * half of a sentence, or `undefined`.
 */

export type Fields = Record<string, JsonValue>;

/** Without endpoints on this computer, which only the project's own tests use. */
const FIELDS = entrySchema({ insecureLoopback: false }).shape;

/** Checks one field of `services.json` by the schema. */
export function validateField(field: string, value: JsonValue): string | undefined {
  const schema = Object.hasOwn(FIELDS, field) ? (FIELDS as Record<string, z.ZodType>)[field] : undefined;
  if (!schema) return "is not a known key";
  const result = schema.safeParse(value);
  return result.success ? undefined : describeSchemaIssue(result.error.issues[0]!);
}

export function validateClientId(value: string): string | undefined {
  if (value === "") return "is missing";
  if (value !== value.trim()) return "has spaces around it: copy it again";
  if (isPlaceholder(value)) return "is a placeholder: copy the client ID that the service gave you";
  return validateField("client_id", value);
}

export function validateSecret(value: string): string | undefined {
  if (value === "") return "is missing";
  if (isPlaceholder(value)) return "is a placeholder: copy the client secret that the service gave you";
  const invalid = validateClientSecret(value);
  return invalid === undefined ? undefined : `${invalid}: copy all of it, and nothing else`;
}
