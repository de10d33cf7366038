import { type Check, errorFinding } from "../check.ts";

export const configurationValid: Check = {
  id: "configuration",
  description: "services.json, .secret.json and the environment variables are valid",
  async run({ report }) {
    const why = "With an invalid configuration, the build fails and the provider offers no service.";
    return {
      findings: report.issues.map(({ path, message, advice }) => errorFinding(`${path}: ${message}`, why, advice)),
    };
  },
};
