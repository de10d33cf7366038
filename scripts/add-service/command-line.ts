import { parseArgs } from "node:util";
import { faultOfProviderUrl } from "../network/deployed-site.ts";
import { COMMON_OPTIONS, Refusal } from "../terminal/console.ts";
import type { Fields } from "./draft.ts";

/** What to type when something is missing or misspelled. */
export const SEE_HELP = "npm run add-service -- --help shows what there is.";

export type Options = ReturnType<typeof parseOptions>;

/** Where the client secret goes. */
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
    throw new Refusal(faultOfCommandLine(error as Error, argv), SEE_HELP);
  }
}

function faultOfCommandLine({ message }: Error, argv: string[]): string {
  // What stands behind it on the command line may be the secret, so nothing of it is repeated.
  if (!argv.some((argument) => /^--(client-)?secret(=|$)/.test(argument))) return message;
  return (
    "A secret does not belong on the command line, where others can see it: pipe it in, with --client-secret-stdin. " +
    "If you typed it there, consider replacing it."
  );
}

/** A flag's value, checked as `services.json` would be. */
export function checkedFlag(
  flag: keyof Options & string,
  value: string,
  faultOf: (value: string) => string | undefined,
): string {
  const fault = faultOf(value);
  if (fault !== undefined) throw new Refusal(`--${flag} ${fault}.`);
  return value;
}

export function apiKey(options: Options): Fields {
  return options["api-key"] === undefined ? {} : { api_key: options["api-key"] };
}

export function fieldsOfFlags(options: Options): Fields {
  const fields: Fields = {};
  if (options.name !== undefined) fields.name = options.name;
  if (options["authorization-endpoint"] !== undefined)
    fields.authorization_endpoint = options["authorization-endpoint"];
  if (options["token-endpoint"] !== undefined) fields.token_endpoint = options["token-endpoint"];
  if (options["auth-method"] !== undefined) fields.token_endpoint_auth_method = options["auth-method"];
  if (options.scopes !== undefined) fields.default_scopes = words(options.scopes);
  return fields;
}

/** Scopes, as somebody types them. */
export function words(value: string): string[] {
  return value.split(/\s+/).filter((word) => word !== "");
}
