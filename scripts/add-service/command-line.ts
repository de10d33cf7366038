import { parseArgs } from "node:util";
import { validateProviderUrl } from "../network/provider-url.ts";
import { CommandError } from "../terminal/command-error.ts";
import { argumentsMessage, COMMON_OPTIONS } from "../terminal/command-line.ts";
import type { Fields } from "./fields.ts";

export const SEE_HELP = "For all options, run: npm run add-service -- --help";

export type Options = ReturnType<typeof parseOptions>;

/** Where the client secret is stored. */
export type Store = "file" | "netlify" | "none";

export function parseOptions(argv: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      allowNegative: true,
      options: {
        ...COMMON_OPTIONS,
        "client-id": { type: "string" },
        "client-secret-stdin": { type: "boolean", default: false },
        store: { type: "string" },
        "app-slug": { type: "string" },
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
      },
    });
    if (positionals.length > 1) throw new Error(TOO_MANY_WORDS);
    const invalid = values.url === undefined ? undefined : validateProviderUrl(values.url, { insecureLoopback: true });
    if (invalid !== undefined) throw new Error(`--url ${values.url} ${invalid}.`);
    if (!["file", "netlify", "none", undefined].includes(values.store))
      throw new Error("--store must be file, netlify or none.");
    return { ...values, store: values.store as Store | undefined, service: positionals[0] };
  } catch (error) {
    throw new CommandError(commandLineMessage(error, argv), SEE_HELP);
  }
}

/** Nothing of the command line is repeated: the words after the first one are usually the client ID and the secret. */
const TOO_MANY_WORDS =
  "Name only one service, and nothing else: npm run add-service -- github. The command asks for the client ID and the " +
  "client secret. If one of the words was the secret, your shell has stored it: replace it at the service.";

function commandLineMessage(error: unknown, argv: string[]): string {
  // The text after such an option may be the secret.
  if (!argv.some((argument) => /^--(client-)?secret(=|$)/.test(argument))) return argumentsMessage(error);
  return (
    "Do not put a secret on the command line, where others can see it. Pipe it in with --client-secret-stdin. " +
    "Your shell has stored the line: if it contained the secret, replace it at the service."
  );
}

/** Checks an option's value as the build checks `services.json`. */
export function checkedFlag(
  flag: keyof Options & string,
  value: string,
  validate: (value: string) => string | undefined,
): string {
  const invalid = validate(value);
  if (invalid !== undefined) throw new CommandError(`--${flag} ${invalid}.`);
  return value;
}

export function apiKeyField(options: Options): Fields {
  return options["api-key"] === undefined ? {} : { api_key: options["api-key"] };
}

export function fieldsFromOptions(options: Options): Fields {
  const fields: Fields = {};
  if (options.name !== undefined) fields.name = options.name;
  if (options["authorization-endpoint"] !== undefined)
    fields.authorization_endpoint = options["authorization-endpoint"];
  if (options["token-endpoint"] !== undefined) fields.token_endpoint = options["token-endpoint"];
  if (options["auth-method"] !== undefined) fields.token_endpoint_auth_method = options["auth-method"];
  if (options.scopes !== undefined) fields.default_scopes = splitScopes(options.scopes);
  return fields;
}

/** Splits scopes as somebody types them. */
export function splitScopes(value: string): string[] {
  return value.split(/\s+/).filter((word) => word !== "");
}
