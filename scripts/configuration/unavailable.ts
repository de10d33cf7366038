import { clientIdVariable, clientSecretVariable, readVariable } from "../../server/provider/environment.ts";
import { isKeyMaterial, isPlaceholder } from "../../server/provider/placeholder.ts";
import type { Environment } from "../../server/provider/provider.ts";
import type { Service } from "../../server/provider/service.ts";
import { SEALING_KEY_ADVICE } from "./environment.ts";
import { type Fault, pathOf } from "./issues.ts";
import { secretsFile, servicesFile } from "./files/file-names.ts";
import type { Secrets } from "./files/secrets-file.ts";
import type { NamedEntry } from "./service/entry.ts";

/** Why a service is not offered, or not to everybody: worth knowing, and no mistake. */

export function noticesOf(service: Service, named: NamedEntry, secrets: Secrets, env: Environment): Fault[] {
  return [
    noticeOfCredentials(service, named, secrets, env),
    noticeOfMissingAuthorizationEndpoint(service),
    noticeOfSpelling(service, named),
  ].filter((notice) => notice !== undefined);
}

function noticeOfCredentials(
  service: Service,
  { entry, record }: NamedEntry,
  secrets: Secrets,
  env: Environment,
): Fault | undefined {
  if (service.clientId === "") {
    const registration = entry.console_url ?? record?.console_url ?? "the service";
    const advice = `Register an OAuth app at ${registration}; write its client ID here, or set ${clientIdVariable(service.id)}.`;
    const path = pathOf(servicesFile, [service.key, "client_id"]);
    return { path, reason: "not configured yet, so not offered", advice };
  }
  if (service.tokenEndpointAuthMethod === "none") {
    return noticeOfSealingKey(`${service.name} has no secret to derive keys from`, env);
  }
  const variable = clientSecretVariable(service.id);
  const secret = readVariable(env, variable) || (secrets[service.id] ?? "");
  if (isKeyMaterial(secret)) return undefined;
  if (!isPlaceholder(secret))
    return noticeOfSealingKey(`${service.name}'s client secret is too short to derive keys from`, env);
  return {
    path: pathOf(secretsFile, [service.key, "client_secret"]),
    reason: `not offered unless ${variable} is set where the functions run`,
    advice: `Set ${variable}, or write the client secret into ${secretsFile} of a private repository.`,
  };
}

function noticeOfSealingKey(why: string, env: Environment): Fault | undefined {
  if (env.SEALING_KEY) return undefined;
  return { path: "SEALING_KEY", reason: `${why}: not offered unless SEALING_KEY is set`, advice: SEALING_KEY_ADVICE };
}

function noticeOfMissingAuthorizationEndpoint(service: Service): Fault | undefined {
  if (service.authorizationEndpoint !== undefined || service.madata) return undefined;
  return {
    path: pathOf(servicesFile, [service.key, "authorization_endpoint"]),
    reason: "only Madata's clients could use it",
    advice: 'Set "madata": true, or add "authorization_endpoint": "https://…".',
  };
}

/** Madata's clients look up their class name, letter by letter. */
function noticeOfSpelling(service: Service, { record }: NamedEntry): Fault | undefined {
  if (!service.madata || record === undefined || record.key === service.key) return undefined;
  return {
    path: pathOf(servicesFile, [service.key]),
    reason: `Madata's clients look for "${record.key}" and will not find "${service.key}"`,
    advice: `Rename "${service.key}" to "${record.key}".`,
  };
}
