import { readCredentials } from "../../server/provider/credentials.ts";
import type { Environment } from "../../server/provider/environment.ts";
import {
  clientIdVariable,
  clientSecretVariable,
  parseSealingKeys,
  previousSecretVariable,
  readVariable,
} from "../../server/provider/environment.ts";
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
    uselessPreviousSecret(service, env),
    missingApiKey(service, named),
    missingAuthorizationEndpoint(service),
    misspelledForMadata(service, named),
  ].filter((issue) => issue !== undefined);
}

/** Whether an entry is as the template has it: its owner may not want the service, or may set everything at the host. */
export function isUntouched({ id }: Service, { entry }: NamedEntry, secrets: Secrets, env: Environment): boolean {
  const isSet = readVariable(env, clientIdVariable(id)) !== "" || readVariable(env, clientSecretVariable(id)) !== "";
  return !isSet && secrets[id] === undefined && entry.client_id !== undefined && isPlaceholder(entry.client_id);
}

function missingCredentials(
  service: Service,
  named: NamedEntry,
  secrets: Secrets,
  env: Environment,
): Issue | undefined {
  const credentials = readCredentials(service, secrets[service.id], parseSealingKeys(env.SEALING_KEY ?? "").keys, env);
  if (!("missing" in credentials)) return undefined;
  switch (credentials.missing) {
    case "client ID":
      return missingClientId(service, named, env);
    // The build takes the client ID from the same places, so it is always built for this one.
    case "build for this client ID":
      return undefined;
    case "client secret":
      return missingClientSecret(service, env);
    case "sealing key":
      return missingSealingKey(service);
  }
}

function missingClientId({ id, key, name }: Service, { entry, record }: NamedEntry, env: Environment): Issue {
  const variable = clientIdVariable(id);
  if (readVariable(env, variable) !== "") return uselessVariable(variable, name, servicesFile);
  const registration = entry.console_url ?? record?.console_url ?? "the service";
  const advice = `Register an OAuth app at ${registration}. Write its client ID here, or set ${variable}.`;
  const path = pathOf(servicesFile, [key, "client_id"]);
  return { path, message: "is not configured yet, so the service is not offered", advice };
}

function missingClientSecret({ id, key, name }: Service, env: Environment): Issue {
  const variable = clientSecretVariable(id);
  if (readVariable(env, variable) !== "") return uselessVariable(variable, name, secretsFile);
  return {
    path: pathOf(secretsFile, [key, "client_secret"]),
    message: `is missing: the service is only offered where ${variable} is set`,
    advice: `Set ${variable}, or, in a private repository, write the client secret into ${secretsFile}.`,
  };
}

/** A variable takes precedence over the file, whatever its value. Values that are no placeholder are issues elsewhere. */
function uselessVariable(variable: string, name: string, file: string): Issue {
  return {
    path: variable,
    message: `is blank or a placeholder, so ${name} is not offered, whatever ${file} says`,
    advice: `Set it to the value that the service gave you, or delete the variable, so that ${file} counts.`,
  };
}

function missingSealingKey({ name, tokenEndpointAuthMethod }: Service): Issue {
  const why =
    tokenEndpointAuthMethod === "none"
      ? `${name} has no client secret to derive keys from`
      : `${name}'s client secret is too short to derive keys from`;
  const message = `${why}, so it is only offered with a SEALING_KEY`;
  return { path: "SEALING_KEY", message, advice: SEALING_KEY_ADVICE };
}

function uselessPreviousSecret({ id, tokenEndpointAuthMethod }: Service, env: Environment): Issue | undefined {
  const variable = previousSecretVariable(id);
  const value = readVariable(env, variable);
  if (value === "" || isKeyMaterial(value) || tokenEndpointAuthMethod === "none") return undefined;
  return {
    path: variable,
    message: "is blank, a placeholder or too short, so it opens nothing that was sealed before",
    advice: "Set it to the whole client secret from before, or delete the variable.",
  };
}

function missingApiKey({ key, apiKey }: Service, { entry }: NamedEntry): Issue | undefined {
  if (entry.api_key === undefined || apiKey !== undefined) return undefined;
  return {
    path: pathOf(servicesFile, [key, "api_key"]),
    message: "is blank or a placeholder, so apps get no API key",
    advice: 'Write the public API key that the service gave you, or delete "api_key".',
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
