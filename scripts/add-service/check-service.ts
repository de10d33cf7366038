import { clientSecretVariable } from "../../server/provider/environment.ts";
import { examine } from "../doctor/check-context.ts";
import { formatResult, runChecks, SERVICE_CHECKS } from "../doctor/run-checks.ts";
import { setCommand } from "../netlify/netlify-cli.ts";
import type { Store } from "./command-line.ts";
import type { Draft } from "./draft.ts";
import type { Session } from "./context.ts";

export async function showVerdict(
  draft: Draft,
  { secret, origin }: { secret: string | undefined; origin: string | undefined },
  { directory, env, prompts, options, fetch, write }: Session,
): Promise<boolean> {
  const examination = await examine({
    directory,
    // Also a secret that is not kept here can be tried out now.
    env: secret === undefined ? env : { ...env, [clientSecretVariable(draft.id)]: secret },
    url: origin,
    onlyService: draft.id,
    probe: options.probe ?? prompts !== undefined,
    ...(fetch && { fetch }),
  });
  const results = await runChecks(SERVICE_CHECKS, examination, (result) => write(formatResult(result)));
  return results.every(({ status }) => status !== "problem");
}

export function nextStep(
  draft: Draft,
  { store, origin, healthy }: { store: Store; origin: string | undefined; healthy: boolean },
): string {
  if (!healthy) return "\nNext: do what the arrows say, then npm run doctor.";
  const needsSecret = draft.service.tokenEndpointAuthMethod !== "none";
  const secretFirst =
    store === "none" && needsSecret
      ? `\nThe secret is still to be set, for example with: ${setCommand(clientSecretVariable(draft.id))}`
      : "";
  const doctor = `npm run doctor -- --url ${origin ?? "https://…"}`;
  return `${secretFirst}\nNext: npm run dev to try it here; or commit, git push, and then ${doctor}`;
}
