import { CommandError } from "../terminal/command-error.ts";
import { findService } from "./choose-service.ts";
import { type Options, SEE_HELP } from "./command-line.ts";
import type { RunContext } from "./context.ts";
import { type OwnersFiles, ownersEntry } from "./owners-files.ts";

/** Lists all missing options at once if nobody can be asked. */
export function requireFlags({ options, prompts, files }: RunContext): void {
  if (prompts) return;
  const missing: string[] = [];
  if (options.service === undefined) missing.push("<service>, for example github");
  if (options["client-id"] === undefined) missing.push("--client-id");
  if (!options["client-secret-stdin"] && needsSecret(options, files))
    missing.push("--client-secret-stdin (or --store none)");
  if (!options.yes && !options["dry-run"]) missing.push("--yes");
  if (missing.length > 0) {
    throw new CommandError(
      `There is nobody to ask, so these options are required:\n\n  ${missing.join("\n  ")}`,
      SEE_HELP,
    );
  }
}

function needsSecret(options: Options, files: OwnersFiles): boolean {
  if (options.store === "none" || options["dry-run"]) return false;
  if (options["auth-method"] !== undefined || options.service === undefined) return options["auth-method"] !== "none";
  const { key, record } = findService(options.service, files);
  return (ownersEntry(key, files).token_endpoint_auth_method ?? record?.token_endpoint_auth_method) !== "none";
}
