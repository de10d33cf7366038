import { type Check, warningFinding } from "../check.ts";

/** Sees the variable only where it is set on this computer. The build sees the one that is set at Netlify. */
export const allowedAppsOwn: Check = {
  id: "allowed-apps",
  description: "ALLOWED_APPS lists no domain under which anybody can register a name",
  async run({ env, report }) {
    if (!env.ALLOWED_APPS) return { skipped: "it is not set on this computer" };
    const why =
      "Anybody can register a name there and use your provider, although you want to allow only certain apps.";
    const warnings = report.warnings.filter(({ path }) => path === "ALLOWED_APPS");
    return { findings: warnings.map(({ message, advice }) => warningFinding(`ALLOWED_APPS: ${message}`, why, advice)) };
  },
};
