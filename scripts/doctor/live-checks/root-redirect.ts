import type { DeployedSite } from "../../network/deployed-site.ts";
import { type Check, errorFinding } from "../check.ts";
import { siteHostOf } from "../site-host.ts";

/** Madata's clients return to the root, which must redirect to the callback and keep every parameter. */
export const liveRootRedirect: Check = {
  id: "live-root-redirect",
  description: "The root redirects returning logins to the callback",
  async run({ site }) {
    if (!site) return {};
    const failed = await failedRedirects(site);
    if (failed.length === 0) return {};
    const { restoreRootRedirect } = siteHostOf((await site.get("/")).headers);
    return {
      findings: failed.map((what) =>
        errorFinding(
          what,
          "Apps made with Madata send people back to the root; their logins would end on the home page.",
          restoreRootRedirect,
        ),
      ),
    };
  },
};

/** @returns a sentence for each redirect of the root that is missing or wrong */
export async function failedRedirects(site: DeployedSite): Promise<string[]> {
  const queries = [
    { code: "x", state: "y", iss: "z" },
    { error: "x", state: "y", error_description: "z" },
  ];
  const results = await Promise.all(
    queries.map(async (query) => {
      const { status, headers } = await site.get(`/?${new URLSearchParams(query)}`);
      if (keepsQuery(status, headers.get("location"), query, site.origin)) return [];
      const request = `/?${Object.keys(query).join("&")}`;
      return `${request} answers with status ${status}, not with a redirect to /callback that keeps every parameter`;
    }),
  );
  return results.flat();
}

function keepsQuery(status: number, location: string | null, query: Record<string, string>, origin: string): boolean {
  if (status !== 302 || location === null || !URL.canParse(location, origin)) return false;
  const target = new URL(location, origin);
  const complete = Object.entries(query).every(([name, value]) => target.searchParams.get(name) === value);
  return target.origin === origin && target.pathname === "/callback" && complete;
}
