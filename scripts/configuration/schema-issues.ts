import { z } from "zod";
import { secretsFile } from "./files/file-names.ts";
import { describeSchemaIssue, type Issue, pathOf } from "./issues.ts";
import { findNearest } from "./nearest.ts";

/** What the schema refuses in a service's entry or record: the field, the reason, and what to write instead. */

type Shape = Record<string, z.ZodType>;

/**
 * Values are never quoted, because somebody may have put a secret in the wrong place.
 *
 * @param keys where the entry or record is in the file
 */
export function schemaIssues(issue: z.core.$ZodIssue, file: string, keys: string[], shape: Shape): Issue[] {
  if (issue.code === "unrecognized_keys" && issue.path.length === 0) {
    return issue.keys.map((name) => unknownKeyIssue(name, file, keys, Object.keys(shape)));
  }
  const path = pathOf(file, [...keys, ...issue.path]);
  return [{ path, message: describeSchemaIssue(issue), advice: fieldAdvice(issue.path[0], shape) }];
}

function unknownKeyIssue(name: string, file: string, keys: string[], known: string[]): Issue {
  const path = pathOf(file, [...keys, name]);
  if (/secret/i.test(name)) {
    const advice = `Move it to ${secretsFile}: { ${JSON.stringify(keys[0] ?? "Github")}: { "client_secret": "…" } }.`;
    const message = `${file} is public, so it must not contain a secret (replace this one if it was published)`;
    return { path, message, advice };
  }
  const nearest = findNearest(name, known);
  const advice = nearest ? `Did you mean "${nearest}"?` : `Delete it. The known keys are ${known.join(", ")}.`;
  return { path, message: `"${name}" is not a known key`, advice };
}

function fieldAdvice(field: PropertyKey | undefined, shape: Shape): string {
  const example = typeof field === "string" ? exampleOf(shape[field]) : undefined;
  if (example === undefined) return 'Write { "client_id": "…" }.';
  return `Write something like ${JSON.stringify(field)}: ${JSON.stringify(example)}.`;
}

function exampleOf(schema: unknown): unknown {
  const examples = schema instanceof z.ZodType ? schema.meta()?.examples : undefined;
  if (Array.isArray(examples)) return examples[0];
  return schema instanceof z.ZodOptional ? exampleOf(schema.unwrap()) : undefined;
}
