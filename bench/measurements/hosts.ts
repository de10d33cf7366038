import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installFolder } from "../../scripts/files/install-folder.ts";
import { freePort } from "../../scripts/network/free-port.ts";
import { buildForHost, CLIENT_SECRET, PROVIDER } from "../setup/build.ts";
import type { Call, Reply } from "../setup/call.ts";
import { isRight } from "../setup/journey.ts";
import type { TestBed } from "../setup/subjects.ts";
import { measureCold, wrapped } from "./cold.ts";

/** The first call of a login on several hosts, from the start of a process to the answer, in milliseconds. */
export type HostsResult = Record<string, number[]>;

const CLIENTS = fileURLToPath(new URL("../../test/clients/", import.meta.url));

const NETLIFY = "Netlify's wrapper";

/** Starts a host on a port. */
type Start = (port: number) => ChildProcess;

export async function measureHosts(
  stage: TestBed,
  runs: number,
  onRound: (round: number) => void,
): Promise<HostsResult> {
  await installFolder(CLIENTS, () => console.log("Installing workerd, with the clients of the tests …"));
  const servers: [string, Start][] = [
    ["the server for Node", await nodeServer(stage)],
    ["workerd", await workerd(stage)],
  ];
  const netlify = wrapped(stage, stage.own.authorize);
  const names = [NETLIFY, ...servers.map(([name]) => name)];
  const result: HostsResult = Object.fromEntries(names.map((name) => [name, []]));
  // The first round does not count, as for all first calls.
  for (let round = 0; round <= runs; round += 1) {
    onRound(round);
    const cold = await measureCold(stage, [netlify], 1, () => undefined);
    if (round > 0) result[NETLIFY]!.push(...cold[netlify.name]!.wallMs);
    for (const [name, start] of servers) {
      const ms = await firstCall(start, await stage.own.authorize.prepare());
      if (round > 0) result[name]!.push(ms);
    }
  }
  return result;
}

async function nodeServer({ folder, service }: TestBed): Promise<Start> {
  const directory = await buildForHost("node", join(folder, "host-node"), service.origin);
  const env = { URL: PROVIDER, BENCH_CLIENT_SECRET: CLIENT_SECRET };
  return (port) =>
    spawn(process.execPath, [join(directory, "server.mjs")], { env: { ...env, PORT: `${port}` }, stdio: "ignore" });
}

/** Without Miniflare, whose own start would be measured too. */
async function workerd({ folder, service }: TestBed): Promise<Start> {
  const directory = await buildForHost("cloudflare", join(folder, "host-cloudflare"), service.origin);
  await writeFile(join(directory, "config.capnp"), WORKERD_CONFIGURATION);
  const program = createRequire(join(CLIENTS, "package.json")).resolve("workerd/bin/workerd");
  const own = join(
    CLIENTS,
    `node_modules/@cloudflare/workerd-${process.platform}-${process.arch === "x64" ? "64" : process.arch}/bin/workerd`,
  );
  const command = existsSync(own) ? own : program;
  return (port) =>
    spawn(command, ["serve", "config.capnp", "--socket-addr", `http=127.0.0.1:${port}`], {
      cwd: directory,
      stdio: "ignore",
    });
}

const WORKERD_CONFIGURATION = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "provider", worker = .provider),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (forwardedProtoHeader = "x-forwarded-proto"), service = "provider")],
);
const provider :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs")],
  compatibilityDate = "2026-07-01",
  compatibilityFlags = ["nodejs_compat"],
  bindings = [(name = "URL", text = "${PROVIDER}"), (name = "BENCH_CLIENT_SECRET", text = "${CLIENT_SECRET}")],
);
`;

async function firstCall(start: Start, call: Call): Promise<number> {
  const port = await freePort();
  const startedAt = performance.now();
  const child = start(port);
  try {
    const reply = await untilAnswered(port, call, child);
    const ms = performance.now() - startedAt;
    if (!isRight.authorize(reply)) throw new Error(`A host gave a wrong answer: status ${reply.status}.`);
    return ms;
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}

async function untilAnswered(port: number, call: Call, { exitCode }: ChildProcess): Promise<Reply> {
  for (;;) {
    const reply = await send(port, call).catch(() => undefined);
    if (reply) return reply;
    if (exitCode !== null) throw new Error(`A host ended with exit code ${exitCode}.`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function send(port: number, { method, url, headers }: Call): Promise<Reply> {
  const { host, pathname, search } = new URL(url);
  const sent = { ...headers, host, "x-forwarded-proto": "https" };
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: "127.0.0.1", method, path: pathname + search, headers: sent, agent: false });
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      incoming.resume();
      const { location = "" } = incoming.headers;
      incoming.on("end", () => resolve({ status: incoming.statusCode!, headers: { location }, cookies: [], body: "" }));
    });
    outgoing.end();
  });
}
