import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../../server/provider/provider.ts";
import { formatFaults, readConfiguration } from "../configuration/configuration.ts";
import { secretsFile, servicesFile } from "../configuration/files/file-names.ts";
import { isObject } from "../configuration/files/json-file.ts";
import { withoutByteOrderMark } from "../json/edit-json.ts";
import { Refusal } from "../terminal/console.ts";

/** The two files as they are before the change. */
export interface OwnersFiles {
  services: OwnersFile;
  /** Without text: there is none yet. */
  secrets: OwnersFile;
}

export interface OwnersFile {
  file: string;
  text: string | undefined;
  value: Record<string, unknown>;
}

export async function readOwnersFiles(directory: string, env: Environment): Promise<OwnersFiles> {
  const services = await readOwnersFile(join(directory, servicesFile));
  const secrets = await readOwnersFile(join(directory, secretsFile));
  if (services?.text !== undefined && secrets) return { services, secrets };

  const { faults } = await readConfiguration({ directory, env });
  throw new Refusal(formatFaults(faults.filter(({ path }) => [servicesFile, secretsFile].includes(path))));
}

/** `undefined`: broken. */
async function readOwnersFile(file: string): Promise<OwnersFile | undefined> {
  const text = await readText(file);
  if (text === undefined) return { file, text, value: {} };
  try {
    const value: unknown = JSON.parse(withoutByteOrderMark(text));
    return isObject(value) ? { file, text, value } : undefined;
  } catch {
    return undefined;
  }
}

/** Somebody else wrote it since it was read. */
export async function hasChanged({ file, text }: OwnersFile): Promise<boolean> {
  return (await readText(file)) !== text;
}

/** `undefined`: there is none. */
function readText(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? undefined : ""));
}

/** What `services.json` says about a service so far. */
export function ownersEntry(key: string, { services }: OwnersFiles): Record<string, unknown> {
  const entry = Object.hasOwn(services.value, key) ? services.value[key] : undefined;
  return isObject(entry) ? entry : {};
}
