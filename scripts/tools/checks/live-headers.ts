import { SECURITY_HEADERS } from "../../../netlify/oauth/headers.ts";
import { problem, type Check } from "./check.ts";

export const liveHeaders: Check = {
  id: "live-headers",
  description: "The confirmation page comes with all its headers",
  async run({ site }) {
    if (!site) return {};
    const { status, headers } = await site.get("/confirm");
    if (status !== 200) {
      const why = "This page asks people about every login.";
      return {
        findings: [
          problem(
            `${site.origin}/confirm answers with status ${status}`,
            why,
            "Deploy again: npm run build, then git push",
          ),
        ],
      };
    }
    const differing = Object.entries(SECURITY_HEADERS).filter(([name, value]) => !isSame(headers.get(name), value));
    return {
      findings: differing.map(([name, value]) =>
        problem(
          `/confirm ${headers.has(name) ? `has another ${name}` : `has no ${name}`}`,
          "It protects the page that asks people whether they want to log in.",
          `Write ${name} = ${JSON.stringify(value)} below [[headers]] for = "/*" in netlify.toml, and deploy`,
        ),
      ),
    };
  },
};

/** Lists in headers may be written with or without spaces. */
function isSame(actual: string | null, wanted: string): boolean {
  return actual !== null && actual.replace(/\s*([,;])\s*/g, "$1") === wanted.replace(/\s*([,;])\s*/g, "$1");
}
