/** Finds the process that listens on a port: in /proc on Linux, with `lsof` elsewhere. */

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { commandOf, isDevelopmentCommand } from "./processes.ts";

const LSOF_TIMEOUT_MS = 10_000;

/** The state of a listening socket in Linux's tables. */
const LISTENING = "0A";

const MAX_COMMAND_CHARACTERS = 80;

/** "Port 8888 is taken by process 1234 (python3 -m http.server 8888).", with as much of it as can be found out. */
export function describePortHolder(port: number): string {
  const pid = findHolder(port);
  if (pid === undefined) return `Port ${port} is taken by another program.`;

  const command = commandOf(pid);
  const remark = command ? ` (${describeCommand(command, pid)})` : "";
  return `Port ${port} is taken by process ${pid}${remark}.`;
}

function describeCommand(command: string, pid: number): string {
  if (isDevelopmentCommand(command)) return `an earlier "npm run dev" that is still running; to end it: kill ${pid}`;

  // A program chooses its own command line, so control characters are removed. Its folder is omitted.
  const printable = command.replaceAll(/[\p{C}\p{Z}]+/gu, " ").replace(/^\S*\//, "");
  return printable.length > MAX_COMMAND_CHARACTERS ? `${printable.slice(0, MAX_COMMAND_CHARACTERS)}…` : printable;
}

/** @returns `undefined` if there is no such process, or it cannot be found */
function findHolder(port: number): number | undefined {
  return process.platform === "linux" ? holderByProc(port) : holderByLsof(port);
}

export function holderByProc(port: number): number | undefined {
  const sockets = new Set(["tcp", "tcp6"].flatMap((table) => listeningSockets(table, port)));
  if (sockets.size === 0) return undefined;

  const pids = list("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.find((pid) => list(`/proc/${pid}/fd`).some((fd) => sockets.has(target(`/proc/${pid}/fd/${fd}`))));
}

export function holderByLsof(port: number): number | undefined {
  const { stdout } = spawnSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fp"], {
    encoding: "utf8",
    timeout: LSOF_TIMEOUT_MS,
  });
  return Number(/^p(\d+)$/m.exec(stdout ?? "")?.[1]) || undefined;
}

/** The names that the links in `/proc/<pid>/fd` have for these sockets. */
function listeningSockets(table: string, port: number): string[] {
  return read(`/proc/net/${table}`)
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state]) => state === LISTENING && parseInt(local.split(":")[1] ?? "", 16) === port)
    .map((columns) => `socket:[${columns[9]}]`);
}

// Processes can end at any time, and those of other users are not readable.

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}
