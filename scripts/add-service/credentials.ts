import { isNetlifyInstalled, linkedSiteId, whyNetlifyCannotStore } from "../netlify/netlify-cli.ts";
import { CommandError } from "../terminal/command-error.ts";
import { checkedFlag, type Store } from "./command-line.ts";
import type { RunContext } from "./context.ts";
import type { Draft } from "./draft.ts";
import { validateClientId, validateSecret } from "./fields.ts";

/** The credentials that the service gave the owner, and where to store the secret. */

export async function chooseStore(
  { service }: Draft,
  { options, prompts, directory, env }: RunContext,
): Promise<Store> {
  if (service.tokenEndpointAuthMethod === "none") return "none";
  const linked = (await linkedSiteId(directory, env)) !== undefined;
  const issue = options.store === "netlify" ? await whyNetlifyCannotStore(directory, env) : undefined;
  if (issue !== undefined) throw new CommandError(issue);
  if (options.store !== undefined) return options.store;
  if (!prompts || options["client-secret-stdin"]) return "file";

  return await prompts.choose("Where should the client secret be stored?", [
    ...(linked && isNetlifyInstalled()
      ? [
          {
            value: "netlify" as const,
            label: "At Netlify",
            hint: "only for functions of the published site; recommended",
          },
        ]
      : []),
    { value: "file" as const, label: "In .secret.json", hint: "simple, but only for a private repository" },
    { value: "none" as const, label: "Nowhere yet: I will set it later" },
  ]);
}

export async function askClientId({ service }: Draft, { options, prompts }: RunContext): Promise<string> {
  const flag = options["client-id"];
  if (flag !== undefined) return checkedFlag("client-id", flag, validateClientId);
  return await prompts!.text({ message: `Client ID of your OAuth app at ${service.name}`, validate: validateClientId });
}

/** @returns `undefined` if the secret is not given now */
export async function askSecret(store: Store, context: RunContext): Promise<string | undefined> {
  const { options, prompts, readStandardInput } = context;
  if (store === "none") return undefined;
  if (options["client-secret-stdin"]) {
    const secret = (await readStandardInput()).replace(/\r?\n$/, "");
    const invalid = validateSecret(secret);
    if (invalid !== undefined) throw new CommandError(`The client secret from standard input ${invalid}.`);
    return secret;
  }
  if (!prompts) return undefined;
  return await prompts.secret({ message: "Client secret (not shown while you type)", validate: validateSecret });
}
