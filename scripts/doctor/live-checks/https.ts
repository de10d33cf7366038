import { getPage } from "../../network/deployed-site.ts";
import { type Check, errorFinding } from "../check.ts";
import { siteHostOf } from "../site-host.ts";

export const liveHttps: Check = {
  id: "live-https",
  description: "http redirects to https",
  async run({ site, fetch }) {
    if (!site) return {};
    const { status, headers } = await getPage(`${site.plainOrigin}/`, fetch);
    const target = headers.get("location") ?? "";
    const secure =
      [301, 308, 302, 307].includes(status) && (target === site.origin || target.startsWith(`${site.origin}/`));
    if (secure) return {};
    const what = `${site.plainOrigin}/ answers with status ${status} instead of a redirect to ${site.origin}`;
    const why = "Anybody on the network between a person and the site could read and change the confirmation page.";
    return { findings: [errorFinding(what, why, siteHostOf(headers).forceHttps)] };
  },
};
