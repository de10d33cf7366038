import { SECURITY_HEADERS } from "../../../server/answers/headers.ts";
import { hashSource, withoutHashes } from "../../build/inline-hashes.ts";
import { PUBLISHED_FOLDER } from "../../files/project.ts";
import { type Check, type Finding, problem } from "../check.ts";
import type { SiteAnswer } from "../../network/deployed-site.ts";

const DEPLOY = `Deploy all of ${PUBLISHED_FOLDER}, with the file _headers that the build writes there`;
const REMOVE =
  "Look for it below [[headers]] in netlify.toml or in a proxy before the site, remove it there, and deploy";

export const liveHeaders: Check = {
  id: "live-headers",
  description: "The confirmation page comes with all its headers",
  async run({ site }) {
    if (!site) return {};
    const answer = await site.get("/confirm");
    if (answer.status !== 200) {
      const why = "This page asks people about every login.";
      return {
        findings: [
          problem(
            `${site.origin}/confirm answers with status ${answer.status}`,
            why,
            "Deploy again: npm run build, then git push",
          ),
        ],
      };
    }
    return { findings: [...differingHeaders(answer), ...stoppedByPolicy(answer)] };
  },
};

function differingHeaders({ headers }: SiteAnswer): Finding[] {
  return Object.entries(SECURITY_HEADERS)
    .filter(([name, value]) => !isSame(headers.get(name), value))
    .map(([name]) =>
      problem(
        `/confirm ${headers.has(name) ? `has another ${name}` : `has no ${name}`}`,
        "It protects the page that asks people whether they want to log in.",
        headers.has(name) ? REMOVE : DEPLOY,
      ),
    );
}

/** Lists in headers may be written with or without spaces. Which hashes a policy needs, the page decides. */
function isSame(actual: string | null, wanted: string): boolean {
  return (
    actual !== null && withoutHashes(actual).replace(/\s*([,;])\s*/g, "$1") === wanted.replace(/\s*([,;])\s*/g, "$1")
  );
}

function stoppedByPolicy({ headers, text }: SiteAnswer): Finding[] {
  const policy = headers.get("Content-Security-Policy") ?? "";
  const inline = [...text.matchAll(/<(script|style)\b[^>]*>(.+?)<\/\1>/gs)].map(([, , content]) =>
    hashSource(content!),
  );
  if (inline.every((hash) => policy.includes(hash))) return [];

  const what = "The Content-Security-Policy of /confirm stops the page's own script or style";
  const why =
    "Nobody can answer the question. Page and headers are not of the same build, or something changes one of them.";
  return [problem(what, why, DEPLOY)];
}
