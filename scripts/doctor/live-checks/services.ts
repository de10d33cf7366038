import { z } from "zod";
import type { SiteResponse } from "../../network/deployed-site.ts";
import { type Check, type CheckContext, errorFinding, type Finding, warningFinding } from "../check.ts";
import { type SiteHost, siteHostOf } from "../site-host.ts";

/** The part of `/services.json` that the check reads. Another server may have written it. */
const listSchema = z.record(
  z.string(),
  z.object({ id: z.string(), client_id: z.string(), try: z.boolean().optional() }),
);

type Listed = z.infer<typeof listSchema>[string];

export const liveServices: Check = {
  id: "live-services",
  description: "The published site offers the services that are configured here, to every app",
  async run(context) {
    const { site, onlyService } = context;
    if (!site) return {};
    const response = await site.get("/services.json");
    const host = siteHostOf(response.headers);
    const list = parseList(response);
    if (!list) {
      const why = "Apps and the home page read this list to know which services they can log in with.";
      const what = `${site.origin}/services.json answers with status ${response.status} and no list of services`;
      return {
        findings: [errorFinding(what, why, `Deploy again, and read the log at ${host.name}`)],
      };
    }
    const findings = [...corsFindings(response), ...listFindings(list, context, host)];
    const listed = list.filter(({ id }) => /^[a-z0-9-]+$/.test(id));
    const names = listed.map(({ id }) => id);
    return {
      findings,
      facts:
        onlyService === undefined && names.length > 0
          ? [`offered: ${names.join(", ")}`, ...trialFacts(listed, site.origin)]
          : [],
    };
  },
};

/** Only a login shows whether a service knows the redirect URI. */
function trialFacts(list: Listed[], origin: string): string[] {
  const ids = list.filter((listed) => listed.try).map(({ id }) => id);
  if (ids.length === 0) return [];
  return [`to try a login, open ${ids.map((id) => `${origin}/try#${id}`).join(" or ")}`];
}

function parseList({ status, text }: SiteResponse): Listed[] | undefined {
  try {
    const result = listSchema.safeParse(JSON.parse(text));
    return status === 200 && result.success ? Object.values(result.data) : undefined;
  } catch {
    return undefined;
  }
}

function corsFindings({ headers }: SiteResponse): Finding[] {
  if (headers.get("access-control-allow-origin") === "*") return [];
  const why = "Browsers do not let apps at other addresses read the list.";
  const fix =
    "Look for a rule for /services.json in netlify.toml or in a proxy in front of the site, remove it, and deploy";
  return [errorFinding("/services.json does not allow apps to read it (Access-Control-Allow-Origin)", why, fix)];
}

function listFindings(list: Listed[], { report, onlyService }: CheckContext, host: SiteHost): Finding[] {
  const configured = report.configuration.services.filter(
    ({ id, clientId }) => clientId !== "" && (onlyService === undefined || id === onlyService),
  );
  const missing = configured.filter(({ id }) => !list.some((listed) => listed.id === id));
  const differing = configured.filter(({ id, clientId }) =>
    list.some((listed) => listed.id === id && listed.client_id !== clientId),
  );
  const empty = list.length === 0 && missing.length === 0;
  return [
    ...missing.map(({ name, id }) => {
      const why = "It has no client secret there, or this configuration has not been deployed.";
      return errorFinding(
        `${name} is configured here, but the published site does not offer it`,
        why,
        host.setSecret(id),
      );
    }),
    ...differing.map(({ name }) => {
      const why = `Either it is not deployed yet, or an environment variable at ${host.name} overrides services.json.`;
      return warningFinding(
        `${name} has a different client ID on the published site`,
        why,
        "Deploy, or give both the same client ID",
      );
    }),
    ...(empty
      ? [errorFinding("The published site offers no service", "Nobody can log in.", "npm run add-service")]
      : []),
  ];
}
