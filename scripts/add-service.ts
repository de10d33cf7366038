/**
 * `npm run add-service`: what to register where, and then the two values that come out of it, in the right places.
 */

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { parseArgs, styleText } from "node:util";
import { defaultVariables, fillVariables, matchesPattern } from "../netlify/oauth/catalogue/variables.ts";
import { describeScopes } from "../netlify/oauth/scopes.ts";
import { PROJECT } from "./tools/build-site.ts";
import type { Fetch } from "./tools/checks/check.ts";
import { faultOfProviderUrl } from "./tools/checks/deployed-site.ts";
import { examine } from "./tools/checks/examine.ts";
import { formatResult, runChecks, SERVICE_CHECKS } from "./tools/checks/run-checks.ts";
import { prepareFiles } from "./tools/edit-json.ts";
import {
  linkedSiteId,
  netlifyRunner,
  setCommand,
  setSecretVariable,
  siteUrl,
  type NetlifyRunner,
} from "./tools/netlify-env.ts";
import {
  describeDraft,
  draftService,
  faultOfClientId,
  faultOfField,
  faultOfNewKey,
  faultOfSecret,
  findService,
  listCatalogue,
  readOwnersFiles,
  Refusal,
  type Choice,
  type Draft,
  type Fields,
  type OwnersFiles,
} from "./tools/service-draft.ts";
import { Cancelled, terminalPrompts, type ServicePrompts } from "./tools/service-prompts.ts";

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

Example: npm run add-service -- github --client-id Iv1.0123 --client-secret-stdin --yes < secret.txt`;

export interface AddServiceSurroundings {
  argv: string[];
  directory: string;
  env: Readonly<Record<string, string | undefined>>;
  /** `undefined`: nobody is there to answer. */
  prompts: ServicePrompts | undefined;
  readStandardInput: () => Promise<string>;
  write: (text: string) => void;
  openPage: (url: string) => void;
  runNetlify: NetlifyRunner;
  fetch?: Fetch;
}

type Options = ReturnType<typeof parseOptions>;
type Store = "file" | "netlify" | "none";

/** The surroundings, with what the command line says. */
interface Session extends Omit<AddServiceSurroundings, "argv"> {
  options: Options;
  files: OwnersFiles;
}

const MASK = "••••••••";
const UNKNOWN_ORIGIN = "https://YOUR-PROVIDER";

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
    write(error instanceof Cancelled ? "Nothing was changed." : error.message);
    return 1;
  }
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

// -------------------------------------------------------------------------------------------------------- command line

function parseOptions(argv: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      allowNegative: true,
      options: {
        "client-id": { type: "string" },
        "client-secret-stdin": { type: "boolean", default: false },
        store: { type: "string" },
        "api-key": { type: "string" },
        scopes: { type: "string" },
        variable: { type: "string", multiple: true },
        url: { type: "string" },
        open: { type: "boolean", default: false },
        "authorization-endpoint": { type: "string" },
        "token-endpoint": { type: "string" },
        "auth-method": { type: "string" },
        name: { type: "string" },
        probe: { type: "boolean" },
        "dry-run": { type: "boolean", default: false },
        yes: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (positionals.length > 1)
      throw new Error(
        `One service at a time: ${positionals.map((name) => JSON.stringify(name)).join(" and ")} are two.`,
      );
    const fault = values.url === undefined ? undefined : faultOfProviderUrl(values.url, { insecureLoopback: true });
    if (fault !== undefined) throw new Error(`--url ${values.url} ${fault}.`);
    if (!["file", "netlify", "none", undefined].includes(values.store))
      throw new Error("--store is file, netlify or none.");
    return { ...values, store: values.store as Store | undefined, service: positionals[0] };
  } catch (error) {
    throw new Refusal(`${messageOf(error as Error, argv)}\n\nnpm run add-service -- --help shows what there is.`);
  }
}

function messageOf({ message }: Error, argv: string[]): string {
  // What stands behind it on the command line may be the secret, so nothing of it is repeated.
  if (!argv.some((argument) => /^--(client-)?secret(=|$)/.test(argument))) return message;
  return (
    "A secret does not belong on the command line, where others can see it: pipe it in, with --client-secret-stdin. " +
    "If you typed it there, consider replacing it."
  );
}

/** All that is missing at once, where nobody can be asked. */
function requireFlags({ options, prompts, files }: Session): void {
  if (prompts) return;
  const missing: string[] = [];
  if (options.service === undefined) missing.push("<service>, as in github");
  if (options["client-id"] === undefined) missing.push("--client-id");
  if (!options["client-secret-stdin"] && needsSecret(options, files))
    missing.push("--client-secret-stdin (or --store none)");
  if (!options.yes && !options["dry-run"]) missing.push("--yes");
  if (missing.length > 0) {
    throw new Refusal(
      `Nobody is here to be asked, so these are needed:\n\n  ${missing.join("\n  ")}\n\n` +
        "npm run add-service -- --help shows what there is.",
    );
  }
}

function needsSecret(options: Options, files: OwnersFiles): boolean {
  if (options.store === "none" || options["dry-run"]) return false;
  if (options["auth-method"] !== undefined || options.service === undefined) return options["auth-method"] !== "none";
  const { key, record } = findService(options.service, files);
  return (ownersEntry(key, files)["token_endpoint_auth_method"] ?? record?.token_endpoint_auth_method) !== "none";
}

/** What `services.json` says about a service so far. */
function ownersEntry(key: string, { services }: OwnersFiles): Record<string, unknown> {
  const entry = Object.hasOwn(services.value, key) ? services.value[key] : undefined;
  return typeof entry === "object" && entry !== null ? (entry as Record<string, unknown>) : {};
}

/** A flag's value, checked as `services.json` would be. */
function checkedFlag(
  flag: keyof Options & string,
  value: string,
  faultOf: (value: string) => string | undefined,
): string {
  const fault = faultOf(value);
  if (fault !== undefined) throw new Refusal(`--${flag} ${fault}.`);
  return value;
}

function apiKey(options: Options): Fields {
  return options["api-key"] === undefined ? {} : { api_key: options["api-key"] };
}

// --------------------------------------------------------------------------------------------------------- the service

async function chooseService({ options, prompts, files }: Session): Promise<Choice> {
  if (options.service !== undefined) return findService(options.service, files);

  const id = await prompts!.pickService(listCatalogue());
  if (id !== undefined) return findService(id, files);
  const key = await prompts!.text({
    message: "What is the service called? This becomes its name in services.json.",
    placeholder: "Example Forge",
    validate: (value) => (value === "" ? "is missing" : faultOfNewKey(value, files)),
  });
  return findService(key, files);
}

/** Adds what the catalogue cannot know. */
async function describeService(choice: Choice, session: Session): Promise<Draft> {
  const { options, prompts } = session;
  const fields: Fields = fieldsOfFlags(options);
  const known = choice.existing || choice.record !== undefined;
  if (known) return describeDraft(choice, { ...(await askVariables(choice, session)), ...fields }, session);
  if (!prompts) {
    requireEndpoints(choice, options);
    return describeDraft(choice, fields, session);
  }

  for (const [field, message] of [
    ["authorization_endpoint", "Authorization endpoint: where people log in"],
    ["token_endpoint", "Token endpoint: where a code becomes an access token"],
  ] as const) {
    fields[field] ??= await prompts.text({
      message,
      placeholder: "https://…",
      validate: (value) => faultOfField(field, value),
    });
  }
  fields["token_endpoint_auth_method"] ??= await prompts.choose("How does the provider prove there who it is?", [
    {
      value: "client_secret_post",
      label: "Client secret in the body",
      hint: "client_secret_post, the most common way",
    },
    { value: "client_secret_basic", label: "Client secret in an Authorization header", hint: "client_secret_basic" },
    { value: "none", label: "Without a client secret", hint: "none; needs SEALING_KEY" },
  ]);
  fields["default_scopes"] ??= words(
    await prompts.text({
      message: "Scopes to ask for when an app names none, separated by spaces (may be empty)",
      validate: (value) => faultOfField("default_scopes", words(value)),
    }),
  );
  return describeDraft(choice, fields, session);
}

/** Which host is meant, for a service that runs on many of them. */
async function askVariables({ key, record }: Choice, { options, prompts, files }: Session): Promise<Fields> {
  const declared = Object.entries(record?.url_variables ?? {});
  const old = ownersEntry(key, files)["variables"] as Record<string, string> | undefined;
  const given = Object.fromEntries((options.variable ?? []).map(splitVariable));
  const isSpelledOut = options["token-endpoint"] !== undefined || "token_endpoint" in ownersEntry(key, files);
  for (const [name, variable] of isSpelledOut ? [] : declared) {
    if (variable.default !== undefined || given[name] !== undefined || old?.[name] !== undefined) continue;
    if (!prompts) throw new Refusal(`${record!.name} runs on many hosts: add --variable ${name}=${variable.example}`);
    given[name] = await prompts.text({
      message: `${record!.name} runs on many hosts. Which ${name} is meant?`,
      placeholder: variable.example,
      validate: (value) =>
        matchesPattern(value, variable.pattern) ? undefined : `does not look like ${variable.example}`,
    });
  }
  return Object.keys(given).length === 0 ? {} : { variables: { ...old, ...given } };
}

function splitVariable(assignment: string): [string, string] {
  const [, name, value] = /^([a-z_]+)=(.+)$/.exec(assignment) ?? [];
  if (name === undefined || value === undefined)
    throw new Refusal(`--variable is written as name=value, as in instance=mastodon.example.`);
  return [name, value];
}

function fieldsOfFlags(options: Options): Fields {
  const fields: Fields = {};
  if (options.name !== undefined) fields["name"] = options.name;
  if (options["authorization-endpoint"] !== undefined)
    fields["authorization_endpoint"] = options["authorization-endpoint"];
  if (options["token-endpoint"] !== undefined) fields["token_endpoint"] = options["token-endpoint"];
  if (options["auth-method"] !== undefined) fields["token_endpoint_auth_method"] = options["auth-method"];
  if (options.scopes !== undefined) fields["default_scopes"] = words(options.scopes);
  return fields;
}

function requireEndpoints({ key }: Choice, options: Options): void {
  const missing = (["authorization-endpoint", "token-endpoint"] as const).filter((flag) => options[flag] === undefined);
  if (missing.length === 0) return;
  const known = listCatalogue().map(({ id }) => id);
  throw new Refusal(
    `The catalogue does not know ${JSON.stringify(key)}. It knows ${known.join(", ")}.\n` +
      `For another service, add ${missing.map((flag) => `--${flag}`).join(" and ")}.`,
  );
}

function words(value: string): string[] {
  return value.split(/\s+/).filter((word) => word !== "");
}

// -------------------------------------------------------------------------------------------------------- registration

/** `undefined`: nobody knows it yet. */
async function findProviderOrigin({
  options,
  env,
  directory,
  prompts,
  runNetlify,
  write,
}: Session): Promise<string | undefined> {
  if (options.url !== undefined) return new URL(options.url).origin;
  if (env["URL"] && faultOfProviderUrl(env["URL"]) === undefined) return new URL(env["URL"]).origin;
  const siteId = await linkedSiteId(directory, env);
  if (siteId !== undefined) {
    write("Asking Netlify for the address of the linked site …");
    const url = await siteUrl(runNetlify, siteId);
    if (url !== undefined && faultOfProviderUrl(url) === undefined) return new URL(url).origin;
  }
  const url = await prompts?.text({
    message: "What is your provider's address? (Leave it empty if there is none yet.)",
    placeholder: "https://auth.example.com",
    validate: (value) => (value === "" ? undefined : faultOfProviderUrl(value, { insecureLoopback: true })),
  });
  return url ? new URL(url).origin : undefined;
}

function showRegistration(draft: Draft, origin: string | undefined, { write, options, openPage }: Session): void {
  const { service, record } = draft;
  const needsSecret = service.tokenEndpointAuthMethod !== "none";
  const consoleUrl = consoleUrlOf(draft);
  const redirectUris = redirectUrisOf(draft, origin ?? UNKNOWN_ORIGIN);
  const scopes = describeScopes(service.defaultScopes, service).map(({ value, description }) =>
    description === undefined ? value : `${value}: ${description}`,
  );
  const lines = [
    "",
    styleText("bold", service.name),
    `  Register an OAuth app   ${consoleUrl ?? `in the developer settings of ${service.name}`}`,
    `  Redirect URI            ${redirectUris[0]}`,
    ...redirectUris.slice(1).map((uri) => `  and for Madata apps     ${uri}`),
    `  Scopes by default       ${scopes.join("\n                          ") || "none: the service decides"}`,
    "  You get a client ID     public, everybody may know it",
    needsSecret
      ? "  and a client secret     never show it to anybody"
      : "  but no client secret    set SEALING_KEY instead",
    ...(record?.notes === undefined ? [] : [`\n  ${record.notes}`]),
    ...(origin === undefined
      ? [`\n  Put your provider's address in place of ${UNKNOWN_ORIGIN} (or give it with --url).`]
      : []),
    "",
  ];
  write(lines.join("\n"));
  if (options.open && consoleUrl !== undefined) openPage(consoleUrl);
}

/** On the host that the owner has chosen. */
function consoleUrlOf({ record, fields }: Draft): string | undefined {
  if (!record) return undefined;
  const variables = { ...defaultVariables(record), ...(fields["variables"] as Record<string, string> | undefined) };
  const consoleUrl = fillVariables(record.console_url, variables);
  return consoleUrl.includes("{") ? undefined : consoleUrl;
}

/** Madata's clients return to the root, and send it without the slash. */
function redirectUrisOf({ service }: Draft, origin: string): string[] {
  const own = `${origin}/callback/${service.id}`;
  // The oldest format describes a token endpoint only: then apps open the service by themselves.
  if (service.authorizationEndpoint === undefined) return [origin];
  return service.madata ? [own, origin] : [own];
}

// ------------------------------------------------------------------------------------------------------- what is asked

async function chooseStore({ service }: Draft, { options, prompts, directory, env }: Session): Promise<Store> {
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

async function askClientId({ service }: Draft, { options, prompts }: Session): Promise<string> {
  const flag = options["client-id"];
  if (flag !== undefined) return checkedFlag("client-id", flag, faultOfClientId);
  return await prompts!.text({ message: `Client ID of your OAuth app at ${service.name}`, validate: faultOfClientId });
}

/** `undefined`: not now. */
async function askSecret(store: Store, session: Session): Promise<string | undefined> {
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

// ---------------------------------------------------------------------------------------------------------- the change

function preview(
  draft: Draft,
  { store, secret, files }: { store: Store; secret: string | undefined; files: OwnersFiles },
): string {
  const old = ownersEntry(draft.key, files);
  const fields = Object.entries(draft.fields).map(([field, value]) => {
    const before = Object.hasOwn(old, field) ? old[field] : undefined;
    const was =
      before === undefined || JSON.stringify(before) === JSON.stringify(value)
        ? ""
        : `   (was ${JSON.stringify(before)})`;
    return `  services.json   ${draft.key}.${field} = ${JSON.stringify(value)}${was}`;
  });
  return [
    "What will be written:",
    "",
    ...fields,
    ...(store === "file" ? [`  .secret.json    ${draft.key}.client_secret = "${MASK}"`] : []),
    ...(store === "netlify"
      ? [`  Netlify         ${variableOf(draft)} = ${MASK}   (production, functions only, secret)`]
      : []),
    ...(store !== "none" && secret === undefined
      ? ["", "  The client secret is still missing: --client-secret-stdin"]
      : []),
  ].join("\n");
}

function variableOf({ id }: Choice): string {
  return `${id.toUpperCase().replaceAll("-", "_")}_CLIENT_SECRET`;
}

/** The remote part first: if that fails, no file has changed. */
async function carryOut(
  draft: Draft,
  { store, secret }: { store: Store; secret: string | undefined },
  { files, write, runNetlify }: Session,
): Promise<string | undefined> {
  const { services, secrets } = files;
  if ((await readFile(services.file, "utf8")) !== services.text) {
    throw new Refusal("services.json has changed in the meantime. Nothing was written; next: the same again.");
  }
  const prepared = await prepareFiles([
    { file: services.file, content: draft.servicesText },
    ...(store === "file" ? [{ file: secrets.file, content: draft.secretsText!, mode: 0o600 }] : []),
  ]);
  if (store === "netlify") {
    const stored = await storeAtNetlify(draft, secret!, { write, runNetlify });
    if (!stored) {
      await prepared.discard();
      throw new Refusal(
        "Netlify did not take the client secret, so nothing was written.\n" +
          "Next: npx netlify login, then the same again; or set it at Netlify yourself, and use --store none here.",
      );
    }
  }
  await prepared.commit();
  write("Written.\n");
  return secret;
}

async function storeAtNetlify(
  draft: Draft,
  secret: string,
  { write, runNetlify }: Pick<Session, "write" | "runNetlify">,
): Promise<boolean> {
  const name = variableOf(draft);
  write(`Setting ${name} at Netlify …`);
  const stored = await setSecretVariable(runNetlify, name, secret);
  if (stored === "production") {
    write(
      "  It is set for the published site, but not limited to functions: the plan lacks that, or the variable\n" +
        "  existed already (then look in the site's settings whether previews have a value, and delete that one).",
    );
  }
  return stored !== "failed";
}

// ---------------------------------------------------------------------------------------------------------- afterwards

async function showVerdict(
  draft: Draft,
  { secret, origin }: { secret: string | undefined; origin: string | undefined },
  { directory, env, prompts, options, fetch, write }: Session,
): Promise<boolean> {
  const examination = await examine({
    directory,
    // Also a secret that is not kept here can be tried out now.
    env: secret === undefined ? env : { ...env, [variableOf(draft)]: secret },
    url: origin,
    onlyService: draft.id,
    probe: options.probe ?? prompts !== undefined,
    ...(fetch && { fetch }),
  });
  const results = await runChecks(SERVICE_CHECKS, examination, (result) => write(formatResult(result)));
  return results.every(({ status }) => status !== "problem");
}

function nextStep(
  draft: Draft,
  { store, origin, healthy }: { store: Store; origin: string | undefined; healthy: boolean },
): string {
  if (!healthy) return "\nNext: do what the arrows say, then npm run doctor.";
  const needsSecret = draft.service.tokenEndpointAuthMethod !== "none";
  const secretFirst =
    store === "none" && needsSecret
      ? `\nThe secret is still to be set, for example with: ${setCommand(variableOf(draft))}`
      : "";
  const doctor = `npm run doctor -- --url ${origin ?? "https://…"}`;
  return `${secretFirst}\nNext: npm run dev to try it here; or commit, git push, and then ${doctor}`;
}

// ---------------------------------------------------------------------------------------------------------------------

async function readAll(): Promise<string> {
  // A terminal would show what is typed.
  if (process.stdin.isTTY)
    throw new Refusal("--client-secret-stdin reads what is piped in, as in: npm run add-service -- … < secret.txt");
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** The address comes from the catalogue or passed its rules: https, without anything that a shell could read. */
function openPage(url: string): void {
  const [program, ...args] =
    process.platform === "darwin"
      ? ["open", url]
      : process.platform === "win32"
        ? ["rundll32", "url.dll,FileProtocolHandler", url]
        : ["xdg-open", url];
  const opener = spawn(program!, args, { detached: true, stdio: "ignore" });
  opener.once("error", () => undefined);
  opener.unref();
}

if (import.meta.main) {
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true && !process.env["CI"];
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
