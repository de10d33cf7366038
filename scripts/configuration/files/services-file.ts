import { z } from "zod";
import { loadCatalogue } from "../../../catalogue/load.ts";
import { type EndpointOptions, entrySchema, type ServiceRecord } from "../../../catalogue/schema.ts";
import { describeSchemaIssue, type Issue, notAnObjectIssue, pathOf } from "../issues.ts";
import { findNearest } from "../nearest.ts";
import type { NamedEntry } from "../service/entry.ts";
import { convertOldEntry } from "./auth-serverless-format.ts";
import { secretsFile, servicesFile } from "./file-names.ts";
import { isObject } from "./json-file.ts";
import { collidingKeyIssues, idOf, inheritedNameIssues, keyIssue } from "./keys.ts";
import { withVariables } from "./url-variables.ts";

/** Reads `services.json`: checks each entry by the schema, and finds its record in the catalogue. */

export interface ParsedServices {
  /** All usable keys, including those of entries with issues. */
  keys: string[];
  valid: NamedEntry[];
  issues: Issue[];
}

export function parseServices(services: unknown, options: EndpointOptions): ParsedServices {
  if (!isObject(services))
    return { keys: [], valid: [], issues: [notAnObjectIssue(servicesFile, '{ "Github": { … } }')] };

  const keys = Object.keys(services);
  const named = keys.filter((key) => keyIssue(servicesFile, key) === undefined);
  const catalogue = loadCatalogue();
  const parsed = named.map((key) => parseEntry(key, services[key], catalogue, options));
  return {
    keys: named,
    valid: parsed.map(({ valid }) => valid).filter((valid) => valid !== undefined),
    issues: [
      ...keys.map((key) => keyIssue(servicesFile, key)).filter((issue) => issue !== undefined),
      ...collidingKeyIssues(servicesFile, named),
      ...parsed.flatMap(({ issues }) => issues),
    ],
  };
}

function parseEntry(
  key: string,
  value: unknown,
  catalogue: Map<string, ServiceRecord>,
  options: EndpointOptions,
): { valid?: NamedEntry; issues: Issue[] } {
  const path = pathOf(servicesFile, [key]);
  const entry = convertOldEntry(value);
  const inherited = inheritedNameIssues(path, entry);
  if (inherited.length > 0) return { issues: inherited };

  const schema = entrySchema(options);
  const result = schema.safeParse(entry);
  if (!result.success) return { issues: result.error.issues.flatMap((issue) => entryIssues(issue, key, schema.shape)) };

  const id = idOf(key);
  const { record, issues } = withVariables(key, catalogue.get(id), result.data);
  return issues.length > 0 ? { issues } : { valid: { key, id, entry: result.data, record }, issues };
}

/** Describes one of zod's issues. Values are never quoted, because somebody may have put a secret in the wrong place. */
function entryIssues(issue: z.core.$ZodIssue, key: string, shape: Record<string, z.ZodType>): Issue[] {
  if (issue.code === "unrecognized_keys" && issue.path.length === 0) {
    return issue.keys.map((name) => unknownKeyIssue(key, name, Object.keys(shape)));
  }
  const path = pathOf(servicesFile, [key, ...issue.path]);
  return [{ path, message: describeSchemaIssue(issue), advice: fieldAdvice(issue.path[0], shape) }];
}

function unknownKeyIssue(key: string, name: string, known: string[]): Issue {
  const path = pathOf(servicesFile, [key, name]);
  if (/secret/i.test(name)) {
    const advice = `Move it to ${secretsFile}: { ${JSON.stringify(key)}: { "client_secret": "…" } }.`;
    const message = `${servicesFile} is public, so it must not contain a secret (replace this one if it was published)`;
    return { path, message, advice };
  }
  const nearest = findNearest(name, known);
  const advice = nearest ? `Did you mean "${nearest}"?` : `Delete it. The known keys are ${known.join(", ")}.`;
  return { path, message: `"${name}" is not a known key`, advice };
}

function fieldAdvice(field: PropertyKey | undefined, shape: Record<string, z.ZodType>): string {
  const example = typeof field === "string" ? exampleOf(shape[field]) : undefined;
  if (example === undefined) return 'Write { "client_id": "…" }.';
  return `Write something like ${JSON.stringify(field)}: ${JSON.stringify(example)}.`;
}

function exampleOf(schema: unknown): unknown {
  const examples = schema instanceof z.ZodType ? schema.meta()?.examples : undefined;
  if (Array.isArray(examples)) return examples[0];
  return schema instanceof z.ZodOptional ? exampleOf(schema.unwrap()) : undefined;
}
