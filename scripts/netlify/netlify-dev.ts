/**
 * Runs a folder with the real `netlify dev`, without network, account or prompts, and reachable from this computer only.
 * It ends with this process. The folder needs `netlify.toml`, `dist/public/` and `dist/functions/`.
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../network/free-port.ts";

export interface NetlifyDevOptions {
  /** The folder to serve. */
  directory: string;
  port: number;
  /** Variables for the functions, in addition to this process's environment. */
  env?: Record<string, string>;
  /** Called with each line that the server prints. */
  onOutput?: (line: string) => void;
}

export interface NetlifyDev {
  origin: string;
  stop(): Promise<void>;
  /** Resolves if the server ends without `stop`. */
  died: Promise<Error>;
}

const READY_PATH = "/services.json";
const READY_TIMEOUT_MS = 300_000;
const READY_REQUEST_TIMEOUT_MS = 10_000;
const POLL_INTERVAL_MS = 100;
const STOP_TIMEOUT_MS = 5_000;

/** How much of the output an error shows. */
const LAST_LINES = 30;

const BINARIES = fileURLToPath(new URL("../../node_modules/.bin", import.meta.url));
const PROGRAM = fileURLToPath(new URL("netlify-dev-process.ts", import.meta.url));

/** CI turns off telemetry and questions. The others turn off what has a variable of its own. */
const QUIET_ENVIRONMENT = {
  CI: "true",
  NO_UPDATE_NOTIFIER: "1",
  DO_NOT_TRACK: "1",
  NO_COLOR: "1",
  BROWSER: "none",
};

/** These would connect this server to the owner's real site. */
const VARIABLES_OF_THE_REAL_SITE = ["NETLIFY_AUTH_TOKEN", "NETLIFY_SITE_ID", "CONTEXT"];

export async function startNetlifyDev({ directory, port, env, onOutput }: NetlifyDevOptions): Promise<NetlifyDev> {
  const origin = `http://localhost:${port}`;
  const server = spawnServer(directory, port, await freePort(), env);
  const lastLines = collectOutput(server, onOutput);

  let stopping = false;
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const died = new Promise<Error>((resolve) => {
    const report = (event: string): void => {
      if (!stopping) resolve(new Error(`netlify dev ${event}. Its last output:\n\n${lastLines.join("\n")}`));
    };
    server.once("error", ({ message }) => report(`could not be started (${message})`));
    server.once("close", (code, signal) => report(`has ended by itself (${signal ?? `exit code ${code}`})`));
  });

  // The server also ends by itself after this process, but a moment later.
  const killNow = (): void => killGroup(server, "SIGKILL");
  process.once("exit", killNow);

  const stop = async (): Promise<void> => {
    stopping = true;
    killGroup(server, "SIGTERM");
    await Promise.race([ended, wait(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    // Processes that the server has started may outlive it.
    killNow();
    await ended;
    process.removeListener("exit", killNow);
  };

  const ready = await Promise.race([untilReady(origin), died]);
  if (ready === true) return { origin, stop, died };

  const error =
    ready ||
    new Error(
      `netlify dev did not answer ${origin}${READY_PATH} within ${READY_TIMEOUT_MS / 1_000} seconds. ` +
        `Its last output:\n\n${lastLines.join("\n")}`,
    );
  await stop();
  throw error;
}

function spawnServer(
  directory: string,
  port: number,
  staticPort: number,
  env: Record<string, string> = {},
): ChildProcess {
  const flags = [
    "--offline",
    // Edge functions need Deno, which would be downloaded. This project has none.
    "--internal-disable-edge-functions",
    "--skip-gitignore",
    // In a git repository, netlify dev takes the path in netlify.toml as relative to the repository's root.
    ...["--functions", join(directory, "dist/functions")],
    ...["--port", String(port)],
    // netlify dev always tries the same port, which two servers that start at the same time both find free.
    ...["--staticServerPort", String(staticPort)],
  ];
  const inherited = Object.entries(process.env).filter(([name]) => !VARIABLES_OF_THE_REAL_SITE.includes(name));
  const path = [BINARIES, dirname(process.execPath), process.env.PATH ?? ""].join(delimiter);

  return spawn(process.execPath, [PROGRAM, "dev", ...flags], {
    cwd: directory,
    env: { ...Object.fromEntries(inherited), ...QUIET_ENVIRONMENT, PATH: path, ...env },
    // The "ipc" channel tells the process when this one has ended.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // In a group of its own, its children can be ended with it, and Ctrl-C reaches only this process.
    detached: process.platform !== "win32",
  });
}

function collectOutput(server: ChildProcess, onOutput?: (line: string) => void): string[] {
  const lastLines: string[] = [];
  for (const stream of [server.stdout, server.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on("line", (line) => {
      lastLines.push(line);
      if (lastLines.length > LAST_LINES) lastLines.shift();
      onOutput?.(line);
    });
  }
  return lastLines;
}

async function untilReady(origin: string): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (await answers(`${origin}${READY_PATH}`)) return true;
    await wait(POLL_INTERVAL_MS);
  }
  return false;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(READY_REQUEST_TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function killGroup(server: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (server.pid === undefined) return;
  if (process.platform === "win32") {
    spawnSync("taskkill", ["/pid", String(server.pid), "/t", "/f"]);
    return;
  }
  try {
    process.kill(-server.pid, signal);
  } catch {
    // ESRCH: no process of the group is left.
  }
}
