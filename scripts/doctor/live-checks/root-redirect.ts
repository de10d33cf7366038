import { type Check, problem } from "../check.ts";

/** Madata's clients come back to the root; both rules of netlify.toml have to pass every parameter on. */
export const liveRootRedirect: Check = {
  id: "live-root-redirect",
  description: "Who comes back to the root is led on to the callback",
  async run({ site }) {
    if (!site) return {};
    const queries = [
      { code: "x", state: "y", iss: "z" },
      { error: "x", state: "y", error_description: "z" },
    ];
    const faults = await Promise.all(
      queries.map(async (query) => {
        const { status, headers } = await site.get(`/?${new URLSearchParams(query)}`);
        return arrives(status, headers.get("location"), query, site.origin) ? undefined : { query, status };
      }),
    );
    return {
      findings: faults
        .filter((fault) => fault !== undefined)
        .map(({ query, status }) =>
          problem(
            `/?${Object.keys(query).join("&")} answers with status ${status} and does not lead to /callback with all`,
            "Apps made with Madata send people back to the root; their logins would end on the home page.",
            "Put the two [[redirects]] of the template back into netlify.toml, and deploy",
          ),
        ),
    };
  },
};

function arrives(status: number, location: string | null, query: Record<string, string>, origin: string): boolean {
  if (status !== 302 || location === null || !URL.canParse(location, origin)) return false;
  const target = new URL(location, origin);
  const complete = Object.entries(query).every(([name, value]) => target.searchParams.get(name) === value);
  return target.origin === origin && target.pathname === "/callback" && complete;
}
