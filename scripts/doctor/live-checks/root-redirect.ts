import { type Check, errorFinding } from "../check.ts";

/** Madata's clients return to the root. Both rules of netlify.toml must keep every parameter. */
export const liveRootRedirect: Check = {
  id: "live-root-redirect",
  description: "The root redirects returning logins to the callback",
  async run({ site }) {
    if (!site) return {};
    const queries = [
      { code: "x", state: "y", iss: "z" },
      { error: "x", state: "y", error_description: "z" },
    ];
    const failed = await Promise.all(
      queries.map(async (query) => {
        const { status, headers } = await site.get(`/?${new URLSearchParams(query)}`);
        return keepsQuery(status, headers.get("location"), query, site.origin) ? undefined : { query, status };
      }),
    );
    return {
      findings: failed
        .filter((result) => result !== undefined)
        .map(({ query, status }) =>
          errorFinding(
            `/?${Object.keys(query).join("&")} answers with status ${status}, not with a redirect to /callback that keeps every parameter`,
            "Apps made with Madata send people back to the root; their logins would end on the home page.",
            "Restore the template's two [[redirects]] in netlify.toml, and deploy",
          ),
        ),
    };
  },
};

function keepsQuery(status: number, location: string | null, query: Record<string, string>, origin: string): boolean {
  if (status !== 302 || location === null || !URL.canParse(location, origin)) return false;
  const target = new URL(location, origin);
  const complete = Object.entries(query).every(([name, value]) => target.searchParams.get(name) === value);
  return target.origin === origin && target.pathname === "/callback" && complete;
}
