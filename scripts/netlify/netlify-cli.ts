/**
 * What `npm run add-service` and `npm run doctor` ask of the Netlify site that this folder is linked to, through the
 * Netlify CLI.
 *
 * `netlify env:import` would read values from a file, but it knows neither contexts nor scopes nor secret variables (so
 * previews of anybody's pull request would get the value [A11]), and prints every value. `netlify env:set` knows them,
 * but takes the value as an argument, which other users of a computer can see in its list of processes. So the CLI runs
 * in a process that gets its arguments through a pipe.
 */

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Environment } from "../../server/provider/provider.ts";
import { faultOfProviderUrl } from "../network/deployed-site.ts";

export interface NetlifyAnswer {
  status: number;
  output: string;
}

/** Runs the Netlify CLI with these arguments, in the owner's folder. */
export type NetlifyRunner = (args: string[]) => Promise<NetlifyAnswer>;

export interface NetlifyRunnerOptions {
  directory: string;
  env: Environment;
  /** The CLI's entry file. */
  commandLineInterface?: string;
}

const COMMAND_LINE_INTERFACE = fileURLToPath(new URL("../../node_modules/netlify-cli/bin/run.js", import.meta.url));
const TIMEOUT_MS = 60_000;

/** No questions and no colours. And no telemetry, which would report all arguments of a command, secrets included. */
const QUIET_ENVIRONMENT = { CI: "true", NO_UPDATE_NOTIFIER: "1", DO_NOT_TRACK: "1", NO_COLOR: "1", BROWSER: "none" };

/** Puts the arguments where the CLI expects them. The operating system does not notice, so its list stays clean. */
const LAUNCHER = `
  import { readFileSync } from "node:fs";
  const [program, ...args] = JSON.parse(readFileSync(0, "utf8"));
  process.argv.splice(1, Infinity, program, ...args);
  await import(process.env.AUTH_PROVIDER_NETLIFY_CLI);
`;

export function netlifyRunner({
  directory,
  env,
  commandLineInterface = COMMAND_LINE_INTERFACE,
}: NetlifyRunnerOptions): NetlifyRunner {
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
        stream.on("data", (text: string) => (output += text));
      }
      program.once("error", ({ message }) => resolve({ status: 1, output: message }));
      program.once("close", (status) => resolve({ status: status ?? 1, output }));
      // A CLI that ends early closes the pipe; its exit status says the rest.
      program.stdin.once("error", () => undefined);
      program.stdin.end(JSON.stringify([commandLineInterface, ...args]));
    });
}

/** The Netlify site that this folder belongs to: `netlify link` leaves the id in a file. */
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

/** The address of a site. `undefined`: nobody is logged in, or Netlify cannot be reached. */
async function siteUrl(run: NetlifyRunner, siteId: string): Promise<string | undefined> {
  const { status, output } = await run(["api", "getSite", "--data", JSON.stringify({ site_id: siteId })]);
  if (status !== 0) return undefined;
  return /"ssl_url":\s*"(https:\/\/[^"\s]+)"/.exec(output)?.[1];
}

/** The origin of the site that this folder is linked to; `undefined`: it is not known, or no published provider. */
export async function linkedOrigin(
  run: NetlifyRunner,
  siteId: string,
  write: (text: string) => void,
): Promise<string | undefined> {
  write("Asking Netlify for the address of the linked site …");
  const url = await siteUrl(run, siteId);
  return url !== undefined && faultOfProviderUrl(url) === undefined ? new URL(url).origin : undefined;
}

export type Stored =
  /** For functions of the production deploy only. */
  | "functions"
  /** For the production deploy: functions and builds. */
  | "production"
  | "failed";

/**
 * Stores a secret variable for the published site. Free plans cannot limit a variable to functions, and the CLI cannot
 * change context and scope of an existing one together, so there is a second attempt without the scope.
 *
 * Its context stays `production` in any case: previews are built from anybody's code and must not get it [A11].
 */
export async function setSecretVariable(run: NetlifyRunner, name: string, value: string): Promise<Stored> {
  const flags = ["--context", "production", "--secret", "--force"];
  // Behind "--", a value that begins with a dash is no flag.
  const first = await run(["env:set", "--scope", "functions", ...flags, "--", name, value]);
  if (first.status === 0) return "functions";

  const second = await run(["env:set", ...flags, "--", name, value]);
  return second.status === 0 ? "production" : "failed";
}

/** The same for people to type. */
export function setCommand(name: string): string {
  return `npx netlify env:set ${name} "…" --context production --scope functions --secret`;
}
