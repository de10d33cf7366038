/**
 * Reads and checks everything that an owner configures, at build time and in one place, so that requests do not pay
 * for it. All mistakes are reported together; a configuration with any mistake offers no service at all [A50].
 *
 * The parts are in `configuration/`: the files, the environment, the merge with the catalogue, the rules, the words.
 */
import type { Environment } from "../../server/provider/provider.ts";
import type { Configuration } from "../../server/provider/service.ts";
import { faultsOfBuild, faultsOfEnvironment } from "./environment.ts";
import { faultsOfExposedSecrets } from "./exposed-secrets.ts";
import type { Fault } from "./issues.ts";
import { secretsFile, servicesFile } from "./files/file-names.ts";
import { isObject, readJson } from "./files/json-file.ts";
import { parseSecrets } from "./files/secrets-file.ts";
import { parseServices } from "./files/services-file.ts";
import { noticesOf } from "./unavailable.ts";
import { listPublicPaths, warningsOfIcons } from "./service/icon.ts";
import { resolveService } from "./service/resolve-service.ts";
import { warningsOfAllowedApps } from "./shared-domains.ts";

export { type Fault, formatFaults } from "./issues.ts";
export { idOf } from "./files/keys.ts";

export interface ConfigurationReport {
  configuration: Configuration;
  faults: Fault[];
  /** Services that are not offered, and why: not mistakes. */
  notices: Fault[];
  /** Settings that do something else than the owner may think. */
  warnings: Fault[];
}

export interface ConfigurationSources {
  /** `services.json`, parsed. */
  services: unknown;
  /** `.secret.json`, parsed; `undefined`: there is none. */
  secrets: unknown;
  env: Environment;
  /** The paths of the files in `public`, as a browser asks for them. */
  publicPaths?: ReadonlySet<string>;
  /** The build is for the published site. */
  production: boolean;
  /** The build runs on this computer only: http on loopback is accepted. */
  localDevelopment: boolean;
}

export interface ReadOptions {
  directory: string;
  env: Environment;
  localDevelopment?: boolean;
  /** Entries besides those of `services.json`: the pretend service of local development. */
  extraServices?: Record<string, unknown>;
}

export async function readConfiguration(options: ReadOptions): Promise<ConfigurationReport> {
  const { directory, env, localDevelopment = false, extraServices } = options;
  const services = await readJson(directory, servicesFile);
  const secrets = await readJson(directory, secretsFile, { optional: true });
  const unreadable = [...services.faults, ...secrets.faults];
  if (unreadable.length > 0) return nothingUsable({ faults: unreadable, notices: [], warnings: [] }, localDevelopment);

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
  const faults = [
    ...faultsOfBuild(sources),
    ...faultsOfEnvironment(
      env,
      entries.valid.map(({ id }) => id),
    ),
    ...entries.faults,
    ...resolved.flatMap((each) => each.faults),
    ...secrets.faults,
    ...faultsOfExposedSecrets(entries.valid, secrets.byId, env),
  ];
  const notices = resolved.flatMap(({ service, entry }) =>
    service === undefined ? [] : noticesOf(service, entry, secrets.byId, env),
  );
  const warnings = [...warningsOfAllowedApps(env), ...warningsOfIcons(entries.valid, publicPaths)];
  if (faults.length > 0) return nothingUsable({ faults, notices, warnings }, localDevelopment);

  // A preview build gets no secret: its code may be anybody's pull request [A11].
  const builtIn = production || localDevelopment ? secrets.byId : {};
  return { configuration: { services, secrets: builtIn, localDevelopment }, faults, notices, warnings };
}

/** With faults, nothing may be used: neither the faulty part nor the rest, whose meaning may depend on it [A50]. */
function nothingUsable(
  found: Omit<ConfigurationReport, "configuration">,
  localDevelopment: boolean,
): ConfigurationReport {
  return { configuration: { services: [], secrets: {}, localDevelopment }, ...found };
}
