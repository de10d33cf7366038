import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatIssues, type Issue } from "../scripts/configuration/issues.ts";
import { schemaIssues } from "../scripts/configuration/schema-issues.ts";
import { type ServiceRecord, serviceRecordSchema } from "./schema.ts";
import { exampleVariables, fillVariables } from "./variables.ts";

type RecordSchema = ReturnType<typeof serviceRecordSchema>;

const FOLDER = new URL("./services/", import.meta.url);

let catalogue: Map<string, ServiceRecord> | undefined;

/**
 * Reads the catalogue at build time: `github.json` is the record of the service `github`. Functions do not contain it, only
 * the configured services.
 *
 * URLs may contain variables, which only an owner can fill in (`fillVariables`).
 */
export function loadCatalogue(): Map<string, ServiceRecord> {
  catalogue ??= readRecords();
  return catalogue;
}

function readRecords(): Map<string, ServiceRecord> {
  const schema = serviceRecordSchema({ insecureLoopback: false });
  const files = readdirSync(fileURLToPath(FOLDER)).filter((file) => file.endsWith(".json"));
  return new Map(files.sort().map((file) => [file.slice(0, -".json".length), readRecord(file, schema)]));
}

function readRecord(file: string, schema: RecordSchema): ServiceRecord {
  const record = JSON.parse(readFileSync(fileURLToPath(new URL(file, FOLDER)), "utf8")) as ServiceRecord;
  const issues = recordIssues(file, record, schema);
  if (issues.length > 0) throw new Error(`The catalogue has a wrong record.\n\n${formatIssues(issues)}`);
  return record;
}

/** Checked with the examples filled in, because a URL with a variable in it is not valid. */
export function recordIssues(
  file: string,
  record: ServiceRecord,
  schema: RecordSchema = serviceRecordSchema({ insecureLoopback: false }),
): Issue[] {
  // Only well-formed variables can be filled in.
  const fillable = schema.shape.url_variables.safeParse(record.url_variables).success;
  const result = schema.safeParse(fillable ? fillVariables(record, exampleVariables(record)) : record);
  const issues = result.success ? [] : result.error.issues;
  return issues.flatMap((issue) => schemaIssues(issue, `catalogue/services/${file}`, [], schema.shape));
}
