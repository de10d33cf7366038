import { problem, type Check } from "./check.ts";
import { SiteUnreachable } from "./deployed-site.ts";

export const liveHome: Check = {
  id: "live-home",
  description: "The published site shows its home page",
  async run({ site }) {
    if (!site) return {};
    const why = "Nobody can log in while the site does not answer.";
    try {
      const { status, headers } = await site.get("/");
      if (status === 200 && headers.get("content-type")?.startsWith("text/html")) return {};
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
