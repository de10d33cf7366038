import { withHashes, withoutHashes } from "../build/inline-hashes.ts";
import { printable } from "../terminal/text.ts";
import { type Difference, ownersDifference, unexplained } from "./difference.ts";

const POLICY = "Content-Security-Policy";

/** What hosts and what is in front of them add by themselves: about the connection, the cache and the compression. */
const OF_HOSTS =
  /^(?:accept-ranges|age|alt-svc|cache-control|cache-status|cdn-cache-control|cf-.*|connection|content-encoding|content-length|date|etag|expires|keep-alive|last-modified|netlify-.*|server|server-timing|transfer-encoding|vary|via|x-nf-.*|x-powered-by|x-cache.*|x-served-by)$/;

/** With these, a host makes browsers do or reveal something that the build does not ask for. */
const FORBIDDEN =
  /^(?:access-control-.*|clear-site-data|content-location|cross-origin-.*|link|location|nel|refresh|report-to|reporting-endpoints|content-security-policy-report-only|service-worker-allowed|set-cookie|signature|signature-input|sourcemap|speculation-rules|unencoded-digest|x-sourcemap)$/;

/**
 * @param hashes of the scripts and styles in the site's own pages, which its policy must allow, and nothing else
 */
export function compareHeaders(
  path: string,
  actual: Headers,
  expected: Record<string, string>,
  hashes: { scripts: string[]; styles: string[] },
): Difference[] {
  const wanted = { ...expected, [POLICY]: withHashes(withoutHashes(expected[POLICY] ?? ""), hashes) };
  const differing = Object.entries(wanted).filter(([name, value]) => !isSame(name, actual.get(name), value));
  const names = new Set(Object.keys(wanted).map((name) => name.toLowerCase()));
  const added = [...actual].filter(([name]) => !names.has(name) && !OF_HOSTS.test(name));
  return [
    ...differing.map(([name]) => unexplained(path, sentenceOn(name, actual.get(name)))),
    ...added.map(([name, value]) =>
      (FORBIDDEN.test(name) ? unexplained : ownersDifference)(path, `It adds ${name}: ${printable(value)}`),
    ),
  ];
}

function sentenceOn(name: string, value: string | null): string {
  return value === null ? `It has no ${name}.` : `It has another ${name}: ${printable(value)}`;
}

function isSame(name: string, actual: string | null, wanted: string): boolean {
  if (actual === null) return false;
  if (name === POLICY) return formOfPolicy(actual) === formOfPolicy(wanted);
  if (name === "Content-Type") return formOfType(actual) === formOfType(wanted);
  // Lists may contain spaces or not.
  return actual.replace(/\s*([,;])\s*/g, "$1") === wanted.replace(/\s*([,;])\s*/g, "$1");
}

/** The order of sources has no meaning (CSP Level 3 §2.3). */
function formOfPolicy(policy: string): string {
  const directives = policy.split(";").map((directive) => {
    const [name, ...sources] = directive.trim().split(/\s+/);
    return [name, ...new Set(sources.sort())].join(" ");
  });
  return directives.join(";");
}

/** RFC 9239 §6: both names of JavaScript mean the same. Type declarations run nowhere; some hosts take `.ts` for a video. */
function formOfType(type: string): string {
  return type
    .toLowerCase()
    .replaceAll(/\s/g, "")
    .replace(/^application\/javascript/, "text/javascript")
    .replace(/^video\/mp2t$/, "text/plain")
    .replace(/^(?!text\/html)(.*);charset=utf-8$/, "$1");
}
