import type { Environment } from "../../server/provider/provider.ts";
import { secretsOfEnvironment } from "../secrets/secret-scan.ts";
import { type Fault, pathOf } from "./issues.ts";
import { servicesFile } from "./files/file-names.ts";
import type { Secrets } from "./files/secrets-file.ts";
import type { NamedEntry } from "./service/entry.ts";

/** `services.json` is public. Netlify's search for secrets leaves it out (netlify.toml), so nobody else would notice [A10]. */
export function faultsOfExposedSecrets(entries: NamedEntry[], secrets: Secrets, env: Environment): Fault[] {
  const known = [...Object.values(secrets), ...secretsOfEnvironment(env)].map((secret) =>
    JSON.stringify(secret).slice(1, -1),
  );
  return entries
    .filter(({ entry }) => known.some((secret) => JSON.stringify(entry).includes(secret)))
    .map(({ key }) => ({
      path: pathOf(servicesFile, [key]),
      reason: "holds a client secret or a sealing key, and is public",
      advice: "Remove it there, and replace it: whoever can read the repository has it.",
    }));
}
