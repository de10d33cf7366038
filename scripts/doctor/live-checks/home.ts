import { type Check, type Finding, problem } from "../check.ts";
import { SiteUnreachable } from "../../network/deployed-site.ts";

export const liveHome: Check = {
  id: "live-home",
  description: "The published site shows its home page",
  async run({ site }) {
    if (!site) return {};
    const why = "Nobody can log in while the site does not answer.";
    try {
      const { status, headers } = await site.get("/");
      if (status === 200 && headers.get("content-type")?.startsWith("text/html")) return {};
      const target = headers.get("location") ?? "";
      if (target.startsWith("http:")) return { findings: [findingOfPlainDomain(site.origin, target)] };
      const where = headers.has("location") ? ", a redirect" : "";
      const type = "Look at the site's last deploy at Netlify (npx netlify open), and whether this is its main address";
      return { findings: [problem(`${site.origin}/ answers with status ${status}${where}`, why, type)] };
    } catch (error) {
      if (!(error instanceof SiteUnreachable)) throw error;
      const type = "Check the address and your connection; a new domain may need an hour, and its certificate too";
      return { findings: [problem(`${site.origin} cannot be reached`, why, type)] };
    }
  },
};

/** Netlify leads every address of a site to its primary domain, also while that has no certificate. */
function findingOfPlainDomain(origin: string, target: string): Finding {
  const why = "The provider runs at the site's primary domain, and answers nobody as long as that has no certificate.";
  const type = "Look at Domain management → HTTPS at Netlify. Once the certificate is there, deploy again";
  return problem(`${origin}/ leads to ${target}, which is not https`, why, type);
}
