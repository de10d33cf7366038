import type { Environment } from "../../server/provider/environment.ts";
import { secretsOfEnvironment, secretsOfSigningKeys } from "../secrets/secret-scan.ts";
import { servicesFile } from "./files/file-names.ts";
import type { Secrets } from "./files/secrets-file.ts";
import { type Issue, pathOf } from "./issues.ts";
import type { NamedEntry } from "./service/entry.ts";

/** `services.json` is public, and netlify.toml excludes it from Netlify's secret scan, so a secret must be found here. */
export function exposedSecretIssues(
  entries: NamedEntry[],
  secrets: Secrets,
  env: Environment,
  signingKey = "",
): Issue[] {
  const known = [...Object.values(secrets), ...secretsOfSigningKeys(signingKey), ...secretsOfEnvironment(env)].map(
    (secret) => JSON.stringify(secret).slice(1, -1),
  );
  return entries
    .filter(({ entry }) => known.some((secret) => JSON.stringify(entry).includes(secret)))
    .map(({ key }) => ({
      path: pathOf(servicesFile, [key]),
      message: "contains a client secret, or a key that must stay secret, but is public",
      advice: "Remove it there, and replace it: everybody who can read the repository has it.",
    }));
}
