import type { Environment } from "../../server/provider/environment.ts";
import { createProvider, type Provider } from "../../server/provider/provider.ts";
import { type ConfigurationReport, readConfiguration } from "../configuration/configuration.ts";
import { gitIn } from "../git/git.ts";
import { deployedSite } from "../network/deployed-site.ts";
import type { Fetch } from "../network/fetch.ts";
import { knownSecrets } from "../secrets/secret-scan.ts";
import type { CheckContext } from "./check.ts";

export interface CheckContextOptions {
  directory: string;
  env: Environment;
  /** The published provider's address, if it is known. */
  url?: string | undefined;
  onlyService?: string;
  online?: boolean;
  probe?: boolean;
  fetch?: Fetch;
  /** For tests: services and site may use plain http on this computer. No command line option sets this. */
  insecureLoopback?: boolean;
}

/** Stands in for the provider's address while that is unknown (RFC 2606 §2). Nothing is sent there. */
const UNKNOWN_ORIGIN = "https://provider.invalid";

export async function createCheckContext(options: CheckContextOptions): Promise<CheckContext> {
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
  // Only a production build gets the secrets of `.secret.json`, so that is the one to check.
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
    provider: createLocalProvider(report, env, url),
    secrets: await knownSecrets(directory, env),
    onlyService,
    git: gitIn(directory, { env: gitIndexVariable() }),
    fetch,
    online,
    probe: probe && online,
    site: url !== undefined && online ? deployedSite(url, fetch) : undefined,
  };
}

function createLocalProvider(
  report: ConfigurationReport,
  env: Environment,
  url: string | undefined,
): Provider | undefined {
  return report.issues.length > 0
    ? undefined
    : createProvider(report.configuration, { ...env, URL: url ?? UNKNOWN_ORIGIN });
}

/** git sets this variable for a pre-commit hook: it names the index that the commit is made from. */
function gitIndexVariable(): Record<string, string> {
  const { GIT_INDEX_FILE } = process.env;
  return GIT_INDEX_FILE === undefined ? {} : { GIT_INDEX_FILE };
}
