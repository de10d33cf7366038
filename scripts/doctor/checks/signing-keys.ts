import { readVariable } from "../../../server/provider/environment.ts";
import { parseSigningKeys, type SigningKey } from "../../../server/provider/signing-key.ts";
import { isUsual, OTHER_ALGORITHM, shortNameOf } from "../../add-key/key-list.ts";
import { type Check, type CheckContext, type Finding, warningFinding } from "../check.ts";

/** The configuration check reports a key that cannot be used. */
export const signingKeys: Check = {
  id: "signing-keys",
  description: "The keys of ID tokens are in order",
  async run(context) {
    if (context.report.issues.length > 0) return { skipped: "the configuration is invalid" };
    const keys = configuredKeys(context);
    const findings = [...twoPlaces(context), ...algorithmFindings(keys)];
    return { findings, facts: [keys.length === 0 ? NO_KEY : describeKeys(keys)] };
  },
};

const NO_KEY = "no key here, so without one at Netlify there are no ID tokens; npm run add-key makes one";

/** What a provider with these files and variables signs with. Netlify may have another value. */
export function configuredKeys({ env, report }: CheckContext): SigningKey[] {
  const text = readVariable(env, "SIGNING_KEY") || (report.configuration.signingKey ?? "");
  return parseSigningKeys(text).keys;
}

export function describeKeys([signing, ...others]: SigningKey[]): string {
  const state = (key: SigningKey): string =>
    key.privateKey ? `${shortNameOf(key)} waits (npm run add-key -- --activate)` : `${shortNameOf(key)} only verifies`;
  return [`${shortNameOf(signing!)} signs`, ...others.map(state)].join(", ");
}

/** The owner may know that every verifier takes it, so this is no error. */
export function algorithmFindings([signing]: SigningKey[]): Finding[] {
  if (signing === undefined || isUsual(signing.algorithm)) return [];
  const fix = "npm run add-key   (makes an RS256 key), unless you know that every verifier takes this one";
  return [warningFinding(`ID tokens are signed with ${signing.algorithm}, not with RS256`, OTHER_ALGORITHM, fix)];
}

function twoPlaces({ env, report }: CheckContext): Finding[] {
  const variable = readVariable(env, "SIGNING_KEY");
  const { signingKey = "" } = report.configuration;
  if (variable === "" || signingKey === "") return [];
  if (isSameList(parseSigningKeys(variable).keys, parseSigningKeys(signingKey).keys)) return [];
  const why = "The variable wins. With another key than the published one, verifiers refuse every ID token.";
  const what = "SIGNING_KEY and .secret.json contain different keys";
  return [warningFinding(what, why, "Delete the one that you don't want")];
}

export function isSameList(left: SigningKey[], right: SigningKey[]): boolean {
  const names = (keys: SigningKey[]): string => keys.map(({ kid }) => kid).join();
  return names(left) === names(right);
}
