import { type Check, type Examination, notice } from "../check.ts";

/** Placeholders and missing credentials are no mistakes: the template comes with them, and Netlify may know more. */
export const servicesSetUp: Check = {
  id: "set-up",
  description: "Every service in services.json is set up",
  async run(examination) {
    if (examination.report.faults.length > 0) return { skipped: "the configuration has faults" };
    const why = "The home page and /services.json leave such a service out, and apps cannot log in with it.";
    const findings = noticesOf(examination).map(({ path, reason, advice }) =>
      notice(`${path}: ${reason}`, why, advice),
    );
    return { findings, facts: factsOf(examination) };
  },
};

function noticesOf({ report, onlyService }: Examination) {
  const service = report.configuration.services.find(({ id }) => id === onlyService);
  if (onlyService === undefined || service === undefined) return report.notices;
  return report.notices.filter(({ path }) => path === "SEALING_KEY" || path.includes(`→ ${service.key}`));
}

function factsOf({ provider, onlyService }: Examination): string[] {
  const offered = [...(provider?.services.values() ?? [])].filter(
    ({ id }) => onlyService === undefined || id === onlyService,
  );
  return offered.length === 0 ? [] : [`ready: ${offered.map(({ name }) => name).join(", ")}`];
}
