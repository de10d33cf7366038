import { matchesPattern } from "../../catalogue/variables.ts";
import { CommandError } from "../terminal/command-error.ts";
import type { Choice } from "./choose-service.ts";
import { fieldsFromOptions, type Options, SEE_HELP, splitScopes } from "./command-line.ts";
import type { RunContext } from "./context.ts";
import { type Draft, describeDraft } from "./draft.ts";
import type { Fields } from "./fields.ts";
import { validateField } from "./fields.ts";
import { ownersEntry } from "./owners-files.ts";
import type { ServicePrompts } from "./prompts.ts";

/** Adds the settings that the catalogue cannot know. */
export async function describeService(choice: Choice, context: RunContext): Promise<Draft> {
  const { options, prompts } = context;
  const fields: Fields = fieldsFromOptions(options);
  const known = choice.existing || choice.record !== undefined;
  if (known) return describeDraft(choice, { ...(await askVariables(choice, context)), ...fields }, context);
  if (!prompts) requireEndpoints(options);
  else await askDescription(fields, prompts);
  return describeDraft(choice, fields, context);
}

/** Asks for the settings that no option gives. */
async function askDescription(fields: Fields, prompts: ServicePrompts): Promise<void> {
  for (const [field, message] of [
    ["authorization_endpoint", "Authorization endpoint (the URL where people log in)"],
    ["token_endpoint", "Token endpoint (the URL that exchanges a code for an access token)"],
  ] as const) {
    fields[field] ??= await prompts.text({
      message,
      placeholder: "https://…",
      validate: (value) => validateField(field, value),
    });
  }
  fields.token_endpoint_auth_method ??= await prompts.choose(
    "How does the provider authenticate at the token endpoint?",
    [
      {
        value: "client_secret_post",
        label: "With the client secret in the body",
        hint: "client_secret_post; the most common",
      },
      {
        value: "client_secret_basic",
        label: "With the client secret in an Authorization header",
        hint: "client_secret_basic",
      },
      { value: "none", label: "Without a client secret", hint: "none; needs SEALING_KEY" },
    ],
  );
  fields.default_scopes ??= splitScopes(
    await prompts.text({
      message: "Scopes to request if an app names none, separated by spaces (may be empty)",
      validate: (value) => validateField("default_scopes", splitScopes(value)),
    }),
  );
}

/** Asks which host is meant if the service runs on many. */
async function askVariables({ key, record }: Choice, { options, prompts, files }: RunContext): Promise<Fields> {
  const declared = Object.entries(record?.url_variables ?? {});
  const old = ownersEntry(key, files).variables as Record<string, string> | undefined;
  const given = Object.fromEntries((options.variable ?? []).map(splitVariable));
  const isSpelledOut = options["token-endpoint"] !== undefined || "token_endpoint" in ownersEntry(key, files);
  for (const [name, variable] of isSpelledOut ? [] : declared) {
    if (variable.default !== undefined || given[name] !== undefined || old?.[name] !== undefined) continue;
    if (!prompts)
      throw new CommandError(
        `${record!.name} runs on many hosts. Name one with --variable, as in --variable ${name}=${variable.example}`,
      );
    given[name] = await prompts.text({
      message: `${record!.name} runs on many hosts. Which ${name} do you use?`,
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
    throw new CommandError("--variable takes name=value, as in instance=mastodon.example.");
  return [name, value];
}

/** The name is not repeated: whoever has forgotten the service may have typed the secret in its place. */
function requireEndpoints(options: Options): void {
  const missing = (["authorization-endpoint", "token-endpoint"] as const).filter((flag) => options[flag] === undefined);
  if (missing.length === 0) return;
  throw new CommandError(
    "The catalogue has no service of this name (docs/services-reference.md lists all).\n" +
      `To describe a service of your own, add ${missing.map((flag) => `--${flag}`).join(" and ")}.`,
    SEE_HELP,
  );
}
