import { styleText } from "node:util";
import { SiteUnreachableError } from "../network/deployed-site.ts";
import type { Check, CheckContext, Finding } from "./check.ts";
import { allowedAppsOwn } from "./checks/allowed-apps-own.ts";
import { clientKinds } from "./checks/client-kinds.ts";
import { configurationValid } from "./checks/configuration-valid.ts";
import { credentialsAccepted } from "./checks/credentials-accepted.ts";
import { iconsPublished } from "./checks/icons-published.ts";
import { netlifySettings } from "./checks/netlify-settings.ts";
import { publishedFolderClean } from "./checks/published-folder-clean.ts";
import { secretFilePrivate } from "./checks/secret-file-private.ts";
import { servicesSetUp } from "./checks/services-set-up.ts";
import { signingKeys } from "./checks/signing-keys.ts";
import { trackedFilesClean } from "./checks/tracked-files-clean.ts";
import { liveAddress } from "./live-checks/address.ts";
import { liveHeaders } from "./live-checks/headers.ts";
import { liveHiddenFiles } from "./live-checks/hidden-files.ts";
import { liveHome } from "./live-checks/home.ts";
import { liveHttps } from "./live-checks/https.ts";
import { liveRootRedirect } from "./live-checks/root-redirect.ts";
import { liveServices } from "./live-checks/services.ts";
import { liveSigningKeys } from "./live-checks/signing-keys.ts";

export interface CheckResult {
  id: string;
  description: string;
  status: "ok" | "error" | "warning" | "skipped";
  findings: Finding[];
  facts: string[];
  skipped?: string;
}

/** Checks of this computer. */
export const LOCAL_CHECKS: readonly Check[] = [
  configurationValid,
  allowedAppsOwn,
  servicesSetUp,
  clientKinds,
  signingKeys,
  iconsPublished,
  secretFilePrivate,
  trackedFilesClean,
  publishedFolderClean,
  netlifySettings,
  credentialsAccepted,
];

/** Checks of the published site. */
export const LIVE_CHECKS: readonly Check[] = [
  liveHome,
  liveAddress,
  liveHttps,
  liveHeaders,
  liveServices,
  liveSigningKeys,
  liveHiddenFiles,
  liveRootRedirect,
];

/** Checks of a service that was just added. */
export const SERVICE_CHECKS: readonly Check[] = [
  configurationValid,
  servicesSetUp,
  clientKinds,
  secretFilePrivate,
  credentialsAccepted,
];

/** @param onResult is called with each result as soon as it is known */
export async function runChecks(
  checks: readonly Check[],
  context: CheckContext,
  onResult: (result: CheckResult) => void = () => undefined,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const result = await runCheck(check, context);
    results.push(result);
    onResult(result);
  }
  return results;
}

async function runCheck(check: Check, context: CheckContext): Promise<CheckResult> {
  const { id, description } = check;
  try {
    const { findings = [], facts = [], skipped } = await check.run(context);
    return {
      id,
      description,
      status: statusOf(findings, skipped),
      findings,
      facts,
      ...(skipped === undefined ? {} : { skipped }),
    };
  } catch (error) {
    // The check of the home page reports it.
    if (error instanceof SiteUnreachableError) {
      return { id, description, status: "skipped", findings: [], facts: [], skipped: "the site could not be reached" };
    }
    throw error;
  }
}

function statusOf(findings: Finding[], skipped: string | undefined): CheckResult["status"] {
  if (findings.some(({ severity }) => severity === "error")) return "error";
  if (findings.length > 0) return "warning";
  return skipped === undefined ? "ok" : "skipped";
}

const MARKS = { ok: "✓", error: "✗", warning: "!", skipped: "–" } as const;
const COLOURS = { ok: "green", error: "red", warning: "yellow", skipped: "gray" } as const;

export function formatResult({ status, description, findings, facts, skipped }: CheckResult): string {
  const remark = skipped ?? facts.join("; ");
  const headline = `${styleText(COLOURS[status], MARKS[status])} ${description}`;
  const lines = findings.flatMap((finding, index) => formatFinding(finding, findings[index - 1]));
  return [headline + (remark === "" ? "" : styleText("dim", ` (${remark})`)), ...lines].join("\n");
}

/** An explanation that consecutive findings share is printed once, above the first of them. */
function formatFinding({ severity, what, why, fix }: Finding, previous: Finding | undefined): string[] {
  const explanation = why === previous?.why ? [] : [styleText("dim", `    ${why}`)];
  return [...explanation, `    ${styleText(COLOURS[severity], MARKS[severity])} ${what}`, `      → ${fix}`];
}
