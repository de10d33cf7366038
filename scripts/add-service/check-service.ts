import { clientSecretVariable } from "../../server/provider/environment.ts";
import { createCheckContext } from "../doctor/check-context.ts";
import { formatResult, runChecks, SERVICE_CHECKS } from "../doctor/run-checks.ts";
import type { Store } from "./command-line.ts";
import type { RunContext } from "./context.ts";
import type { Draft } from "./draft.ts";

export async function checkService(
  draft: Draft,
  { secret, origin }: { secret: string | undefined; origin: string | undefined },
  { directory, env, prompts, options, fetch, print }: RunContext,
): Promise<boolean> {
  const checkContext = await createCheckContext({
    directory,
    // A secret that is not stored on this computer can still be checked now.
    env: secret === undefined ? env : { ...env, [clientSecretVariable(draft.id)]: secret },
    url: origin,
    onlyService: draft.id,
    probe: options.probe ?? prompts !== undefined,
    ...(fetch && { fetch }),
  });
  const results = await runChecks(SERVICE_CHECKS, checkContext, (result) => print(formatResult(result)));
  return results.every(({ status }) => status !== "error");
}

/** One line, the last one. No command in it holds a secret, because shells store what people type. */
export function nextStep(
  draft: Draft,
  { store, origin, healthy }: { store: Store; origin: string | undefined; healthy: boolean },
): string {
  if (!healthy) return "\nNext: follow the arrows above, then run npm run doctor.";
  if (store === "none" && draft.service.tokenEndpointAuthMethod !== "none") {
    return `\nNext: run this again when you have the client secret, or set ${clientSecretVariable(draft.id)} on the site's page at Netlify.`;
  }
  return `\nNext: commit, git push, and then run npm run doctor -- --url ${origin ?? "https://…"}`;
}
