import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type ServiceRecord, serviceRecordSchema } from "./schema.ts";
import { exampleVariables, fillVariables } from "./variables.ts";

const folder = new URL("./services/", import.meta.url);

let catalogue: Map<string, ServiceRecord> | undefined;

/**
 * The catalogue, from its folder, at build time: `github.json` is the record of the service `github`. Functions never
 * carry it: what they need of the configured services is written into them by the build.
 *
 * URLs may hold variables, which only an owner can fill in (`fillVariables`).
 */
export function loadCatalogue(): Map<string, ServiceRecord> {
  catalogue ??= readRecords();
  return catalogue;
}

function readRecords(): Map<string, ServiceRecord> {
  const schema = serviceRecordSchema({ insecureLoopback: false });
  const files = readdirSync(fileURLToPath(folder)).filter((file) => file.endsWith(".json"));
  return new Map(files.sort().map((file) => [file.slice(0, -".json".length), readRecord(file, schema)]));
}

/** Checked as it is with the examples filled in: a URL with a hole in it is none. */
function readRecord(file: string, schema: ReturnType<typeof serviceRecordSchema>): ServiceRecord {
  const record = JSON.parse(readFileSync(fileURLToPath(new URL(file, folder)), "utf8")) as ServiceRecord;
  const result = schema.safeParse(fillVariables(record, exampleVariables(record)));
  if (!result.success) throw new Error(`The catalogue's ${file} is wrong:\n${z.prettifyError(result.error)}`);
  return record;
}
