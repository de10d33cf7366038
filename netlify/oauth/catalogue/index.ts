import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { serviceRecordSchema, type ServiceRecord } from "./schema.ts";

const folder = new URL("./", import.meta.url);

/** Reads the catalogue from its folder, at build time: `github.json` is the record of the service `github`. */
export function loadCatalogue(): Map<string, ServiceRecord> {
  const files = readdirSync(fileURLToPath(folder)).filter((file) => file.endsWith(".json"));
  return new Map(files.sort().map((file) => [file.slice(0, -".json".length), loadRecord(file)]));
}

function loadRecord(file: string): ServiceRecord {
  const text = readFileSync(fileURLToPath(new URL(file, folder)), "utf8");
  const result = serviceRecordSchema({ insecureLoopback: false }).safeParse(JSON.parse(text));
  if (!result.success) throw new Error(`The catalogue's ${file} is wrong:\n${z.prettifyError(result.error)}`);
  return result.data;
}
