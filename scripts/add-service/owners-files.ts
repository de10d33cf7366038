import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../../server/provider/environment.ts";
import { formatIssues, readConfiguration } from "../configuration/configuration.ts";
import { secretsFile, servicesFile } from "../configuration/files/file-names.ts";
import { isObject, readJson } from "../configuration/files/json-file.ts";
import { readText } from "../files/text-file.ts";
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
  const services = await readOwnersFile(directory, servicesFile);
  const secrets = await readOwnersFile(directory, secretsFile);
  if (services?.text !== undefined && secrets) return { services, secrets };

  const { issues } = await readConfiguration({ directory, env });
  throw new CommandError(formatIssues(issues.filter(({ path }) => [servicesFile, secretsFile].includes(path))));
}

/** @returns `undefined` if the file is invalid */
async function readOwnersFile(directory: string, name: string): Promise<OwnersFile | undefined> {
  const { value, issues } = await readJson(directory, name, { optional: true });
  const file = join(directory, name);
  if (issues.length > 0) return undefined;
  if (value === undefined) return { file, text: undefined, value: {} };
  return isObject(value) ? { file, text: await readText(directory, name), value } : undefined;
}

/** Whether the file has changed since it was read. */
export async function hasChanged({ file, text }: OwnersFile): Promise<boolean> {
  const now = await readFile(file, "utf8").catch(({ code }: NodeJS.ErrnoException) =>
    code === "ENOENT" ? undefined : "",
  );
  return now !== text;
}

/** The current entry of a service in `services.json`. */
export function ownersEntry(key: string, { services }: OwnersFiles): Record<string, unknown> {
  const entry = Object.hasOwn(services.value, key) ? services.value[key] : undefined;
  return isObject(entry) ? entry : {};
}
