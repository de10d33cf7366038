import { loadCatalogue } from "../../catalogue/load.ts";
import type { ServiceRecord } from "../../catalogue/schema.ts";
import { idOf, resolveConfiguration } from "../configuration/configuration.ts";
import { Refusal } from "../terminal/console.ts";
import type { OwnersFiles } from "./owners-files.ts";
import type { Session } from "./context.ts";

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

const ENDPOINT_OF_NOBODY = "https://service.invalid/";

export async function chooseService({ options, prompts, files }: Session): Promise<Choice> {
  if (options.service !== undefined) return findService(options.service, files);

  const id = await prompts!.pickService(listCatalogue());
  if (id !== undefined) return findService(id, files);
  const key = await prompts!.text({
    message: "What is the service called? This becomes its name in services.json.",
    placeholder: "Example Forge",
    validate: (value) => (value === "" ? "is missing" : faultOfNewKey(value, files)),
  });
  return findService(key, files);
}

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
function faultOfNewKey(key: string, files: OwnersFiles): string | undefined {
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
