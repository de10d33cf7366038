import { linkedSiteId } from "../netlify/netlify-cli.ts";
import { Refusal } from "../terminal/console.ts";
import { checkedFlag, type Store } from "./command-line.ts";
import type { Draft } from "./draft.ts";
import type { Session } from "./context.ts";
import { faultOfClientId, faultOfSecret } from "./fields.ts";

/** What the service gave the owner, and where the secret part of it is to be kept. */

export async function chooseStore({ service }: Draft, { options, prompts, directory, env }: Session): Promise<Store> {
  if (service.tokenEndpointAuthMethod === "none") return "none";
  const linked = (await linkedSiteId(directory, env)) !== undefined;
  if (options.store === "netlify" && !linked) {
    throw new Refusal("This folder is not linked to a Netlify site. Next: npx netlify link, then the same again.");
  }
  if (options.store !== undefined) return options.store;
  if (!prompts || options["client-secret-stdin"]) return "file";

  return await prompts.choose("Where should the client secret be kept?", [
    ...(linked
      ? [{ value: "netlify" as const, label: "At Netlify", hint: "for functions of the published site; recommended" }]
      : []),
    { value: "file" as const, label: "In .secret.json", hint: "simple; only in a private repository" },
    { value: "none" as const, label: "I will take care of it later" },
  ]);
}

export async function askClientId({ service }: Draft, { options, prompts }: Session): Promise<string> {
  const flag = options["client-id"];
  if (flag !== undefined) return checkedFlag("client-id", flag, faultOfClientId);
  return await prompts!.text({ message: `Client ID of your OAuth app at ${service.name}`, validate: faultOfClientId });
}

/** `undefined`: not now. */
export async function askSecret(store: Store, session: Session): Promise<string | undefined> {
  const { options, prompts, readStandardInput } = session;
  if (store === "none") return undefined;
  if (options["client-secret-stdin"]) {
    const secret = (await readStandardInput()).replace(/\r?\n$/, "");
    const fault = faultOfSecret(secret);
    if (fault !== undefined) throw new Refusal(`The client secret from standard input ${fault}.`);
    return secret;
  }
  if (!prompts) return undefined;
  return await prompts.secret({ message: "Client secret (it is not shown)", validate: faultOfSecret });
}
