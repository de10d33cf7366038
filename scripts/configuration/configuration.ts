/**
 * Reads and checks everything that an owner configures. This happens at build time, so that requests do not pay for it.
 * All issues are reported together. A configuration with any issue offers no service at all, so that nothing fails open.
 */

import type { Environment } from "../../server/provider/environment.ts";
import type { Configuration, Service } from "../../server/provider/service.ts";
import { buildIssues, environmentIssues, signingKeyIssues, strayVariableWarnings } from "./environment.ts";
import { exposedSecretIssues } from "./exposed-secrets.ts";
import { secretsFile, servicesFile } from "./files/file-names.ts";
import { isObject, readJson } from "./files/json-file.ts";
import { parseSecrets, type Secrets } from "./files/secrets-file.ts";
import { parseServices } from "./files/services-file.ts";
import type { Issue } from "./issues.ts";
import type { NamedEntry } from "./service/entry.ts";
import { iconWarnings, listPublicPaths } from "./service/icon.ts";
import { resolveService } from "./service/resolve-service.ts";
import { allowedAppsWarnings } from "./shared-domains.ts";
import { findUnavailable, isUntouched } from "./unavailable.ts";

export { idOf } from "./files/keys.ts";
export { formatIssues, type Issue } from "./issues.ts";

export interface ConfigurationReport {
  configuration: Configuration;
  issues: Issue[];
  /** Services that are valid but not offered, or not to every app. */
  unavailable: Issue[];
  /** The names of services whose entries are still as the template has them. */
  untouched: string[];
  /** Valid settings whose effect may surprise the owner. */
  warnings: Issue[];
}

export interface ConfigurationSources {
  /** `services.json`, parsed. */
  services: unknown;
  /** `.secret.json`, parsed; `undefined` if there is none. */
  secrets: unknown;
  env: Environment;
  /** The paths of the files in `public`, as a browser requests them. */
  publicPaths?: ReadonlySet<string>;
  /** The build is for the published site. */
  production: boolean;
  /** The build runs on this computer only, so http on loopback is accepted. */
  localDevelopment: boolean;
}

export interface ReadOptions {
  directory: string;
  env: Environment;
  localDevelopment?: boolean;
  /** Entries in addition to those of `services.json`: the demo service of local development. */
  extraServices?: Record<string, unknown>;
}

export async function readConfiguration(options: ReadOptions): Promise<ConfigurationReport> {
  const { directory, env, localDevelopment = false, extraServices } = options;
  const services = await readJson(directory, servicesFile);
  const secrets = await readJson(directory, secretsFile, { optional: true });
  const unreadable = [...services.issues, ...secrets.issues];
  if (unreadable.length > 0)
    return emptyReport({ issues: unreadable, unavailable: [], untouched: [], warnings: [] }, localDevelopment);

  return resolveConfiguration({
    services: isObject(services.value) ? { ...services.value, ...extraServices } : services.value,
    secrets: secrets.value,
    env,
    publicPaths: await listPublicPaths(directory),
    production: env.CONTEXT === "production",
    localDevelopment,
  });
}

export function resolveConfiguration(sources: ConfigurationSources): ConfigurationReport {
  const { env, publicPaths = new Set(), production, localDevelopment } = sources;
  const entries = parseServices(sources.services, { insecureLoopback: localDevelopment });
  const secrets = parseSecrets(sources.secrets, entries.keys);
  const resolved = entries.valid.map((entry) => ({ ...resolveService(entry, env, publicPaths), entry }));

  const services = resolved.map(({ service }) => service).filter((service) => service !== undefined);
  const issues = [
    ...buildIssues(sources),
    ...environmentIssues(
      env,
      entries.valid.map(({ id }) => id),
    ),
    ...entries.issues,
    ...resolved.flatMap((each) => each.issues),
    ...secrets.issues,
    ...signingKeyIssues(env, secrets.signingKey),
    ...exposedSecretIssues(entries.valid, secrets.byId, env, secrets.signingKey),
  ];
  const { unavailable, untouched } = findNotOffered(resolved, secrets.byId, env);
  const warnings = [
    ...allowedAppsWarnings(env),
    ...iconWarnings(entries.valid, publicPaths),
    ...strayVariableWarnings(env, entries.keys),
  ];
  if (issues.length > 0) return emptyReport({ issues, unavailable, untouched, warnings }, localDevelopment);

  // A preview build gets no secret, because its code may be anybody's pull request.
  const builtIn = production || localDevelopment ? builtInSecrets(secrets) : { secrets: {} };
  return { configuration: { services, ...builtIn, localDevelopment }, issues, unavailable, untouched, warnings };
}

function builtInSecrets({ byId, signingKey }: { byId: Secrets; signingKey: string }) {
  return { secrets: byId, ...(signingKey !== "" && { signingKey }) };
}

function findNotOffered(
  resolved: { service?: Service; entry: NamedEntry }[],
  secrets: Secrets,
  env: Environment,
): Pick<ConfigurationReport, "unavailable" | "untouched"> {
  const unavailable: Issue[] = [];
  const untouched: string[] = [];
  for (const { service, entry } of resolved) {
    if (service === undefined) continue;
    if (isUntouched(service, entry, secrets, env)) untouched.push(service.name);
    else unavailable.push(...findUnavailable(service, entry, secrets, env));
  }
  return { unavailable, untouched };
}

/** With issues, nothing may be used: the meaning of the valid part may depend on the invalid one. */
function emptyReport(
  found: Omit<ConfigurationReport, "configuration">,
  localDevelopment: boolean,
): ConfigurationReport {
  return { configuration: { services: [], secrets: {}, localDevelopment }, ...found };
}
