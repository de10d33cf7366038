import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { CommandError, messageOf } from "./command-error.ts";

/** The options of every command that changes something. */
export const COMMON_OPTIONS = {
  "dry-run": { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** @throws {CommandError} for an option that the command does not have */
export function readArguments<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  command: string,
  args: string[],
  options: Options,
  { allowNegative = false } = {},
) {
  try {
    return parseArgs({ args, options, allowNegative }).values;
  } catch (error) {
    throw new CommandError(argumentsMessage(error), `For all options, run: npm run ${command} -- --help`);
  }
}

/** What is wrong with a command line. Nothing but the names of options is repeated: a stray word may be a secret. */
export function argumentsMessage(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL"
    ? `This command takes only options, which begin with "--".`
    : messageOf(error);
}

/** Whether this module is the program that was started. `import.meta.main` is missing in some versions of Node that run TypeScript. */
export function isStarted(moduleUrl: string): boolean {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(moduleUrl);
}
