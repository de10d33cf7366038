import { loadCatalogue } from "../../catalogue/load.ts";
import { issueWithPublicValue } from "../../catalogue/schema.ts";
import type { Environment } from "../../server/provider/environment.ts";
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
import { parseSigningKeys } from "../../server/provider/signing-key.ts";
import { parseAllowedApps } from "../../shared/app-url.ts";
import { secretsFile, servicesFile } from "./files/file-names.ts";
import { idOf } from "./files/keys.ts";
import { signingKeyMember } from "./files/signing-key-member.ts";
import { type Issue, pathOf } from "./issues.ts";
import { CLIENT_SECRET_ADVICE, validateClientSecret } from "./service/client-secret.ts";

/** Checks the provider's own environment variables. */

export const SEALING_KEY_ADVICE = 'Set it to what "openssl rand -base64 48" prints.';

/** @param ids of the services that are configured */
export function environmentIssues(env: Environment, ids: string[]): Issue[] {
  return [
    ...sealingKeyIssues(env.SEALING_KEY),
    ...allowedAppsIssues(env),
    ...switchIssues("ALLOW_LOOPBACK", env),
    ...switchIssues("ALLOW_TRY", env),
    ...ids.flatMap((id) => [...clientIdIssues(id, env), ...clientSecretIssues(id, env)]),
  ];
}

export const SIGNING_KEY_ADVICE =
  'Make a key with npm run add-key. (Elsewhere than here and at Netlify: "npm run add-key -- --print" shows one.)';

/** @param fromFile what `.secret.json` says. The variable wins, but both must be usable */
export function signingKeyIssues(env: Environment, fromFile: string): Issue[] {
  const places = [
    { path: "SIGNING_KEY", value: readVariable(env, "SIGNING_KEY") },
    { path: pathOf(secretsFile, [signingKeyMember]), value: fromFile },
  ];
  // The messages never repeat a key.
  return places.flatMap(({ path, value }) =>
    parseSigningKeys(value).issues.map((message) => ({ path, message, advice: SIGNING_KEY_ADVICE })),
  );
}

/** The message never repeats a key. */
function sealingKeyIssues(value = ""): Issue[] {
  const { keys, weak } = parseSealingKeys(value);
  if (!weak) return [];
  const message = keys.length === 0 ? "contains no key" : `contains a key that can be guessed: ${SEALING_KEY_RULE}`;
  return [{ path: "SEALING_KEY", message, advice: SEALING_KEY_ADVICE }];
}

function allowedAppsIssues(env: Environment): Issue[] {
  return parseAllowedApps(env.ALLOWED_APPS ?? "").issues.map((issue) => {
    const [message = issue, advice = ""] = issue.split(/(?<=\.) (?=Write )/);
    return { path: "ALLOWED_APPS", message, advice };
  });
}

/** Anything but `false` allows something, so a misspelled `False` must not pass silently. */
function switchIssues(path: string, env: Environment): Issue[] {
  if (parseSwitch(env[path] ?? "") !== undefined) return [];
  return [{ path, message: "is neither true nor false", advice: "Set it to true or false." }];
}

function clientIdIssues(id: string, env: Environment): Issue[] {
  const path = clientIdVariable(id);
  const message = issueWithPublicValue(readVariable(env, path));
  return message === undefined ? [] : [{ path, message, advice: "Copy the client ID again, from the service." }];
}

/** A placeholder is no issue: the service is only unavailable. */
function clientSecretIssues(id: string, env: Environment): Issue[] {
  const variables = [clientSecretVariable(id), previousSecretVariable(id)];
  return variables.flatMap((variable) => {
    const value = readVariable(env, variable);
    const message = isPlaceholder(value) ? undefined : validateClientSecret(value);
    return message === undefined ? [] : [{ path: variable, message, advice: CLIENT_SECRET_ADVICE }];
  });
}

/** Credentials of a service that `services.json` does not have would do nothing, without a word. */
export function strayVariableWarnings(env: Environment, keys: string[]): Issue[] {
  const configured = keys.map(idOf);
  const others = [...loadCatalogue()].filter(([id]) => !configured.includes(id));
  return others.flatMap(([id, { name }]) =>
    [clientIdVariable(id), clientSecretVariable(id)]
      .filter((variable) => readVariable(env, variable) !== "")
      .map((path) => ({
        path,
        message: `is set, but ${servicesFile} has no ${name}`,
        advice: `Run npm run add-service -- ${id}, or delete the variable.`,
      })),
  );
}

interface Build {
  env: Environment;
  production: boolean;
  localDevelopment: boolean;
}

export function buildIssues({ env, production, localDevelopment }: Build): Issue[] {
  if (!production) return [];
  if (!localDevelopment) return urlIssues(readVariable(env, "URL"));
  const message = "a production build must not be a local development build, which accepts plain http";
  return [{ path: "CONTEXT", message, advice: "Build either with CONTEXT=production or for local development." }];
}

/** Netlify sets it to the site's primary domain, with http until that has a certificate. Other hosts may set it later. */
function urlIssues(value: string): Issue[] {
  if (value === "" || parseProviderOrigin(value) !== undefined) return [];
  if (!/^http:/i.test(value)) {
    const advice = "Set it to the provider's address, without a slash or path at the end.";
    return [{ path: "URL", message: "is not an address like https://auth.example.com", advice }];
  }
  const message =
    "starts with http, so the provider would answer nobody: the site's primary domain has no certificate yet";
  const advice = "Open Domain management → HTTPS at Netlify. When the certificate is there, deploy again.";
  return [{ path: "URL", message, advice }];
}
