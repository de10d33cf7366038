import { faultOfPublicValue } from "../../catalogue/schema.ts";
import {
  clientIdVariable,
  clientSecretVariable,
  parseProviderOrigin,
  parseSealingKeys,
  parseSwitch,
  previousSecretVariable,
  readVariable,
  SEALING_KEY_RULE,
} from "../../server/provider/environment.ts";
import { isPlaceholder } from "../../server/provider/placeholder.ts";
import type { Environment } from "../../server/provider/provider.ts";
import { parseAllowedApps } from "../../shared/app-url.ts";
import type { Fault } from "./issues.ts";
import { faultOfClientSecret, HOW_TO_MEND_A_SECRET } from "./service/client-secret.ts";

/** What may be wrong with the provider's own environment variables. */

export const SEALING_KEY_ADVICE = 'Set it to what "openssl rand -base64 48" prints.';

/** @param ids of the services that are configured */
export function faultsOfEnvironment(env: Environment, ids: string[]): Fault[] {
  return [
    ...faultsOfSealingKey(env.SEALING_KEY),
    ...faultsOfAllowedApps(env),
    ...faultsOfLoopbackSwitch(env),
    ...ids.flatMap((id) => [...faultsOfClientIdVariable(id, env), ...faultsOfSecrets(id, env)]),
  ];
}

/** The keys themselves are never repeated. */
function faultsOfSealingKey(value = ""): Fault[] {
  const { keys, weak } = parseSealingKeys(value);
  if (!weak) return [];
  const reason = keys.length === 0 ? "holds no key" : `has a key that could be guessed: ${SEALING_KEY_RULE}`;
  return [{ path: "SEALING_KEY", reason, advice: SEALING_KEY_ADVICE }];
}

function faultsOfAllowedApps(env: Environment): Fault[] {
  return parseAllowedApps(env.ALLOWED_APPS ?? "").faults.map((fault) => {
    const [reason = fault, advice = ""] = fault.split(/(?<=\.) (?=Write )/);
    return { path: "ALLOWED_APPS", reason, advice };
  });
}

/** Anything but `false` leaves the door open, so a misspelled `False` must not pass silently [A50]. */
function faultsOfLoopbackSwitch(env: Environment): Fault[] {
  if (parseSwitch(env.ALLOW_LOOPBACK ?? "") !== undefined) return [];
  return [{ path: "ALLOW_LOOPBACK", reason: "is neither true nor false", advice: "Set it to true or false." }];
}

function faultsOfClientIdVariable(id: string, env: Environment): Fault[] {
  const path = clientIdVariable(id);
  const reason = faultOfPublicValue(readVariable(env, path));
  return reason === undefined ? [] : [{ path, reason, advice: "Copy the client ID again, from the service." }];
}

/** A placeholder is no mistake: the service is not offered then, which is a notice. */
function faultsOfSecrets(id: string, env: Environment): Fault[] {
  const variables = [clientSecretVariable(id), previousSecretVariable(id)];
  return variables.flatMap((variable) => {
    const value = readVariable(env, variable);
    const reason = isPlaceholder(value) ? undefined : faultOfClientSecret(value);
    return reason === undefined ? [] : [{ path: variable, reason, advice: HOW_TO_MEND_A_SECRET }];
  });
}

interface Build {
  env: Environment;
  production: boolean;
  localDevelopment: boolean;
}

export function faultsOfBuild({ env, production, localDevelopment }: Build): Fault[] {
  if (!production) return [];
  if (!localDevelopment) return faultsOfUrl(readVariable(env, "URL"));
  const reason = "a production build must not carry the mark of local development, which accepts plain http";
  return [{ path: "CONTEXT", reason, advice: "Build with either CONTEXT=production or local development." }];
}

/** Netlify sets it to the site's primary domain, with http as long as that has no certificate. On other hosts it may come later. */
function faultsOfUrl(value: string): Fault[] {
  if (value === "" || parseProviderOrigin(value) !== undefined) return [];
  if (!/^http:/i.test(value)) {
    const advice = "Set it to the provider's address, without a slash or a path at its end.";
    return [{ path: "URL", reason: "is not an address like https://auth.example.com", advice }];
  }
  const reason =
    "begins with http, so the provider would answer nobody: the site's primary domain has no certificate yet";
  const advice = "At Netlify, look at Domain management → HTTPS. Once the certificate is there, deploy again.";
  return [{ path: "URL", reason, advice }];
}
