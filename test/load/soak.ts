import { execFileSync } from "node:child_process";
import { Agent } from "node:http";
import { freePort } from "../../scripts/network/free-port.ts";
import { buildOne, HOSTS, type RunningHost } from "../hosts/hosts.ts";
import { configurationFor, sendWith } from "./loaded-provider.ts";
import { newLogin, type ProviderUnderLoad, prepareLogin } from "./logins.ts";
import { SlowService } from "./slow-service.ts";

/** Logins without a pause at the server for Node, as it is built, in a process of its own. */

export interface SoakResult {
  logins: number;
  loginsPerSecond: number;
  /** From the app's request to its token. */
  latenciesMs: number[];
  /** What the system has given to the server's process, once a second. */
  rssBytes: number[];
  /** The same after a minute without a request. */
  idleRssBytes: number;
  faults: string[];
}

interface Soak {
  provider: ProviderUnderLoad;
  service: SlowService;
  latenciesMs: number[];
  faults: string[];
}

const SAMPLE_MS = 1_000;
const IDLE_MS = 60_000;

export async function soak({ seconds, atOnce }: { seconds: number; atOnce: number }): Promise<SoakResult> {
  const service = new SlowService(0);
  await service.start();
  const host = await startBuiltServer(service.origin);
  const agent = new Agent({ keepAlive: true });
  const provider = {
    origin: host.origin,
    send: (path: string, send = {}) => sendWith(agent, host.origin + path, send),
  };
  const state: Soak = { provider, service, latenciesMs: [], faults: [] };
  const rssBytes = [residentBytes(host)];
  const sampling = setInterval(() => rssBytes.push(residentBytes(host)), SAMPLE_MS);
  try {
    const startedAt = performance.now();
    const endMs = startedAt + seconds * 1_000;
    await Promise.all(Array.from({ length: atOnce }, (_, index) => logInUntil(endMs, index, state)));
    const tookMs = performance.now() - startedAt;
    clearInterval(sampling);
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const idleRssBytes = residentBytes(host);
    state.faults.push(...(await endUnderLoad(host, state)));
    const logins = state.latenciesMs.length;
    const { latenciesMs, faults } = state;
    return { logins, loginsPerSecond: (logins / tookMs) * 1_000, latenciesMs, rssBytes, idleRssBytes, faults };
  } finally {
    clearInterval(sampling);
    agent.destroy();
    await host.stop();
    await service.stop();
  }
}

async function startBuiltServer(serviceOrigin: string): Promise<RunningHost> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const directory = await buildOne("node", configurationFor(serviceOrigin), origin);
  return await HOSTS.find(({ name }) => name === "node")!.start({ directory, port, env: { URL: origin } });
}

async function logInUntil(endMs: number, lane: number, state: Soak): Promise<void> {
  for (let count = 0; performance.now() < endMs; count += 1) {
    const startedAt = performance.now();
    const fault = await logIn(lane + count, `${lane}-${count}`, state);
    if (fault !== undefined) state.faults.push(fault);
    state.latenciesMs.push(performance.now() - startedAt);
  }
}

/** @returns what went wrong */
async function logIn(dialect: number, name: string, { provider, service }: Soak): Promise<string | undefined> {
  const login = newLogin(name);
  try {
    const { recipient, accessToken } = await (await prepareLogin(dialect, login, provider, service))();
    return recipient === login.app && accessToken === `token-of-${login.user}` ? undefined : `${name} was mixed up`;
  } catch (error) {
    return `${name} was lost: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Sends SIGTERM while logins wait for the service: they must be finished, and then the process must end. */
async function endUnderLoad(host: RunningHost, { provider, service }: Soak): Promise<string[]> {
  service.delayMs = 200;
  service.peak = 0;
  const logins = ["a", "b", "c"].map((name) => newLogin(`last-${name}`));
  const prepared = await Promise.all(logins.map((login, index) => prepareLogin(index, login, provider, service)));
  const finishing = Promise.allSettled(prepared.map((finish) => finish()));
  while (service.peak < logins.length) await new Promise((resolve) => setTimeout(resolve, 5));
  const status = await host.end!("SIGTERM");
  const lost = (await finishing).filter((result) => result.status === "rejected");
  return [
    ...(status === 0 ? [] : [`it ended with status ${status}`]),
    ...lost.map(({ reason }) => `lost at the end: ${reason}`),
  ];
}

/** In kilobytes from `ps`, which every Unix has. */
function residentBytes({ pid }: RunningHost): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) * 1_024;
}
