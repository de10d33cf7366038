import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../../server/provider/environment.ts";
import { formatIssues, readConfiguration } from "../configuration/configuration.ts";
import { secretsFile, servicesFile } from "../configuration/files/file-names.ts";
import { isObject } from "../configuration/files/json-file.ts";
import { withoutByteOrderMark } from "../json/edit-json.ts";
import { CommandError } from "../terminal/command-error.ts";

/** The two files before the change. */
export interface OwnersFiles {
  services: OwnersFile;
  /** Its text is `undefined` if there is no file yet. */
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

  const { issues } = await readConfiguration({ directory, env });
  throw new CommandError(formatIssues(issues.filter(({ path }) => [servicesFile, secretsFile].includes(path))));
}

/** @returns `undefined` if the file is invalid */
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

/** Whether the file has changed since it was read. */
export async function hasChanged({ file, text }: OwnersFile): Promise<boolean> {
  return (await readText(file)) !== text;
}

/** @returns `undefined` if there is no file */
function readText(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? undefined : ""));
}

/** The current entry of a service in `services.json`. */
export function ownersEntry(key: string, { services }: OwnersFiles): Record<string, unknown> {
  const entry = Object.hasOwn(services.value, key) ? services.value[key] : undefined;
  return isObject(entry) ? entry : {};
}
