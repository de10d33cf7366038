import { SiteUnreachableError } from "../../network/deployed-site.ts";
import { type Check, errorFinding, type Finding } from "../check.ts";
import { siteHostOf } from "../site-host.ts";

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
      if (target.startsWith("http:")) return { findings: [missingCertificateFinding(site.origin, target)] };
      const where = headers.has("location") ? ", a redirect" : "";
      const fix = `Check the last deploy at ${siteHostOf(headers).name}, and that this is the site's main address`;
      return { findings: [errorFinding(`${site.origin}/ answers with status ${status}${where}`, why, fix)] };
    } catch (error) {
      if (!(error instanceof SiteUnreachableError)) throw error;
      const fix = "Check the address and your connection. A new domain and its certificate may each need an hour";
      return { findings: [errorFinding(`${site.origin} cannot be reached`, why, fix)] };
    }
  },
};

/** Netlify redirects every address of a site to its primary domain, even if that has no certificate yet. */
function missingCertificateFinding(origin: string, target: string): Finding {
  const why = "The provider runs at the site's primary domain, and answers nobody until that has a certificate.";
  const fix = "Open Domain management → HTTPS at Netlify. When the certificate is there, deploy again";
  return errorFinding(`${origin}/ redirects to ${target}, which is not https`, why, fix);
}
