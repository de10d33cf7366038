import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { commandOf, isRunning } from "../../scripts/dev/processes.ts";

/** What a process has started, and where all of that listens. */

export interface Listener {
  address: string;
  port: number;
}

/** The process, its children, their children, and so on. */
export function processTree(root: number): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const pairs = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [root];
  // It grows while it is walked through.
  for (const parent of tree) tree.push(...pairs.filter(([, ppid]) => ppid === parent).map(([pid]) => pid!));
  return tree;
}

/** Without what has ended and has only not been waited for. */
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
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

/** Words of four bytes, each of them backwards. */
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
