import type { SiteResponse } from "../../network/deployed-site.ts";
import { validateProviderUrl } from "../../network/provider-url.ts";
import { type Check, errorFinding, type Finding } from "../check.ts";
import { siteHostOf } from "../site-host.ts";

/** The functions answer only at the configured address, because previews may run code of anybody's pull request. */
export const liveAddress: Check = {
  id: "live-address",
  description: "Logins run at this address",
  async run({ site }) {
    if (!site) return {};
    const invalid = validateProviderUrl(site.origin, { insecureLoopback: true });
    if (invalid !== undefined) return { findings: [addressFinding(`${site.origin} ${invalid}`)] };

    // Without parameters, a working callback answers with its own error.
    const finding = answerFinding(site.origin, await site.get("/callback"));
    return finding ? { findings: [finding] } : {};
  },
};

function addressFinding(what: string): Finding {
  const why = "Previews and old deploys run no logins, and redirect URIs are registered for one address.";
  return errorFinding(what, why, "Use the site's main address, and register redirect URIs for it");
}

function answerFinding(origin: string, { status, headers }: SiteResponse): Finding | undefined {
  const { name } = siteHostOf(headers);
  if (status === 400) return undefined;
  if (status === 421) return addressFinding(`${origin} is not the site's main address at ${name}`);
  if (status === 503) {
    const why = "With an invalid configuration, the provider answers nobody.";
    const fix =
      `Run npm run build, which lists what is wrong. Check URL, SEALING_KEY, ALLOWED_APPS and ALLOW_LOOPBACK at ${name} too. ` +
      "If the certificate came after the last deploy, URL still starts with http there: deploy again";
    return errorFinding(`${origin} reports that it is not set up correctly`, why, fix);
  }
  const why = "The function that people return to from a service is missing or fails.";
  return errorFinding(
    `${origin}/callback answers with status ${status}, not 400`,
    why,
    `Deploy again, and read the log at ${name}`,
  );
}
