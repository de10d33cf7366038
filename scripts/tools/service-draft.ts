/**
 * The service that `npm run add-service` is about to add: what `services.json` and `.secret.json` would say, checked by
 * the very rules of the build, before anything is written.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { loadCatalogue } from "../../netlify/oauth/catalogue/index.ts";
import { entrySchema, type ServiceRecord } from "../../netlify/oauth/catalogue/schema.ts";
import { isPlaceholder, MIN_SECRET_CHARACTERS } from "../../netlify/oauth/placeholder.ts";
import type { Service } from "../../netlify/oauth/service.ts";
import { formatFaults, idOf, readConfiguration, resolveConfiguration, type Fault } from "./configuration.ts";
import { setJsonValue, withoutByteOrderMark, type JsonValue } from "./edit-json.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Why nothing was done, in words for the owner. */
export class Refusal extends Error {}

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

/** Which service, before anything is known about the owner's app there. */
export interface Choice {
  /** Canonical, as in the redirect URI. */
  id: string;
  /** The spelling in `services.json`. */
  key: string;
  /** It stands in `services.json` already. */
  existing: boolean;
  record: ServiceRecord | undefined;
}

export type Fields = Record<string, JsonValue>;

export interface Draft extends Choice {
  fields: Fields;
  service: Service;
  /** Of both files, after the change. */
  servicesText: string;
  secretsText: string | undefined;
}

const ENDPOINT_OF_NOBODY = "https://service.invalid/";

/** Endpoints on this computer are for tests of the project itself. */
const FIELDS = entrySchema({ insecureLoopback: false }).shape;

export async function readOwnersFiles(directory: string, env: Environment): Promise<OwnersFiles> {
  const services = await readOwnersFile(join(directory, "services.json"));
  const secrets = await readOwnersFile(join(directory, ".secret.json"));
  if (services?.text !== undefined && secrets) return { services, secrets };

  const { faults } = await readConfiguration({ directory, env });
  throw new Refusal(formatFaults(faults.filter(({ path }) => ["services.json", ".secret.json"].includes(path))));
}

/** `undefined`: broken. */
async function readOwnersFile(file: string): Promise<OwnersFile | undefined> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) =>
    error.code === "ENOENT" ? undefined : "",
  );
  if (text === undefined) return { file, text, value: {} };
  try {
    const value: unknown = JSON.parse(withoutByteOrderMark(text));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? { file, text, value: value as Record<string, unknown> } : undefined;
  } catch {
    return undefined;
  }
}

// ------------------------------------------------------------------------------------------------------ which service

/**
 * Finds a service by whatever people call it: `github`, `Github`, `GitHub`.
 *
 * @throws {Refusal} for a name that no service can have
 */
export function findService(name: string, { services }: OwnersFiles): Choice {
  const catalogue = loadCatalogue();
  const fault = catalogue.has(idOf(name)) ? undefined : faultOfKey(name);
  if (fault !== undefined) throw new Refusal(fault);

  const byName = [...catalogue].find(([, record]) => record.name.toLowerCase() === name.toLowerCase());
  const id = catalogue.has(idOf(name)) ? idOf(name) : (byName?.[0] ?? idOf(name));
  const existingKey = Object.keys(services.value).find((key) => idOf(key) === id);
  const record = catalogue.get(id);
  return { id, key: existingKey ?? record?.key ?? name, existing: existingKey !== undefined, record };
}

export function listCatalogue(): { id: string; name: string }[] {
  const services = [...loadCatalogue()].map(([id, { name }]) => ({ id, name }));
  return services.sort((one, other) => one.name.localeCompare(other.name, "en"));
}

/** For the key of a service that nobody knows yet. */
export function faultOfNewKey(key: string, files: OwnersFiles): string | undefined {
  const known = loadCatalogue().get(idOf(key));
  if (known) return `The catalogue knows ${known.name}: choose it from the list.`;
  const existingKey = Object.keys(files.services.value).find((other) => idOf(other) === idOf(key));
  if (existingKey === undefined) return faultOfKey(key);
  return `services.json has "${existingKey}" already: npm run add-service -- ${JSON.stringify(existingKey)}`;
}

/** The build's own rules about names, asked about nothing else. */
function faultOfKey(key: string): string | undefined {
  const services = { [key]: { authorization_endpoint: ENDPOINT_OF_NOBODY, token_endpoint: ENDPOINT_OF_NOBODY } };
  const sources = { services, secrets: undefined, env: {}, production: true, localDevelopment: false };
  const [fault] = resolveConfiguration(sources).faults;
  return fault && `${JSON.stringify(key)}: ${fault.reason}. ${fault.advice}`;
}

// ---------------------------------------------------------------------------------------------------- what is typed in

/** One field of `services.json`, by the schema's own words. */
export function faultOfField(field: string, value: JsonValue): string | undefined {
  const schema = Object.hasOwn(FIELDS, field) ? (FIELDS as Record<string, z.ZodType>)[field] : undefined;
  if (!schema) return "is not a known key";
  const result = schema.safeParse(value);
  return result.success ? undefined : result.error.issues[0]!.message.replace(/^Invalid (input|option): /, "");
}

export function faultOfClientId(value: string): string | undefined {
  if (value === "") return "is missing";
  if (value !== value.trim()) return "has spaces around it: copy it again";
  if (isPlaceholder(value)) return "is a placeholder: copy the client ID that the service gave you";
  return faultOfField("client_id", value);
}

export function faultOfSecret(value: string): string | undefined {
  if (value === "") return "is missing";
  if (value !== value.trim() || /[\u0000-\u001F\u007F]/.test(value))
    return "has spaces or line breaks in it: copy it again";
  if (isPlaceholder(value)) return "is a placeholder: copy the client secret that the service gave you";
  if (value.length >= MIN_SECRET_CHARACTERS) return undefined;
  return `is shorter than ${MIN_SECRET_CHARACTERS} characters, so it is cut off or can be guessed: copy all of it`;
}

// ---------------------------------------------------------------------------------------------------------- the change

/**
 * The service as far as it is known before anybody was asked for its values. What is wrong with the old values is no
 * hindrance: they are about to be replaced.
 *
 * @throws {Refusal} with every other fault that the build would find
 */
export function describeDraft(
  choice: Choice,
  fields: Fields,
  { files, env }: { files: OwnersFiles; env: Environment },
): Draft {
  const withoutSecrets = { ...files, secrets: { ...files.secrets, text: undefined } };
  return { ...draftService(choice, { ...fields, client_id: "" }, { files: withoutSecrets, env }), fields };
}

/**
 * What the files would be, and what that comes to.
 *
 * @param secret for `.secret.json`; `undefined`: that file stays as it is
 * @throws {Refusal} with every fault that the build would find
 */
export function draftService(
  choice: Choice,
  fields: Fields,
  { files, secret, env }: { files: OwnersFiles; secret?: string | undefined; env: Environment },
): Draft {
  const { services, secrets } = files;
  const changes = Object.entries(fields).map(([field, value]): [string[], JsonValue] => [[choice.key, field], value]);
  const servicesText = setAll("services.json", services.text!, changes);
  const secretsText =
    secret === undefined
      ? secrets.text
      : setAll(".secret.json", secrets.text ?? "", [[[secretKey(choice, files), "client_secret"], secret]]);
  const report = resolveConfiguration({
    services: JSON.parse(withoutByteOrderMark(servicesText)),
    secrets: secretsText === undefined ? undefined : JSON.parse(withoutByteOrderMark(secretsText)),
    env,
    production: true,
    localDevelopment: false,
  });
  if (report.faults.length > 0) throw new Refusal(refusalOf(report.faults));

  const service = report.configuration.services.find(({ key }) => key === choice.key);
  if (!service) throw new Refusal(`services.json → ${choice.key} is not understood.`);
  return { ...choice, fields, service, servicesText, secretsText };
}

function setAll(file: string, text: string, changes: [string[], JsonValue][]): string {
  try {
    return changes.reduce((edited, [path, value]) => setJsonValue(edited, path, value), text);
  } catch (error) {
    throw new Refusal(
      `${file} → ${changes[0]![0][0]}: ${(error as Error).message} Correct it by hand; nothing was written.`,
    );
  }
}

/** The owner may spell a service differently in the two files. */
function secretKey({ id, key }: Choice, { secrets }: OwnersFiles): string {
  return Object.keys(secrets.value).find((name) => idOf(name) === id) ?? key;
}

function refusalOf(faults: Fault[]): string {
  return `Nothing was written: the build would refuse this.\n\n${formatFaults(faults)}`;
}
