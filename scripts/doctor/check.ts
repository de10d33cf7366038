import type { Environment } from "../../server/provider/environment.ts";
import type { Provider } from "../../server/provider/provider.ts";
import type { ConfigurationReport } from "../configuration/configuration.ts";
import type { Git } from "../git/git.ts";
import type { DeployedSite } from "../network/deployed-site.ts";
import type { Fetch } from "../network/fetch.ts";

/** One check of `npm run doctor`. Every check runs, whatever the others find. */
export interface Check {
  id: string;
  /** What is true if the check finds nothing. */
  description: string;
  run(context: CheckContext): Promise<CheckOutcome>;
}

export interface CheckOutcome {
  findings?: Finding[];
  /** What the check confirmed, where that is more than its description says. */
  facts?: string[];
  /** Why there was nothing to check. */
  skipped?: string;
}

export interface Finding {
  /** A warning may be about something that the owner intended. */
  severity: "error" | "warning";
  what: string;
  why: string;
  /** What to type, or what to do where typing does not help. */
  fix: string;
}

/** Everything that checks may read. They change nothing. */
export interface CheckContext {
  /** The owner's project. */
  directory: string;
  env: Environment;
  /** The configuration as a production build reads it. */
  report: ConfigurationReport;
  /** Offers the services that this computer has credentials for. `undefined` while the configuration has issues. */
  provider: Provider | undefined;
  /** Everything on this computer that must stay secret. */
  secrets: string[];
  /** `undefined` means that the checks cover all services. */
  onlyService: string | undefined;
  git: Git;
  fetch: Fetch;
  /** Requests to other computers are allowed. */
  online: boolean;
  /** Token requests to the services are allowed. */
  probe: boolean;
  /** The published provider, if its address is known. */
  site: DeployedSite | undefined;
}

export function errorFinding(what: string, why: string, fix: string): Finding {
  return { severity: "error", what, why, fix };
}

export function warningFinding(what: string, why: string, fix: string): Finding {
  return { severity: "warning", what, why, fix };
}
