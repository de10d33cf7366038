import { matchesPattern } from "../../catalogue/variables.ts";
import { Refusal } from "../terminal/console.ts";
import { type Choice, listCatalogue } from "./choose-service.ts";
import { fieldsOfFlags, type Options, words } from "./command-line.ts";
import { type Draft, describeDraft, type Fields } from "./draft.ts";
import { ownersEntry } from "./owners-files.ts";
import type { ServicePrompts } from "./prompts.ts";
import type { Session } from "./context.ts";
import { faultOfField } from "./fields.ts";

/** Adds what the catalogue cannot know. */
export async function describeService(choice: Choice, session: Session): Promise<Draft> {
  const { options, prompts } = session;
  const fields: Fields = fieldsOfFlags(options);
  const known = choice.existing || choice.record !== undefined;
  if (known) return describeDraft(choice, { ...(await askVariables(choice, session)), ...fields }, session);
  if (!prompts) requireEndpoints(choice, options);
  else await askDescription(fields, prompts);
  return describeDraft(choice, fields, session);
}

/** Fills in what no flag has said. */
async function askDescription(fields: Fields, prompts: ServicePrompts): Promise<void> {
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
  fields.token_endpoint_auth_method ??= await prompts.choose("How does the provider prove there who it is?", [
    {
      value: "client_secret_post",
      label: "Client secret in the body",
      hint: "client_secret_post, the most common way",
    },
    { value: "client_secret_basic", label: "Client secret in an Authorization header", hint: "client_secret_basic" },
    { value: "none", label: "Without a client secret", hint: "none; needs SEALING_KEY" },
  ]);
  fields.default_scopes ??= words(
    await prompts.text({
      message: "Scopes to ask for when an app names none, separated by spaces (may be empty)",
      validate: (value) => faultOfField("default_scopes", words(value)),
    }),
  );
}

/** Which host is meant, for a service that runs on many of them. */
async function askVariables({ key, record }: Choice, { options, prompts, files }: Session): Promise<Fields> {
  const declared = Object.entries(record?.url_variables ?? {});
  const old = ownersEntry(key, files).variables as Record<string, string> | undefined;
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

function requireEndpoints({ key }: Choice, options: Options): void {
  const missing = (["authorization-endpoint", "token-endpoint"] as const).filter((flag) => options[flag] === undefined);
  if (missing.length === 0) return;
  const known = listCatalogue().map(({ id }) => id);
  throw new Refusal(
    `The catalogue does not know ${JSON.stringify(key)}. It knows ${known.join(", ")}.\n` +
      `For another service, add ${missing.map((flag) => `--${flag}`).join(" and ")}.`,
  );
}
