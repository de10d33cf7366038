import { SECURITY_HEADERS } from "../../../server/answers/headers.ts";
import { hashSource, withoutHashes } from "../../build/inline-hashes.ts";
import { PUBLISHED_FOLDER } from "../../files/project.ts";
import type { SiteResponse } from "../../network/deployed-site.ts";
import { type Check, errorFinding, type Finding } from "../check.ts";
import { siteHostOf } from "../site-host.ts";

const DEPLOY = `Deploy everything in ${PUBLISHED_FOLDER}, including the file _headers that the build writes there`;
const REMOVE =
  "Look for it under [[headers]] in netlify.toml or in a proxy in front of the site, remove it there, and deploy";

export const liveHeaders: Check = {
  id: "live-headers",
  description: "The confirmation page has all its headers",
  async run({ site }) {
    if (!site) return {};
    const response = await site.get("/confirm");
    if (response.status !== 200) {
      const what = `${site.origin}/confirm answers with status ${response.status}`;
      const why = "This page asks people to confirm every login.";
      return { findings: [errorFinding(what, why, siteHostOf(response.headers).deploy)] };
    }
    return { findings: [...differingHeaders(response), ...blockedByPolicy(response)] };
  },
};

function differingHeaders({ headers }: SiteResponse): Finding[] {
  return Object.entries(SECURITY_HEADERS)
    .filter(([name, value]) => !isSame(headers.get(name), value))
    .map(([name]) =>
      errorFinding(
        `/confirm ${headers.has(name) ? `has a different ${name}` : `has no ${name}`}`,
        "It protects the page that asks people whether they want to log in.",
        headers.has(name) ? REMOVE : DEPLOY,
      ),
    );
}

/** Lists in headers may contain spaces or not. The hashes in a policy depend on the page. */
function isSame(actual: string | null, wanted: string): boolean {
  return (
    actual !== null && withoutHashes(actual).replace(/\s*([,;])\s*/g, "$1") === wanted.replace(/\s*([,;])\s*/g, "$1")
  );
}

function blockedByPolicy({ headers, text }: SiteResponse): Finding[] {
  const policy = headers.get("Content-Security-Policy") ?? "";
  const inline = [...text.matchAll(/<(script|style)\b[^>]*>(.+?)<\/\1>/gs)].map(([, , content]) =>
    hashSource(content!),
  );
  if (inline.every((hash) => policy.includes(hash))) return [];

  const what = "The Content-Security-Policy of /confirm blocks the page's own script or style";
  const why =
    "Nobody can confirm a login. The page and its headers come from different builds, or something changes one.";
  return [errorFinding(what, why, DEPLOY)];
}
