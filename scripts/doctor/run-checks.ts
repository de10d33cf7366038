import { styleText } from "node:util";
import type { Check, Examination, Finding } from "./check.ts";
import { allowedAppsOwn } from "./checks/allowed-apps-own.ts";
import { configurationValid } from "./checks/configuration-valid.ts";
import { credentialsAccepted } from "./checks/credentials-accepted.ts";
import { iconsPublished } from "./checks/icons-published.ts";
import { netlifySettings } from "./checks/netlify-settings.ts";
import { publishedFolderClean } from "./checks/published-folder-clean.ts";
import { secretFilePrivate } from "./checks/secret-file-private.ts";
import { servicesSetUp } from "./checks/services-set-up.ts";
import { trackedFilesClean } from "./checks/tracked-files-clean.ts";
import { SiteUnreachable } from "../network/deployed-site.ts";
import { liveAddress } from "./live-checks/address.ts";
import { liveHeaders } from "./live-checks/headers.ts";
import { liveHiddenFiles } from "./live-checks/hidden-files.ts";
import { liveHome } from "./live-checks/home.ts";
import { liveHttps } from "./live-checks/https.ts";
import { liveRootRedirect } from "./live-checks/root-redirect.ts";
import { liveServices } from "./live-checks/services.ts";

export interface CheckResult {
  id: string;
  description: string;
  status: "ok" | "problem" | "notice" | "skipped";
  findings: Finding[];
  facts: string[];
  skipped?: string;
}

/** What can be seen from this computer. */
export const LOCAL_CHECKS: readonly Check[] = [
  configurationValid,
  allowedAppsOwn,
  servicesSetUp,
  iconsPublished,
  secretFilePrivate,
  trackedFilesClean,
  publishedFolderClean,
  netlifySettings,
  credentialsAccepted,
];

/** What can be seen of the published site. */
export const LIVE_CHECKS: readonly Check[] = [
  liveHome,
  liveAddress,
  liveHttps,
  liveHeaders,
  liveServices,
  liveHiddenFiles,
  liveRootRedirect,
];

/** What an owner wants to know about a service that was just added. */
export const SERVICE_CHECKS: readonly Check[] = [
  configurationValid,
  servicesSetUp,
  secretFilePrivate,
  credentialsAccepted,
];

/** All of them, each one's result handed over as soon as it is there. */
export async function runChecks(
  checks: readonly Check[],
  examination: Examination,
  onResult: (result: CheckResult) => void = () => undefined,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const result = await runCheck(check, examination);
    results.push(result);
    onResult(result);
  }
  return results;
}

async function runCheck(check: Check, examination: Examination): Promise<CheckResult> {
  const { id, description } = check;
  try {
    const { findings = [], facts = [], skipped } = await check.run(examination);
    return {
      id,
      description,
      status: statusOf(findings, skipped),
      findings,
      facts,
      ...(skipped === undefined ? {} : { skipped }),
    };
  } catch (error) {
    // The home page's check says so once for all.
    if (error instanceof SiteUnreachable) {
      return { id, description, status: "skipped", findings: [], facts: [], skipped: "the site could not be reached" };
    }
    throw error;
  }
}

function statusOf(findings: Finding[], skipped: string | undefined): CheckResult["status"] {
  if (findings.some(({ severity }) => severity === "problem")) return "problem";
  if (findings.length > 0) return "notice";
  return skipped === undefined ? "ok" : "skipped";
}

const MARKS = { ok: "✓", problem: "✗", notice: "!", skipped: "–" } as const;
const COLOURS = { ok: "green", problem: "red", notice: "yellow", skipped: "gray" } as const;

export function formatResult({ status, description, findings, facts, skipped }: CheckResult): string {
  const remark = skipped ?? facts.join("; ");
  const headline = `${styleText(COLOURS[status], MARKS[status])} ${description}`;
  const lines = findings.flatMap((finding, index) => formatFinding(finding, findings[index - 1]));
  return [headline + (remark === "" ? "" : styleText("dim", ` (${remark})`)), ...lines].join("\n");
}

/** A reason that several have in common stands above the first of them. */
function formatFinding({ severity, what, why, type }: Finding, previous: Finding | undefined): string[] {
  const reason = why === previous?.why ? [] : [styleText("dim", `    ${why}`)];
  return [...reason, `    ${styleText(COLOURS[severity], MARKS[severity])} ${what}`, `      → ${type}`];
}
