import { type Check, warningFinding } from "../check.ts";

export const iconsPublished: Check = {
  id: "icons",
  description: "Every logo that services.json names exists",
  async run({ report }) {
    const why = "A missing file would show as a broken image on the home page and in apps, so the logo is left out.";
    const warnings = report.warnings.filter(({ path }) => path.endsWith(".icon"));
    return {
      findings: warnings.map(({ path, message, advice }) => warningFinding(`${path}: ${message}`, why, advice)),
    };
  },
};
