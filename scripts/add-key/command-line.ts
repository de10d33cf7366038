import type { SigningAlgorithm } from "../../server/provider/signing-key.ts";
import { validateProviderUrl } from "../network/provider-url.ts";
import { CommandError } from "../terminal/command-error.ts";
import { COMMON_OPTIONS, readArguments } from "../terminal/command-line.ts";

const ALGORITHMS = ["RS256", "ES256", "EdDSA"];
const STORES = ["file", "netlify"];

export type Options = ReturnType<typeof parseOptions>;

/** Where the keys are stored. */
export type Store = "file" | "netlify" | "print";

/** What happens to the keys that are there already. */
export type Change = (typeof CHANGES)[number] | "add";
const CHANGES = ["standby", "activate", "remove-old", "replace"] as const;

export function parseOptions(argv: string[]) {
  const { type, store, url, print, ...values } = readArguments("add-key", argv, {
    ...COMMON_OPTIONS,
    type: { type: "string", default: "RS256" },
    store: { type: "string" },
    print: { type: "boolean", default: false },
    standby: { type: "boolean", default: false },
    activate: { type: "boolean", default: false },
    "remove-old": { type: "boolean", default: false },
    replace: { type: "boolean", default: false },
    url: { type: "string" },
  });
  if (!ALGORITHMS.includes(type)) throw new CommandError(`--type must be one of ${ALGORITHMS.join(", ")}.`);
  if (store !== undefined && !STORES.includes(store)) throw new CommandError("--store must be file or netlify.");
  if (print && store !== undefined) throw new CommandError("--print stores nothing, so it needs no --store.");
  const invalid = url === undefined ? undefined : validateProviderUrl(url, { insecureLoopback: true });
  if (invalid !== undefined) throw new CommandError(`--url ${url} ${invalid}.`);
  const changes = CHANGES.filter((change) => values[change]);
  if (changes.length > 1) throw new CommandError(`Use only one of ${CHANGES.map((name) => `--${name}`).join(", ")}.`);
  return {
    help: values.help,
    yes: values.yes,
    dryRun: values["dry-run"],
    algorithm: type as SigningAlgorithm,
    store: print ? "print" : (store as Store | undefined),
    change: (changes[0] ?? "add") as Change,
    url: url === undefined ? undefined : new URL(url).origin,
  };
}
