import type { z } from "zod";
import { entrySchema } from "../../catalogue/schema.ts";
import { isPlaceholder } from "../../server/provider/placeholder.ts";
import { reasonOf } from "../configuration/issues.ts";
import { faultOfClientSecret } from "../configuration/service/client-secret.ts";
import type { JsonValue } from "../json/edit-json.ts";

/** What is wrong with something that an owner types, as the second half of a sentence; `undefined`: nothing. */

/** Endpoints on this computer are for tests of the project itself. */
const FIELDS = entrySchema({ insecureLoopback: false }).shape;

/** One field of `services.json`, by the schema's own words. */
export function faultOfField(field: string, value: JsonValue): string | undefined {
  const schema = Object.hasOwn(FIELDS, field) ? (FIELDS as Record<string, z.ZodType>)[field] : undefined;
  if (!schema) return "is not a known key";
  const result = schema.safeParse(value);
  return result.success ? undefined : reasonOf(result.error.issues[0]!);
}

export function faultOfClientId(value: string): string | undefined {
  if (value === "") return "is missing";
  if (value !== value.trim()) return "has spaces around it: copy it again";
  if (isPlaceholder(value)) return "is a placeholder: copy the client ID that the service gave you";
  return faultOfField("client_id", value);
}

export function faultOfSecret(value: string): string | undefined {
  if (value === "") return "is missing";
  if (isPlaceholder(value)) return "is a placeholder: copy the client secret that the service gave you";
  const fault = faultOfClientSecret(value);
  return fault === undefined ? undefined : `${fault}: copy all of it, and nothing else`;
}
