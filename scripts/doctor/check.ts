import type { Environment, Provider } from "../../server/provider/provider.ts";
import type { ConfigurationReport } from "../configuration/configuration.ts";
import type { Git } from "../git/git.ts";
import type { DeployedSite } from "../network/deployed-site.ts";

/** One thing that `npm run doctor` looks at. All of them run, whatever the others find. */
export interface Check {
  id: string;
  /** What is the case when nothing is wrong. */
  description: string;
  run(examination: Examination): Promise<Outcome>;
}

export interface Outcome {
  findings?: Finding[];
  /** What was found to be right, where that is more than the description says. */
  facts?: string[];
  /** Why there was nothing to look at. */
  skipped?: string;
}

export interface Finding {
  /** A notice is worth knowing, and may well be intended. */
  severity: "problem" | "notice";
  what: string;
  why: string;
  /** What to type, or to do where typing does not help. */
  type: string;
}

/** Everything that checks may look at. They change nothing. */
export interface Examination {
  /** The owner's project. */
  directory: string;
  env: Environment;
  /** As a production build reads it. */
  report: ConfigurationReport;
  /** The services that this computer has credentials for; none while the configuration has faults. */
  provider: Provider | undefined;
  /** Everything here that must stay secret. */
  secrets: string[];
  /** `undefined`: the checks are about all services. */
  onlyService: string | undefined;
  git: Git;
  fetch: Fetch;
  /** Questions that leave this computer are allowed. */
  online: boolean;
  /** Token requests to the services are allowed. */
  probe: boolean;
  /** The published provider, where its address is known. */
  site: DeployedSite | undefined;
}

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export function problem(what: string, why: string, type: string): Finding {
  return { severity: "problem", what, why, type };
}

export function notice(what: string, why: string, type: string): Finding {
  return { severity: "notice", what, why, type };
}
