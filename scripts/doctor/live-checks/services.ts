import { z } from "zod";
import { clientSecretVariable } from "../../../server/provider/environment.ts";
import { type Check, type Examination, type Finding, notice, problem } from "../check.ts";
import type { SiteAnswer } from "../../network/deployed-site.ts";

/** What is looked at of `/services.json`; a list that others wrote. */
const listSchema = z.record(z.string(), z.object({ id: z.string(), client_id: z.string() }));

type Listed = z.infer<typeof listSchema>[string];

export const liveServices: Check = {
  id: "live-services",
  description: "The published site offers the services that are configured here, to every app",
  async run(examination) {
    const { site, onlyService } = examination;
    if (!site) return {};
    const answer = await site.get("/services.json");
    const list = parseList(answer);
    if (!list) {
      const why = "Apps and the home page read this list to know what they can log in with.";
      const what = `${site.origin}/services.json answers with status ${answer.status} and no list of services`;
      return { findings: [problem(what, why, "Deploy again, and read the log of the function “services” at Netlify")] };
    }
    const findings = [...findingsOfCors(answer), ...findingsOfList(list, examination)];
    const names = list.map(({ id }) => id).filter((id) => /^[a-z0-9-]+$/.test(id));
    return { findings, facts: onlyService === undefined && names.length > 0 ? [`offered: ${names.join(", ")}`] : [] };
  },
};

function parseList({ status, text }: SiteAnswer): Listed[] | undefined {
  try {
    const result = listSchema.safeParse(JSON.parse(text));
    return status === 200 && result.success ? Object.values(result.data) : undefined;
  } catch {
    return undefined;
  }
}

function findingsOfCors({ headers }: SiteAnswer): Finding[] {
  if (headers.get("access-control-allow-origin") === "*") return [];
  const why = "Browsers keep apps on other addresses from reading the list.";
  const type = "Look for a rule for /services.json in netlify.toml or a proxy before the site, remove it, and deploy";
  return [problem("/services.json does not allow apps to read it (Access-Control-Allow-Origin)", why, type)];
}

function findingsOfList(list: Listed[], { report, onlyService }: Examination): Finding[] {
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
      const why = "It has no client secret there, or what is configured here has not been deployed.";
      return problem(
        `${name} is configured here, but the published site does not offer it`,
        why,
        `Set ${clientSecretVariable(id)} at Netlify (npm run add-service -- ${id} --store netlify), and deploy`,
      );
    }),
    ...differing.map(({ name }) => {
      const why = "Either it is not deployed yet, or an environment variable at Netlify wins over services.json.";
      return notice(
        `${name} has another client ID on the published site than here`,
        why,
        "Deploy, or bring the two in line",
      );
    }),
    ...(empty
      ? [problem("The published site offers no service", "Nobody can log in with anything.", "npm run add-service")]
      : []),
  ];
}
