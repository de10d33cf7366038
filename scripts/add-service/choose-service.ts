import { loadCatalogue } from "../../catalogue/load.ts";
import { registrationConditions } from "../../catalogue/registration.ts";
import type { ServiceRecord } from "../../catalogue/schema.ts";
import { idOf, resolveConfiguration } from "../configuration/configuration.ts";
import { CommandError } from "../terminal/command-error.ts";
import type { RunContext } from "./context.ts";
import type { OwnersFiles } from "./owners-files.ts";

/** The chosen service, before the owner's app there is known. */
export interface Choice {
  /** The canonical id, as in the redirect URI. */
  id: string;
  /** The spelling in `services.json`. */
  key: string;
  /** Whether `services.json` already has it. */
  existing: boolean;
  record: ServiceRecord | undefined;
}

const UNUSED_ENDPOINT = "https://service.invalid/";

export async function chooseService({ options, prompts, files }: RunContext): Promise<Choice> {
  if (options.service !== undefined) return findService(options.service, files);

  const id = await prompts!.pickService(listCatalogue());
  if (id !== undefined) return findService(id, files);
  const key = await prompts!.text({
    message: "What is the service called? This will be its name in services.json.",
    placeholder: "Example Forge",
    validate: (value) => (value === "" ? "is missing" : validateNewKey(value, files)),
  });
  return findService(key, files);
}

/**
 * Finds a service by any spelling of its name: `github`, `Github`, `GitHub`.
 *
 * @throws {CommandError} for a name that no service can have
 */
export function findService(name: string, { services }: OwnersFiles): Choice {
  const catalogue = loadCatalogue();
  const invalid = catalogue.has(idOf(name)) ? undefined : validateKey(name);
  if (invalid !== undefined) throw new CommandError(invalid);

  const byName = [...catalogue].find(([, record]) => record.name.toLowerCase() === name.toLowerCase());
  const id = catalogue.has(idOf(name)) ? idOf(name) : (byName?.[0] ?? idOf(name));
  const existingKey = Object.keys(services.value).find((key) => idOf(key) === id);
  const record = catalogue.get(id);
  return { id, key: existingKey ?? record?.key ?? name, existing: existingKey !== undefined, record };
}

/** A service as the list shows it, with what a search looks at besides its name. */
export interface ListedService {
  id: string;
  name: string;
  /** What stands in the way of using it. */
  hint: string;
  /** Other words that people search for. */
  words: string;
}

export function listCatalogue(): ListedService[] {
  const services = [...loadCatalogue()].map(([id, record]) => ({
    id,
    name: record.name,
    hint: registrationConditions(record).join(" "),
    words: [record.key, ...hostsOf(record)].join(" "),
  }));
  return services.sort((one, other) => one.name.localeCompare(other.name, "en"));
}

/** People may remember the address of a service better than its name. Documentation is often at another service. */
function hostsOf({ authorization_endpoint, console_url }: ServiceRecord): string[] {
  return [authorization_endpoint, console_url].map((url) => url.split("/")[2] ?? "");
}

/** Validates the name of a service that is in neither the catalogue nor `services.json`. */
function validateNewKey(key: string, files: OwnersFiles): string | undefined {
  const known = loadCatalogue().get(idOf(key));
  if (known) return `${known.name} is in the catalogue: choose it from the list.`;
  const existingKey = Object.keys(files.services.value).find((other) => idOf(other) === idOf(key));
  if (existingKey === undefined) return validateKey(key);
  return `services.json already has "${existingKey}". To change it, run: npm run add-service -- ${JSON.stringify(existingKey)}`;
}

/** Applies only the build's rules about names. */
function validateKey(key: string): string | undefined {
  const services = { [key]: { authorization_endpoint: UNUSED_ENDPOINT, token_endpoint: UNUSED_ENDPOINT } };
  const sources = { services, secrets: undefined, env: {}, production: true, localDevelopment: false };
  const [issue] = resolveConfiguration(sources).issues;
  return issue && `${JSON.stringify(key)}: ${issue.message}. ${issue.advice}`;
}
