import { z } from "zod";
import { loadCatalogue } from "../../../catalogue/load.ts";
import { type EndpointOptions, entrySchema, type ServiceRecord } from "../../../catalogue/schema.ts";
import { type Fault, notAnObject, pathOf, reasonOf } from "../issues.ts";
import { nearestOf } from "../nearest.ts";
import type { NamedEntry } from "../service/entry.ts";
import { secretsFile, servicesFile } from "./file-names.ts";
import { isObject } from "./json-file.ts";
import { faultOfKey, faultsOfCollidingKeys, faultsOfInheritedNames, idOf } from "./keys.ts";
import { inTodaysWords } from "./auth-serverless-format.ts";
import { withVariables } from "./url-variables.ts";

/** What `services.json` says, one entry per service, each by the schema and each beside its record of the catalogue. */

export interface ParsedServices {
  /** All keys that may stand there, also those of entries with faults. */
  keys: string[];
  valid: NamedEntry[];
  faults: Fault[];
}

export function parseServices(services: unknown, options: EndpointOptions): ParsedServices {
  if (!isObject(services)) return { keys: [], valid: [], faults: [notAnObject(servicesFile, '{ "Github": { … } }')] };

  const keys = Object.keys(services);
  const named = keys.filter((key) => faultOfKey(servicesFile, key) === undefined);
  const catalogue = loadCatalogue();
  const parsed = named.map((key) => parseEntry(key, services[key], catalogue, options));
  return {
    keys: named,
    valid: parsed.map(({ valid }) => valid).filter((valid) => valid !== undefined),
    faults: [
      ...keys.map((key) => faultOfKey(servicesFile, key)).filter((fault) => fault !== undefined),
      ...faultsOfCollidingKeys(servicesFile, named),
      ...parsed.flatMap(({ faults }) => faults),
    ],
  };
}

function parseEntry(
  key: string,
  value: unknown,
  catalogue: Map<string, ServiceRecord>,
  options: EndpointOptions,
): { valid?: NamedEntry; faults: Fault[] } {
  const path = pathOf(servicesFile, [key]);
  const entry = inTodaysWords(value);
  const inherited = faultsOfInheritedNames(path, entry);
  if (inherited.length > 0) return { faults: inherited };

  const schema = entrySchema(options);
  const result = schema.safeParse(entry);
  if (!result.success) return { faults: result.error.issues.flatMap((issue) => faultsOf(issue, key, schema.shape)) };

  const id = idOf(key);
  const { record, faults } = withVariables(key, catalogue.get(id), result.data);
  return faults.length > 0 ? { faults } : { valid: { key, id, entry: result.data, record }, faults };
}

/** One of zod's issues, in words. Values are never quoted: somebody may have put a secret into the wrong place. */
function faultsOf(issue: z.core.$ZodIssue, key: string, shape: Record<string, z.ZodType>): Fault[] {
  if (issue.code === "unrecognized_keys" && issue.path.length === 0) {
    return issue.keys.map((name) => faultOfUnknownKey(key, name, Object.keys(shape)));
  }
  const path = pathOf(servicesFile, [key, ...issue.path]);
  return [{ path, reason: reasonOf(issue), advice: adviceFor(issue.path[0], shape) }];
}

function faultOfUnknownKey(key: string, name: string, known: string[]): Fault {
  const path = pathOf(servicesFile, [key, name]);
  if (/secret/i.test(name)) {
    const advice = `Move it to ${secretsFile}: { ${JSON.stringify(key)}: { "client_secret": "…" } }.`;
    const reason = `${servicesFile} is public, so it must not hold a secret (replace this one if it was published)`;
    return { path, reason, advice };
  }
  const nearest = nearestOf(name, known);
  const advice = nearest ? `Did you mean "${nearest}"?` : `Delete it. The known keys are ${known.join(", ")}.`;
  return { path, reason: `"${name}" is not a known key`, advice };
}

function adviceFor(field: PropertyKey | undefined, shape: Record<string, z.ZodType>): string {
  const example = typeof field === "string" ? exampleOf(shape[field]) : undefined;
  if (example === undefined) return 'Write { "client_id": "…" }.';
  return `Write something like ${JSON.stringify(field)}: ${JSON.stringify(example)}.`;
}

function exampleOf(schema: unknown): unknown {
  const examples = schema instanceof z.ZodType ? schema.meta()?.examples : undefined;
  if (Array.isArray(examples)) return examples[0];
  return schema instanceof z.ZodOptional ? exampleOf(schema.unwrap()) : undefined;
}
