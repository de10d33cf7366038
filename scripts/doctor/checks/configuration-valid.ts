import { type Check, problem } from "../check.ts";

export const configurationValid: Check = {
  id: "configuration",
  description: "services.json, .secret.json and the environment variables are understood",
  async run({ report }) {
    const why = "A provider that is not sure about its settings offers no service at all, and the build fails.";
    return { findings: report.faults.map(({ path, reason, advice }) => problem(`${path}: ${reason}`, why, advice)) };
  },
};
