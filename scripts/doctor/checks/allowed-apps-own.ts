import { type Check, notice } from "../check.ts";

/** Only what is set on this computer can be seen here; the build sees what is set at Netlify for builds. */
export const allowedAppsOwn: Check = {
  id: "allowed-apps",
  description: "ALLOWED_APPS names no domain where strangers can have a name",
  async run({ env, report }) {
    if (!env.ALLOWED_APPS) return { skipped: "it is not set on this computer" };
    const why = "Whoever takes a name there can use your provider, although you mean to let in only certain apps.";
    const warnings = report.warnings.filter(({ path }) => path === "ALLOWED_APPS");
    return { findings: warnings.map(({ reason, advice }) => notice(`ALLOWED_APPS: ${reason}`, why, advice)) };
  },
};
