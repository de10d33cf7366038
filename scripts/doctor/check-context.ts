import { createProvider, type Environment, type Provider } from "../../server/provider/provider.ts";
import { type ConfigurationReport, readConfiguration } from "../configuration/configuration.ts";
import { gitIn } from "../git/git.ts";
import { knownSecrets } from "../secrets/secret-scan.ts";
import type { Examination, Fetch } from "./check.ts";
import { deployedSite } from "../network/deployed-site.ts";

export interface ExamineOptions {
  directory: string;
  env: Environment;
  /** The published provider's address, where it is known. */
  url?: string | undefined;
  onlyService?: string;
  online?: boolean;
  probe?: boolean;
  fetch?: Fetch;
  /** For tests: services and site may be plain http on this computer. No command line leads here. */
  insecureLoopback?: boolean;
}

/** Stands in for the provider's address while that is unknown: nothing is ever sent there (RFC 2606 §2). */
const UNKNOWN_ORIGIN = "https://provider.invalid";

export async function examine(options: ExamineOptions): Promise<Examination> {
  const {
    directory,
    env,
    url,
    onlyService,
    online = true,
    probe = false,
    fetch = globalThis.fetch,
    insecureLoopback = false,
  } = options;
  // A production build is what counts: it is the one that gets the secrets of `.secret.json`.
  const context = insecureLoopback ? {} : { CONTEXT: "production" };
  const report = await readConfiguration({
    directory,
    env: { ...env, CONTEXT: undefined, ...context },
    localDevelopment: insecureLoopback,
  });
  return {
    directory,
    env,
    report,
    provider: providerOf(report, env, url),
    secrets: await knownSecrets(directory, env),
    onlyService,
    git: gitIn(directory, { env: indexInUse() }),
    fetch,
    online,
    probe: probe && online,
    site: url !== undefined && online ? deployedSite(url, fetch) : undefined,
  };
}

function providerOf(report: ConfigurationReport, env: Environment, url: string | undefined): Provider | undefined {
  return report.faults.length > 0
    ? undefined
    : createProvider(report.configuration, { ...env, URL: url ?? UNKNOWN_ORIGIN });
}

/** A hook before a commit is told by git which index that commit is made of. */
function indexInUse(): Record<string, string> {
  const { GIT_INDEX_FILE } = process.env;
  return GIT_INDEX_FILE === undefined ? {} : { GIT_INDEX_FILE };
}
