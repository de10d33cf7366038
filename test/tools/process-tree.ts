import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { expect } from "vitest";
import { commandOf, isRunning, parentOf } from "../../scripts/dev/processes.ts";

/** Lists the processes that a process has started, and the addresses that they listen on. */

export interface Listener {
  address: string;
  port: number;
}

/** The process, its children, their children, and so on. */
export function processTree(root: number): number[] {
  const pairs = process.platform === "linux" ? pairsByProc() : pairsByPs();
  const tree = [root];
  // The array grows during the loop.
  for (const parent of tree) tree.push(...pairs.filter(([, ppid]) => ppid === parent).map(([pid]) => pid));
  return tree;
}

type Pair = [pid: number, parent: number | undefined];

function pairsByProc(): Pair[] {
  const pids = readdirSync("/proc").map(Number).filter(Boolean);
  return pids.map((pid) => [pid, parentOf(pid)]);
}

function pairsByPs(): Pair[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const lines = stdout.trim().split("\n");
  return lines.map((line) => line.trim().split(/\s+/).map(Number) as Pair);
}

/** Leaves out processes that have ended but have not been waited for (zombies). */
export function survivors(pids: number[]): string[] {
  return pids
    .filter(isRunning)
    .map(commandOf)
    .filter((command) => command !== undefined && /\s/.test(command)) as string[];
}

export function listenersOf(pids: number[]): Listener[] {
  return process.platform === "linux" ? listenersByProc(pids) : listenersByLsof(pids);
}

function listenersByProc(pids: number[]): Listener[] {
  const sockets = new Set(pids.flatMap(socketsOf));
  return ["tcp", "tcp6"]
    .flatMap((table) => readFileSync(`/proc/net/${table}`, "utf8").trim().split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === "0A" && sockets.has(`socket:[${columns[9]}]`))
    .map((columns) => columns[1]!.split(":"))
    .map(([address, port]) => ({ address: readAddress(address!), port: parseInt(port!, 16) }));
}

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return orNothing(() => readdirSync(folder)).flatMap((fd) => orNothing(() => [readlinkSync(`${folder}/${fd}`)]));
}

/** A process may end or close a file while we read it. */
function orNothing(read: () => string[]): string[] {
  try {
    return read();
  } catch {
    return [];
  }
}

/** Four-byte words, each in reverse byte order. */
function readAddress(hex: string): string {
  const bytes = hex.match(/.{8}/g)!.flatMap((word) => word.match(/../g)!.reverse());
  if (bytes.length === 4) return bytes.map((byte) => parseInt(byte, 16)).join(".");
  const groups = bytes.join("").match(/.{4}/g)!.join(":");
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}

function listenersByLsof(pids: number[]): Listener[] {
  const { stdout } = spawnSync("lsof", ["-nP", "-a", "-iTCP", "-sTCP:LISTEN", "-p", pids.join(), "-Fn"], {
    encoding: "utf8",
  });
  return [...stdout.matchAll(/^n\[?(.*?)\]?:(\d+)$/gm)].map(([, address, port]) => ({
    address: address!,
    port: Number(port),
  }));
}

export const INTERFACES = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);

/** Asserts that no process of the tree is reachable from other computers. */
export async function expectLoopbackOnly(tree: number[], atLeast: number): Promise<void> {
  const listeners = listenersOf(tree);
  expect(listeners.length).toBeGreaterThanOrEqual(atLeast);
  for (const { address } of listeners) expect(["127.0.0.1", "::1"]).toContain(address);

  // A link-local address needs the name of its interface.
  const others = INTERFACES.filter(({ internal, address }) => !internal && !address.startsWith("fe80:"));
  for (const { address } of others) {
    for (const { port } of listeners) expect(await connection(address, port)).toBe("ECONNREFUSED");
  }
}

function connection(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve("connected");
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code ?? "failed"));
  });
}
