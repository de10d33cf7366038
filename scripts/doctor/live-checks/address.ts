import { type Check, type Finding, problem } from "../check.ts";
import { faultOfProviderUrl } from "../../network/deployed-site.ts";

/** The functions compare the address with the configured one and refuse to work under any other [A11][A15]. */
export const liveAddress: Check = {
  id: "live-address",
  description: "Logins run at this address",
  async run({ site }) {
    if (!site) return {};
    const fault = faultOfProviderUrl(site.origin, { insecureLoopback: true });
    if (fault !== undefined) return { findings: [findingOfAddress(`${site.origin} ${fault}`)] };

    // Without parameters the callback has to refuse, in its own words.
    const { status } = await site.get("/callback");
    const finding = findingOf(site.origin, status);
    return finding ? { findings: [finding] } : {};
  },
};

function findingOfAddress(what: string): Finding {
  const why = "Previews and old deploys run no logins, and redirect URIs are registered for one address.";
  return problem(what, why, "Use the site's main address, and register redirect URIs for it");
}

function findingOf(origin: string, status: number): Finding | undefined {
  if (status === 400) return undefined;
  if (status === 421) return findingOfAddress(`${origin} is not the address that Netlify has as the site's main one`);
  if (status === 503) {
    const why = "A provider that is not sure about its settings answers nobody.";
    const type =
      "npm run build   lists what is wrong; look at SEALING_KEY, ALLOWED_APPS and ALLOW_LOOPBACK at Netlify too. If the certificate " +
      "came after the last deploy, URL still begins with http there: deploy again";
    return problem(`${origin} reports that it is not set up correctly`, why, type);
  }
  const why = "The function that people return to from a service is missing or fails.";
  return problem(
    `${origin}/callback answers with status ${status}, not 400`,
    why,
    "Deploy again, and read the log of the function at Netlify",
  );
}
