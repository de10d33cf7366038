import { FIRST_SERVICES } from "../../../catalogue/first-services.ts";
import { loadCatalogue } from "../../../catalogue/load.ts";
import { type EndpointOptions, entrySchema, type ServiceRecord } from "../../../catalogue/schema.ts";
import { type Issue, notAnObjectIssue, pathOf } from "../issues.ts";
import { schemaIssues } from "../schema-issues.ts";
import type { Entry, NamedEntry } from "../service/entry.ts";
import { convertOldEntry } from "./auth-serverless-format.ts";
import { servicesFile } from "./file-names.ts";
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
  if (!result.success)
    return { issues: result.error.issues.flatMap((issue) => schemaIssues(issue, servicesFile, [key], schema.shape)) };

  const id = idOf(key);
  const known = describesItself(id, result.data) ? undefined : catalogue.get(id);
  const { record, issues } = withVariables(key, known, result.data);
  return issues.length > 0 ? { issues } : { valid: { key, id, entry: result.data, record }, issues };
}

/**
 * Without the catalogue, an entry needs a token endpoint. So one that has it may be older than the record, and an update that
 * brings the record must not change it.
 */
function describesItself(id: string, { token_endpoint: tokenEndpoint, url }: Entry): boolean {
  return !FIRST_SERVICES.has(id) && (tokenEndpoint ?? url) !== undefined;
}
