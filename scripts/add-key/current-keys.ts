import { readVariable } from "../../server/provider/environment.ts";
import { parseSigningKeys, type SigningKey } from "../../server/provider/signing-key.ts";
import { secretsFile } from "../configuration/files/file-names.ts";
import { signingKeyText } from "../configuration/files/signing-key-member.ts";
import { linkedOrigin, linkedSiteId } from "../netlify/netlify-cli.ts";
import { deployedSite, SiteUnreachableError } from "../network/deployed-site.ts";
import { publishedKeys } from "../network/published-keys.ts";
import { CommandError } from "../terminal/command-error.ts";
import type { RunContext } from "./context.ts";

/**
 * The keys that are in use. The value of a secret variable at Netlify cannot be read, but the published provider names the
 * public halves, and those are all that has to stay.
 *
 * @throws {CommandError} if they are unknown, because a list without them would end every ID token that they have signed
 */
export async function currentKeys(context: RunContext): Promise<SigningKey[]> {
  const { options, env, files } = context;
  if (options.change === "replace") return [];
  if (options.store === "file") return readKeys(signingKeyText(files.secrets.value), secretsFile);
  const variable = options.store === "print" ? readVariable(env, "SIGNING_KEY") : "";
  if (variable !== "") return readKeys(variable, "SIGNING_KEY");
  return await keysOfPublishedSite(context);
}

function readKeys(text: string, place: string): SigningKey[] {
  const { keys, issues } = parseSigningKeys(text);
  if (issues.length === 0) return keys;
  throw new CommandError(
    `${place}: ${issues.join("; ")}.`,
    "If no ID token has been signed with it, replace it: npm run add-key -- --replace",
  );
}

async function keysOfPublishedSite(context: RunContext): Promise<SigningKey[]> {
  const origin = await originOf(context);
  // A provider that is not published yet has signed nothing.
  if (origin === undefined) return [];
  try {
    return (await publishedKeys(deployedSite(origin, context.fetch)))?.keys ?? [];
  } catch (error) {
    if (!(error instanceof SiteUnreachableError)) throw error;
    throw new CommandError(
      `${origin} cannot be reached, so the key that is in use is unknown.`,
      "Try again later. If no key is in use, or it has leaked: npm run add-key -- --replace",
    );
  }
}

async function originOf({ options, directory, env, runNetlify, print }: RunContext): Promise<string | undefined> {
  if (options.url !== undefined) return options.url;
  if (options.store !== "netlify") return undefined;
  const siteId = await linkedSiteId(directory, env);
  const origin = siteId === undefined ? undefined : await linkedOrigin(runNetlify, siteId, print);
  if (origin !== undefined) return origin;
  throw new CommandError(
    "Netlify did not tell the provider's address, so the key that is in use is unknown.",
    "Give the address with --url. If no key is in use: npm run add-key -- --replace",
  );
}
