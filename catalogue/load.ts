import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type ServiceRecord, serviceRecordSchema } from "./schema.ts";
import { exampleVariables, fillVariables } from "./variables.ts";

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

/** Checked with the examples filled in, because a URL with a variable in it is not valid. */
function readRecord(file: string, schema: ReturnType<typeof serviceRecordSchema>): ServiceRecord {
  const record = JSON.parse(readFileSync(fileURLToPath(new URL(file, FOLDER)), "utf8")) as ServiceRecord;
  const result = schema.safeParse(fillVariables(record, exampleVariables(record)));
  if (!result.success) throw new Error(`The catalogue's ${file} is wrong:\n${z.prettifyError(result.error)}`);
  return record;
}
