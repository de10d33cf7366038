/**
 * `npm run add-service`: shows where to register an OAuth app, and writes its client ID and secret where they belong.
 */

import { checkService, nextStep } from "./add-service/check-service.ts";
import { chooseService, refuseMisspelling } from "./add-service/choose-service.ts";
import { askAppSlug } from "./add-service/client-kind.ts";
import { apiKeyField, parseOptions } from "./add-service/command-line.ts";
import type { AddServiceContext, RunContext } from "./add-service/context.ts";
import { askClientId, askSecret, chooseStore } from "./add-service/credentials.ts";
import { describeService } from "./add-service/describe-service.ts";
import { draftService } from "./add-service/draft.ts";
import { readOwnersFiles } from "./add-service/owners-files.ts";
import { terminalPrompts } from "./add-service/prompts.ts";
import { findProviderOrigin, showRegistration, showRequirements } from "./add-service/registration.ts";
import { requireFlags } from "./add-service/required-flags.ts";
import { openPage, readStandardInput } from "./add-service/terminal.ts";
import { preview, writeChanges } from "./add-service/write-changes.ts";
import { PROJECT } from "./files/project.ts";
import { netlifyRunner } from "./netlify/netlify-cli.ts";
import { CancelledError, printFailure } from "./terminal/command-error.ts";
import { start } from "./terminal/start.ts";

export type { AddServiceContext } from "./add-service/context.ts";

const HELP = `npm run add-service [-- <service>] [options]

Adds a service, or changes its client ID and secret. Shows where to register an OAuth app and with which redirect URI,
asks for the client ID and the client secret, and writes them where they belong.

  <service>                      for example github; without it, you can search the catalogue or describe another service
  --client-id <id>               public; written to services.json
  --client-secret-stdin          read the client secret from standard input (no option takes the secret itself, because
                                 other users of a computer can see command lines)
  --store file|netlify|none      where to store the secret: in .secret.json (the default), in an environment variable of
                                 the linked Netlify site, or nowhere for now
  --app-slug <name>              for a client that people install, its name in the service's addresses (GitHub App)
  --api-key <key>                public key for Madata's clients (Google)
  --scopes "<scope> <scope>"     the scopes to request if an app names none
  --variable <name>=<value>      for services that run on many hosts, as in instance=mastodon.example; can be repeated
  --url <address>                the provider's address, as in https://auth.example.com
  --open                         open the service's registration page in a browser

  For a service that is not in the catalogue:
  --authorization-endpoint <url> --token-endpoint <url>
  --auth-method <method>         client_secret_post (the default), client_secret_basic or none
  --name <name>                  the name that people see, if it differs from <service>

  --probe, --no-probe            ask the service whether it accepts the secret (default: in a terminal)
  --dry-run                      show what would be written, and write nothing
  --yes                          ask no questions
  --help                         show this text

Example: npm run add-service -- github --client-id Ov23li0123456789abcd --client-secret-stdin --yes < secret.txt`;

/** @returns the exit status */
export async function addService({ argv, ...context }: AddServiceContext): Promise<number> {
  const { directory, env, print } = context;
  return await printFailure(print, async () => {
    const options = parseOptions(argv);
    if (options.help) {
      print(HELP);
      return 0;
    }
    const prompts = options.yes ? undefined : context.prompts;
    return await main({ ...context, prompts, options, files: await readOwnersFiles(directory, env) });
  });
}

async function main(context: RunContext): Promise<number> {
  const { print, options } = context;
  refuseMisspelling(context);
  requireFlags(context);
  const choice = await chooseService(context);
  showRequirements(choice, context);
  const described = await describeService(choice, context);
  const origin = await findProviderOrigin(context);
  showRegistration(described, origin, context);
  const store = await chooseStore(described, context);
  const clientId = await askClientId(described, context);
  const slug = await askAppSlug(described, clientId, context);
  const secret = await askSecret(store, context);

  const fields = { ...described.fields, client_id: clientId, ...slug, ...apiKeyField(options) };
  const draft = draftService(choice, fields, { ...context, secret: store === "file" ? secret : undefined });
  print(preview(draft, { store, secret, files: context.files }));
  if (options["dry-run"]) {
    print("\nNothing was written (--dry-run). Next: run the same command without --dry-run.");
    return 0;
  }
  if (context.prompts && !(await context.prompts.confirm("Write this?"))) throw new CancelledError();

  const storedSecret = await writeChanges(draft, { store, secret }, context);
  const healthy = await checkService(draft, { secret: storedSecret, origin }, context);
  print(nextStep(draft, { store, origin, healthy }));
  return healthy ? 0 : 1;
}

start(import.meta.url, () => {
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true && !process.env.CI;
  return addService({
    argv: process.argv.slice(2),
    directory: PROJECT,
    env: process.env,
    prompts: interactive ? terminalPrompts : undefined,
    readStandardInput: readStandardInput,
    print: (text) => console.log(text),
    openPage,
    runNetlify: netlifyRunner({ directory: PROJECT, env: process.env }),
  });
});
