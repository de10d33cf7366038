import type { Environment } from "../../server/provider/environment.ts";
import { clientIdVariable, clientSecretVariable, readVariable } from "../../server/provider/environment.ts";
import { isKeyMaterial, isPlaceholder } from "../../server/provider/placeholder.ts";
import type { Service } from "../../server/provider/service.ts";
import { SEALING_KEY_ADVICE } from "./environment.ts";
import { secretsFile, servicesFile } from "./files/file-names.ts";
import type { Secrets } from "./files/secrets-file.ts";
import { type Issue, pathOf } from "./issues.ts";
import type { NamedEntry } from "./service/entry.ts";

/** Services that are valid but not offered, or not to every app: credentials may still be missing, or set elsewhere. */

export function findUnavailable(service: Service, named: NamedEntry, secrets: Secrets, env: Environment): Issue[] {
  return [
    missingCredentials(service, named, secrets, env),
    missingAuthorizationEndpoint(service),
    misspelledForMadata(service, named),
  ].filter((issue) => issue !== undefined);
}

function missingCredentials(
  service: Service,
  { entry, record }: NamedEntry,
  secrets: Secrets,
  env: Environment,
): Issue | undefined {
  if (service.clientId === "") {
    const registration = entry.console_url ?? record?.console_url ?? "the service";
    const advice = `Register an OAuth app at ${registration}. Write its client ID here, or set ${clientIdVariable(service.id)}.`;
    const path = pathOf(servicesFile, [service.key, "client_id"]);
    return { path, message: "is not configured yet, so the service is not offered", advice };
  }
  if (service.tokenEndpointAuthMethod === "none") {
    return missingSealingKey(`${service.name} has no client secret to derive keys from`, env);
  }
  const variable = clientSecretVariable(service.id);
  const secret = readVariable(env, variable) || (secrets[service.id] ?? "");
  if (isKeyMaterial(secret)) return undefined;
  if (!isPlaceholder(secret))
    return missingSealingKey(`${service.name}'s client secret is too short to derive keys from`, env);
  return {
    path: pathOf(secretsFile, [service.key, "client_secret"]),
    message: `is missing: the service is only offered where ${variable} is set`,
    advice: `Set ${variable}, or, in a private repository, write the client secret into ${secretsFile}.`,
  };
}

function missingSealingKey(why: string, env: Environment): Issue | undefined {
  if (env.SEALING_KEY) return undefined;
  return {
    path: "SEALING_KEY",
    message: `${why}, so it is only offered with a SEALING_KEY`,
    advice: SEALING_KEY_ADVICE,
  };
}

function missingAuthorizationEndpoint(service: Service): Issue | undefined {
  if (service.authorizationEndpoint !== undefined || service.madata) return undefined;
  return {
    path: pathOf(servicesFile, [service.key, "authorization_endpoint"]),
    message: "is missing, so only Madata's clients could use the service",
    advice: 'Set "madata": true, or add "authorization_endpoint": "https://…".',
  };
}

/** Madata's clients look up the exact name of their class. */
function misspelledForMadata(service: Service, { record }: NamedEntry): Issue | undefined {
  if (!service.madata || record === undefined || record.key === service.key) return undefined;
  return {
    path: pathOf(servicesFile, [service.key]),
    message: `Madata's clients look for "${record.key}" and will not find "${service.key}"`,
    advice: `Rename "${service.key}" to "${record.key}".`,
  };
}
