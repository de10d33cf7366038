import { type Check, notice } from "../check.ts";

/** A path that leads nowhere is not published; whoever wrote it may wonder. */
export const iconsPublished: Check = {
  id: "icons",
  description: "Every logo that services.json names is there",
  async run({ report }) {
    const why = "A link to nothing would be a broken image on the home page and in apps, so it is left out.";
    const warnings = report.warnings.filter(({ path }) => path.endsWith(".icon"));
    return { findings: warnings.map(({ path, reason, advice }) => notice(`${path}: ${reason}`, why, advice)) };
  },
};
