import type { Issue } from "../../configuration/issues.ts";
import { type Check, type CheckContext, warningFinding } from "../check.ts";

/** Placeholders and missing credentials are only warnings: the template contains them, and Netlify may have the values. */
export const servicesSetUp: Check = {
  id: "set-up",
  description: "Every service in services.json is set up",
  async run(context) {
    if (context.report.issues.length > 0) return { skipped: "the configuration is invalid" };
    const why = "The home page and /services.json omit such a service, and apps cannot log in with it.";
    const findings = unavailableFor(context).map(({ path, message, advice }) =>
      warningFinding(`${path}: ${message}`, why, advice),
    );
    return { findings, facts: offeredFacts(context) };
  },
};

function unavailableFor({ report, onlyService }: CheckContext): Issue[] {
  const service = report.configuration.services.find(({ id }) => id === onlyService);
  if (onlyService === undefined || service === undefined) return report.unavailable;
  return report.unavailable.filter(({ path }) => path === "SEALING_KEY" || path.includes(`→ ${service.key}`));
}

function offeredFacts({ provider, onlyService }: CheckContext): string[] {
  const offered = [...(provider?.services.values() ?? [])].filter(
    ({ id }) => onlyService === undefined || id === onlyService,
  );
  return offered.length === 0 ? [] : [`ready: ${offered.map(({ name }) => name).join(", ")}`];
}
