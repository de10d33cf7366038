import type { SigningKey } from "../../../server/provider/signing-key.ts";
import type { PublishedKeys } from "../../network/published-keys.ts";
import { publishedKeys } from "../../network/published-keys.ts";
import { type Check, errorFinding, type Finding, warningFinding } from "../check.ts";
import { algorithmFindings, configuredKeys, describeKeys, isSameList } from "../checks/signing-keys.ts";

export const liveSigningKeys: Check = {
  id: "live-signing-keys",
  description: "The published site names the keys of ID tokens that are configured here",
  async run(context) {
    const { site } = context;
    if (!site) return {};
    const published = await publishedKeys(site);
    const configured = configuredKeys(context);
    if (published === undefined && configured.length === 0) return { facts: ["it issues no ID tokens"] };
    const findings = [...secretFindings(published), ...differences(configured, published)];
    // A key that only Netlify has is described by no other check.
    const keys = configured.length === 0 ? (published?.keys ?? []) : [];
    if (keys.length === 0) return { findings };
    return { findings: [...findings, ...algorithmFindings(keys)], facts: [describeKeys(keys)] };
  },
};

function secretFindings(published: PublishedKeys | undefined): Finding[] {
  if (!published?.containsPrivateKey) return [];
  const why = "Anybody can sign ID tokens with it, and so be any user of every app.";
  return [errorFinding("The published list contains a private key", why, "npm run add-key -- --replace   and deploy")];
}

/** Without a key here, the one at Netlify is right: its value cannot be read. */
function differences(configured: SigningKey[], published: PublishedKeys | undefined): Finding[] {
  if (configured.length === 0) return [];
  if (published === undefined || published.keys.length === 0) {
    const why = "Apps that ask for an ID token are refused.";
    return [errorFinding("A key is configured here, but the published site names none", why, "Deploy")];
  }
  if (isSameList(configured, published.keys)) return [];
  const why = "Either it is not deployed yet, or SIGNING_KEY at Netlify overrides .secret.json.";
  return [warningFinding("The published site names other keys than those that are configured here", why, "Deploy")];
}
