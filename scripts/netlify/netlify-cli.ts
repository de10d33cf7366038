/**
 * Requests of `npm run add-service` and `npm run doctor` to the linked Netlify site, through the Netlify CLI.
 *
 * `netlify env:import` reads values from a file, but supports neither contexts nor scopes nor secret variables, so previews
 * of anybody's pull request would get the value; and it prints every value. `netlify env:set` supports them, but takes the
 * value as an argument, which other users of the computer can see in the process list. Therefore the CLI runs in a process
 * that gets its arguments through a pipe.
 */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Environment } from "../../server/provider/environment.ts";
import { validateProviderUrl } from "../network/provider-url.ts";

export interface NetlifyOutput {
  status: number;
  output: string;
}

/** Runs the Netlify CLI with these arguments, in the owner's folder. */
export type NetlifyRunner = (args: string[]) => Promise<NetlifyOutput>;

export interface NetlifyRunnerOptions {
  directory: string;
  env: Environment;
  /** The CLI's entry file. */
  commandLineInterface?: string;
}

const COMMAND_LINE_INTERFACE = fileURLToPath(new URL("../../node_modules/netlify-cli/bin/run.js", import.meta.url));
/** The answer to every command where there is no CLI. */
const NOT_INSTALLED: NetlifyOutput = { status: 1, output: "The Netlify CLI is not installed in this folder." };

const TIMEOUT_MS = 60_000;

/** No questions, no colours, and no telemetry, which would report all arguments of a command, including secrets. */
const QUIET_ENVIRONMENT = { CI: "true", NO_UPDATE_NOTIFIER: "1", DO_NOT_TRACK: "1", NO_COLOR: "1", BROWSER: "none" };

/** Puts the arguments where the CLI expects them. The operating system's process list does not show them. */
const LAUNCHER = `
  import { readFileSync } from "node:fs";
  const [program, ...args] = JSON.parse(readFileSync(0, "utf8"));
  process.argv.splice(1, Infinity, program, ...args);
  await import(process.env.AUTH_PROVIDER_NETLIFY_CLI);
`;

/** A slim copy does not have the Netlify CLI, which is most of what the template installs. */
export function isNetlifyInstalled(commandLineInterface = COMMAND_LINE_INTERFACE): boolean {
  return existsSync(commandLineInterface);
}

export function netlifyRunner({
  directory,
  env,
  commandLineInterface = COMMAND_LINE_INTERFACE,
}: NetlifyRunnerOptions): NetlifyRunner {
  if (!isNetlifyInstalled(commandLineInterface)) return async () => NOT_INSTALLED;
  return (args) =>
    new Promise((resolve) => {
      const program = spawn(process.execPath, ["--input-type=module", "--eval", LAUNCHER], {
        cwd: directory,
        env: { ...env, ...QUIET_ENVIRONMENT, AUTH_PROVIDER_NETLIFY_CLI: pathToFileURL(commandLineInterface).href },
        timeout: TIMEOUT_MS,
      });
      let output = "";
      for (const stream of [program.stdout, program.stderr]) {
        stream.setEncoding("utf8");
        stream.on("data", (text: string) => {
          output += text;
        });
      }
      program.once("error", ({ message }) => resolve({ status: 1, output: message }));
      program.once("close", (status) => resolve({ status: status ?? 1, output }));
      // A CLI that ends early closes the pipe. Its exit status tells that it failed.
      program.stdin.once("error", () => undefined);
      program.stdin.end(JSON.stringify([commandLineInterface, ...args]));
    });
}

/** The id of the linked Netlify site, which `netlify link` stores in a file. */
export async function linkedSiteId(directory: string, env: Environment): Promise<string | undefined> {
  if (env.NETLIFY_SITE_ID) return env.NETLIFY_SITE_ID;
  try {
    const state: unknown = JSON.parse(await readFile(join(directory, ".netlify/state.json"), "utf8"));
    const { siteId } = (state ?? {}) as { siteId?: unknown };
    return typeof siteId === "string" && siteId !== "" ? siteId : undefined;
  } catch {
    return undefined;
  }
}

/** @returns what to do before a variable can be set at Netlify; `undefined` if it can be */
export async function whyNetlifyCannotStore(directory: string, env: Environment): Promise<string | undefined> {
  if ((await linkedSiteId(directory, env)) === undefined)
    return "This folder is not linked to a Netlify site. Next: run npx netlify link, then the same command again.";
  if (isNetlifyInstalled()) return undefined;
  return "The Netlify CLI is not installed in this copy. Next: run npm install --save-dev netlify-cli, then the same command again.";
}

/** The address of a site; `undefined` if nobody is logged in, or Netlify cannot be reached. */
async function siteUrl(run: NetlifyRunner, siteId: string): Promise<string | undefined> {
  const { status, output } = await run(["api", "getSite", "--data", JSON.stringify({ site_id: siteId })]);
  if (status !== 0) return undefined;
  return /"ssl_url":\s*"(https:\/\/[^"\s]+)"/.exec(output)?.[1];
}

/** The origin of the linked site; `undefined` if it is unknown, or cannot be that of a published provider. */
export async function linkedOrigin(
  run: NetlifyRunner,
  siteId: string,
  write: (text: string) => void,
): Promise<string | undefined> {
  write("Asking Netlify for the address of the linked site …");
  const url = await siteUrl(run, siteId);
  return url !== undefined && validateProviderUrl(url) === undefined ? new URL(url).origin : undefined;
}

export type StoredFor =
  /** For functions of the production deploy only. */
  | "functions"
  /** For the production deploy: functions and builds. */
  | "production"
  | "failed";

/**
 * Stores a secret variable for the published site. Free plans cannot limit a variable to functions, and the CLI cannot
 * change context and scope of an existing variable together, so there is a second attempt without the scope.
 *
 * The context is always `production`: previews are built from anybody's code, and must not get the secret.
 */
export async function setSecretVariable(run: NetlifyRunner, name: string, value: string): Promise<StoredFor> {
  const flags = ["--context", "production", "--secret", "--force"];
  // After "--", a value that starts with a dash is not taken for an option.
  const first = await run(["env:set", "--scope", "functions", ...flags, "--", name, value]);
  if (first.status === 0) return "functions";

  const second = await run(["env:set", ...flags, "--", name, value]);
  return second.status === 0 ? "production" : "failed";
}
