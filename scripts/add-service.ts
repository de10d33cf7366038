/**
 * `npm run add-service`: what to register where, and then the two values that come out of it, in the right places.
 */

import { carryOut, preview } from "./add-service/write-changes.ts";
import { chooseService } from "./add-service/choose-service.ts";
import { apiKey, parseOptions } from "./add-service/command-line.ts";
import { askClientId, askSecret, chooseStore } from "./add-service/credentials.ts";
import { describeService } from "./add-service/describe-service.ts";
import { draftService } from "./add-service/draft.ts";
import { readOwnersFiles } from "./add-service/owners-files.ts";
import { Cancelled, terminalPrompts } from "./add-service/prompts.ts";
import { findProviderOrigin, showRegistration } from "./add-service/registration.ts";
import { requireFlags } from "./add-service/required-flags.ts";
import type { AddServiceSurroundings, Session } from "./add-service/context.ts";
import { openPage, readAll } from "./add-service/terminal.ts";
import { nextStep, showVerdict } from "./add-service/check-service.ts";
import { PROJECT } from "./files/project.ts";
import { netlifyRunner } from "./netlify/netlify-cli.ts";
import { isStarted, Refusal } from "./terminal/console.ts";

export type { AddServiceSurroundings } from "./add-service/context.ts";

const HELP = `npm run add-service [-- <service>] [options]

Adds a service, or changes its client ID and secret: shows where to register an OAuth app and with which redirect URI,
asks for the client ID and the client secret, and writes them where they belong.

  <service>                      as in github; without it you can search the catalogue, or describe another service
  --client-id <id>               public; goes to services.json
  --client-secret-stdin          read the client secret from standard input (there is no flag that takes it: other users
                                 of a computer can see command lines)
  --store file|netlify|none      where the secret goes: .secret.json (the default), an environment variable of the
                                 linked Netlify site, or nowhere for now
  --api-key <key>                public key for Madata's clients (Google)
  --scopes "<scope> <scope>"     what to ask for when an app names no scopes
  --variable <name>=<value>      for services that run on many hosts, as in instance=mastodon.example; can be repeated
  --url <address>                the provider's address, as in https://auth.example.com
  --open                         open the service's registration page in a browser

  For a service that the catalogue does not know:
  --authorization-endpoint <url> --token-endpoint <url>
  --auth-method <method>         client_secret_post (the default), client_secret_basic or none
  --name <name>                  what people read, where it differs from <service>

  --probe, --no-probe            ask the service whether it accepts the secret (default: where a person watches)
  --dry-run                      show what would be written, and write nothing
  --yes                          ask nothing
  --help                         show this text

Example: npm run add-service -- github --client-id Ov23li0123456789abcd --client-secret-stdin --yes < secret.txt`;

/** @returns the exit status */
export async function addService({ argv, ...surroundings }: AddServiceSurroundings): Promise<number> {
  const { directory, env, write } = surroundings;
  try {
    const options = parseOptions(argv);
    if (options.help) {
      write(HELP);
      return 0;
    }
    const prompts = options.yes ? undefined : surroundings.prompts;
    return await main({ ...surroundings, prompts, options, files: await readOwnersFiles(directory, env) });
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Cancelled)) throw error;
    write(error instanceof Cancelled ? "Nothing was changed." : explain(error));
    return 1;
  }
}

function explain({ message, advice }: Refusal): string {
  return advice === "" ? message : `${message}\n\n${advice}`;
}

async function main(session: Session): Promise<number> {
  const { write, options } = session;
  requireFlags(session);
  const choice = await chooseService(session);
  const described = await describeService(choice, session);
  const origin = await findProviderOrigin(session);
  showRegistration(described, origin, session);
  const store = await chooseStore(described, session);
  const clientId = await askClientId(described, session);
  const secret = await askSecret(store, session);

  const fields = { ...described.fields, client_id: clientId, ...apiKey(options) };
  const draft = draftService(choice, fields, { ...session, secret: store === "file" ? secret : undefined });
  write(preview(draft, { store, secret, files: session.files }));
  if (options["dry-run"]) {
    write("\nNothing was written (--dry-run). Next: the same without --dry-run.");
    return 0;
  }
  if (session.prompts && !(await session.prompts.confirm("Write this?"))) throw new Cancelled();

  const storedSecret = await carryOut(draft, { store, secret }, session);
  const healthy = await showVerdict(draft, { secret: storedSecret, origin }, session);
  write(nextStep(draft, { store, origin, healthy }));
  return healthy ? 0 : 1;
}

if (isStarted(import.meta.url)) {
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true && !process.env.CI;
  process.exitCode = await addService({
    argv: process.argv.slice(2),
    directory: PROJECT,
    env: process.env,
    prompts: interactive ? terminalPrompts : undefined,
    readStandardInput: readAll,
    write: (text) => console.log(text),
    openPage,
    runNetlify: netlifyRunner({ directory: PROJECT, env: process.env }),
  });
}
