import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { HOSTS as BUILDS, buildHost } from "../../scripts/build/build-host.ts";
import { buildPublished } from "../../scripts/build/build-site.ts";
import type { Configuration } from "../../server/provider/service.ts";
import { untilItAnswers } from "../tools/local-server.ts";
import { startWorker } from "./platforms/workerd.ts";

/** Starts what `npm run build -- --host …` makes, each on its own runtime, in a process of its own. */

export interface HostOrder {
  /** The folder of the built host. */
  directory: string;
  port: number;
  /** The complete environment of the provider. */
  env: Record<string, string>;
}

export interface RunningHost {
  origin: string;
  /** What it has printed. */
  output: string[];
  /** Of its process, if it has one of its own. */
  pid?: number | undefined;
  /** Sends a signal and waits for the end of the process. `undefined`: the host is no process of the owner's. */
  end?: (signal: NodeJS.Signals) => Promise<number | null>;
  stop(): Promise<void>;
}

export interface TestedHost {
  name: string;
  /** What must be installed; `undefined` if it is not. */
  runtime: string | undefined;
  start(order: HostOrder): Promise<RunningHost>;
}

const CLIENTS = fileURLToPath(new URL("../clients/", import.meta.url));
const requireClient = createRequire(join(CLIENTS, "package.json"));

/** Every host that can be built. Each passes the same tests (contract.test.ts). */
export const HOSTS: TestedHost[] = [
  { name: "node", runtime: process.execPath, start: (order) => startServer(process.execPath, [], order) },
  runtimeOf("deno", "@deno/", "deno", ["run", "--allow-net", "--allow-env"]),
  runtimeOf("bun", "@oven/", "bin/bun", []),
  { name: "cloudflare", runtime: installed("miniflare", "package.json"), start: startWorker },
  { name: "vercel", runtime: process.execPath, start: (order) => startPlatform("vercel", order) },
  { name: "aws-lambda", runtime: process.execPath, start: (order) => startPlatform("aws-lambda", order) },
];

/** npm installs the program of this computer as an optional package, and runs no install script. */
function runtimeOf(name: string, scope: string, program: string, options: string[]): TestedHost {
  const packages = Object.keys(optionalPackages(name)).filter((each) => each.startsWith(scope));
  const runtime = packages.map((each) => installed(each, program)).find((path) => path !== undefined && runs(path));
  return { name, runtime, start: (order) => startServer(runtime!, options, order) };
}

function optionalPackages(name: string): Record<string, string> {
  const manifest = installed(name, "package.json");
  return manifest === undefined ? {} : requireClient(manifest).optionalDependencies;
}

function installed(name: string, file: string): string | undefined {
  const path = join(CLIENTS, "node_modules", name, file);
  return [path, `${path}.exe`].find((each) => existsSync(each));
}

function runs(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Builds a host as `npm run build -- --host` does. @returns the folder of what it has built */
export async function buildOne(name: string, configuration: Configuration, origin: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `host-${name}-`));
  const [published, directory] = [join(folder, "published"), join(folder, "built")];
  await buildPublished(configuration, published);
  await buildHost(name, { configuration, published, directory, env: { URL: origin } });
  return directory;
}

async function startServer(program: string, options: string[], order: HostOrder): Promise<RunningHost> {
  const { directory, port, env } = order;
  const args = [...options, join(directory, "server.mjs")];
  const child = spawn(program, args, { env: { PATH: process.env.PATH!, ...env, PORT: String(port) } });
  return await running(child, order);
}

/** A small stand-in for the platform, which turns HTTP into what the platform gives to its functions. */
async function startPlatform(name: "vercel" | "aws-lambda", order: HostOrder): Promise<RunningHost> {
  const program = fileURLToPath(new URL(`platforms/${name}.ts`, import.meta.url));
  const { directory, port, env } = order;
  const file = join(directory, BUILDS[name]!.output);
  const child = fork(program, [file, String(port)], { env: { PATH: process.env.PATH!, ...env }, silent: true });
  const { end: _, ...host } = await running(child, order);
  return host;
}

/** @throws {Error} with its output if it ends by itself */
async function running(child: ChildProcess, { port }: HostOrder): Promise<RunningHost> {
  const output: string[] = [];
  for (const stream of [child.stdout!, child.stderr!])
    createInterface({ input: stream }).on("line", (line) => output.push(line));
  const origin = `http://localhost:${port}`;
  const ended = once(child, "close") as Promise<[number | null]>;
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return (await ended)[0];
  };
  await Promise.race([
    untilItAnswers(origin),
    ended.then(() => Promise.reject(new Error(`The host has ended by itself.\n${output.join("\n")}`))),
  ]);
  return { origin, output, pid: child.pid, end, stop: async () => void (await end("SIGKILL")) };
}
