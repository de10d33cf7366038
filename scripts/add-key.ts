/** `npm run add-key`: makes the key that ID tokens are signed with, and replaces it without logging anybody out. */

import type { SigningKey } from "../server/provider/signing-key.ts";
import type { Options, Store } from "./add-key/command-line.ts";
import { parseOptions } from "./add-key/command-line.ts";
import type { AddKeyContext, RunContext } from "./add-key/context.ts";
import { currentKeys } from "./add-key/current-keys.ts";
import { CHANGE_OF_ALGORITHM, changeKeys, isUsual, makeKey, OTHER_ALGORITHM, shortNameOf } from "./add-key/key-list.ts";
import { writeKeys } from "./add-key/write-keys.ts";
import { readOwnersFiles } from "./add-service/owners-files.ts";
import { terminalPrompts } from "./add-service/prompts.ts";
import { PROJECT } from "./files/project.ts";
import { linkedSiteId, netlifyRunner, whyNetlifyCannotStore } from "./netlify/netlify-cli.ts";
import { CancelledError, CommandError, printFailure } from "./terminal/command-error.ts";
import { start } from "./terminal/start.ts";

export type { AddKeyContext } from "./add-key/context.ts";

const HELP = `npm run add-key [-- options]

Makes the key that ID tokens are signed with, so that apps can prove to any server who their user is. The key is written
to .secret.json, or to an environment variable of the linked Netlify site.

If there is a key already, the new one signs from the next deploy on, and the old one stays published with its public
half, so that the tokens that it has signed stay valid until they expire.

  --type <algorithm>     RS256 (the default, which every verifier takes and OpenID Connect demands), ES256 or EdDSA
  --store file|netlify   where to store it: in .secret.json (the default), or as a variable of the linked Netlify site
  --print                print the value of SIGNING_KEY, for another host, and store nothing. It must stay secret
  --url <address>        the published provider, which names the key that is in use; Netlify shows no secret variable

  For verifiers that keep a list of keys for long, in two steps (not with --store netlify):
  --standby              publish a new key, and go on signing with the current one
  --activate             sign with the key that waits, and keep the old one's public half

  --remove-old           publish only the key that signs (not with --store netlify: there, the next key removes it)
  --replace              publish only a new key. After a leak: tokens signed with the old key are refused at once
  --dry-run              say what would happen, and write nothing
  --yes                  ask no questions
  --help                 show this text`;

/** @returns the exit status */
export async function addKey({ argv, ...context }: AddKeyContext): Promise<number> {
  const { print, directory, env } = context;
  return await printFailure(print, async () => {
    const options = parseOptions(argv);
    if (options.help) {
      print(HELP);
      return 0;
    }
    const prompts = options.yes ? undefined : context.prompts;
    const store = await chooseStore(options, { ...context, prompts });
    const files = await readOwnersFiles(directory, env);
    return await main({ ...context, prompts, files, options: { ...options, store } });
  });
}

async function main(context: RunContext): Promise<number> {
  const { options, print, prompts } = context;
  const keys = changeKeys(options.change, await currentKeys(context), () => makeKey(options.algorithm));
  // Whoever prints the value pipes it somewhere, so nothing else may be printed.
  if (options.store !== "print") print(describe(keys));
  if (options.dryRun) {
    print("\nNothing was written (--dry-run). Next: run the same command without --dry-run.");
    return 0;
  }
  if (options.store !== "print" && prompts && !(await prompts.confirm("Write this?"))) throw new CancelledError();
  await writeKeys(keys, context);
  if (options.store !== "print") print(nextStep(keys, context));
  return 0;
}

async function chooseStore(options: Options, { directory, env, prompts }: Omit<AddKeyContext, "argv">): Promise<Store> {
  if (options.store === "netlify") {
    const issue = await whyNetlifyCannotStore(directory, env);
    if (issue !== undefined) throw new CommandError(issue);
    // Netlify does not show the private half of the current key, which such a change must write again.
    if (["standby", "activate", "remove-old"].includes(options.change)) {
      throw new CommandError(`--${options.change} needs the current private key, and Netlify does not show it.`);
    }
  }
  if (options.store !== undefined) return options.store;
  const isPossible = (await linkedSiteId(directory, env)) !== undefined && options.change !== "standby";
  if (!prompts || !isPossible || (await whyNetlifyCannotStore(directory, env)) !== undefined) return "file";
  return await prompts.choose<Store>("Where should the key be stored?", [
    { value: "netlify", label: "At Netlify", hint: "only for functions of the published site; recommended" },
    { value: "file", label: "In .secret.json", hint: "simple, but only for a private repository" },
  ]);
}

function describe(keys: SigningKey[]): string {
  const [signing, ...others] = keys;
  return [
    `ID tokens are signed with  ${shortNameOf(signing!)}`,
    ...others.map((key) => `Also published             ${shortNameOf(key)}${key.privateKey ? ", which waits" : ""}`),
    ...warningsAbout(keys).map((warning) => `! ${warning}`),
  ].join("\n");
}

function warningsAbout(keys: SigningKey[]): string[] {
  const isUnusual = keys.some(({ privateKey, algorithm }) => privateKey !== undefined && !isUsual(algorithm));
  const isChange = new Set(keys.map(({ algorithm }) => algorithm)).size > 1;
  return [...(isUnusual ? [OTHER_ALGORITHM] : []), ...(isChange ? [CHANGE_OF_ALGORITHM] : [])];
}

function nextStep(keys: SigningKey[], { options }: RunContext): string {
  const deploy =
    options.store === "file" ? "commit, git push" : "deploy (npx netlify deploy --build --prod, or git push)";
  const lines = [`\nWritten. Next: ${deploy}, and then run npm run doctor -- --url ${options.url ?? "https://…"}`];
  if (options.change === "standby")
    lines.push("An hour after that, every verifier has seen the key that waits: npm run add-key -- --activate");
  const hasOld = keys.slice(1).some(({ privateKey }) => privateKey === undefined);
  if (!hasOld || options.change === "standby") return lines.join("\n");
  const how = options.store === "file" ? "npm run add-key -- --remove-old" : "the next npm run add-key removes it";
  lines.push(`The last token of the old key expires an hour after the deploy. Then the old key may go: ${how}`);
  return lines.join("\n");
}

start(import.meta.url, () => {
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true && !process.env.CI;
  return addKey({
    argv: process.argv.slice(2),
    directory: PROJECT,
    env: process.env,
    prompts: interactive ? terminalPrompts : undefined,
    print: (text) => console.log(text),
    runNetlify: netlifyRunner({ directory: PROJECT, env: process.env }),
    fetch: globalThis.fetch,
  });
});
