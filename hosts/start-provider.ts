import { type Missing, readCredentials } from "../server/provider/credentials.ts";
import {
  clientIdVariable,
  clientSecretVariable,
  type Environment,
  parseProviderOrigin,
  parseSealingKeys,
  parseSwitch,
  readVariable,
  SEALING_KEY_RULE,
} from "../server/provider/environment.ts";
import { createProvider, type Provider } from "../server/provider/provider.ts";
import type { Configuration } from "../server/provider/service.ts";
import { parseSigningKeys, SIGNING_KEY_RULE } from "../server/provider/signing-key.ts";
import { parseAllowedApps } from "../shared/app-url.ts";

/**
 * The provider of a host whose build has checked the configuration, but not the variables, which come later.
 *
 * @throws {Error} that names every variable that is missing or cannot be used: the host must answer nobody
 */
export function startProvider(configuration: Configuration, env: Environment): Provider {
  const issues = [...addressIssues(configuration, env), ...settingIssues(env)];
  if (issues.length > 0) throw new Error(`The provider answers nobody:\n${issues.join("\n")}`);
  for (const warning of credentialWarnings(configuration, env)) console.warn(JSON.stringify({ warning }));
  return createProvider(configuration, env);
}

function addressIssues({ localDevelopment }: Configuration, env: Environment): string[] {
  const value = readVariable(env, "URL");
  const origin = parseProviderOrigin(value);
  if (value === "") return ["URL is not set. Set it to the provider's own address, such as https://auth.example.com."];
  if (origin === undefined) return ["URL is not an address like https://auth.example.com, without a path."];
  return localDevelopment && origin.startsWith("https:")
    ? ["URL must be on this computer: this build is for local development, and accepts services on plain http."]
    : [];
}

/** No message repeats a value. */
function settingIssues(env: Environment): string[] {
  const { weak } = parseSealingKeys(env.SEALING_KEY ?? "");
  const signingKeys = parseSigningKeys(readVariable(env, "SIGNING_KEY"));
  return [
    ...(weak ? [`SEALING_KEY cannot be used: ${SEALING_KEY_RULE}.`] : []),
    ...(parseAllowedApps(env.ALLOWED_APPS ?? "").issues.length > 0 ? ["ALLOWED_APPS is not a list of origins."] : []),
    ...switchIssues("ALLOW_LOOPBACK", env),
    ...switchIssues("ALLOW_TRY", env),
    ...(signingKeys.issues.length > 0 ? [`SIGNING_KEY cannot be used: ${SIGNING_KEY_RULE}.`] : []),
  ];
}

function switchIssues(name: string, env: Environment): string[] {
  return parseSwitch(env[name] ?? "") === undefined ? [`${name} is neither true nor false.`] : [];
}

/** A service with a client ID is meant to be offered. Without its secret it is not, and the others are. */
function credentialWarnings({ services, secrets }: Configuration, env: Environment): string[] {
  const { keys } = parseSealingKeys(env.SEALING_KEY ?? "");
  return services.flatMap((service) => {
    const credentials = readCredentials(service, secrets[service.id], keys, env);
    if (!("missing" in credentials) || credentials.missing === "client ID") return [];
    return [`${service.name} is not offered: ${explain(credentials.missing, service.id)}`];
  });
}

function explain(missing: Missing, id: string): string {
  if (missing === "build for this client ID")
    return `${clientIdVariable(id)} is of another kind of client than this was built for. Build again with it.`;
  const variable = missing === "sealing key" ? "SEALING_KEY" : clientSecretVariable(id);
  return `${variable} is missing or cannot be used.`;
}
