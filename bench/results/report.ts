import type { BrowserResult } from "../measurements/browser.ts";
import type { ColdResult } from "../measurements/cold.ts";
import type { HostsResult } from "../measurements/hosts.ts";
import type { LoginResult } from "../measurements/login.ts";
import type { MemoryResult } from "../measurements/memory.ts";
import { CALLS } from "../measurements/memory.ts";
import type { PeersResult } from "../measurements/peers.ts";
import type { SigningResult } from "../measurements/signing.ts";
import type { Sizes } from "../measurements/sizes.ts";
import type { WarmResult } from "../measurements/warm.ts";
import { callsPerSecond } from "../measurements/warm.ts";
import type { Machine } from "./machine.ts";
import { machineSentence } from "./machine.ts";
import { median, minimum, percentile } from "./statistics.ts";
import type { Measured, Section, TargetResult } from "./targets.ts";
import { checkTargets } from "./targets.ts";

/** Formats all measurements as tables, for the terminal and for the docs. */

export interface Results extends Measured {
  machine: Machine;
  browser?: BrowserResult;
  hosts?: HostsResult;
  peers?: PeersResult;
}

/** The sections of the docs page, by name. */
export function sectionsOf(results: Results): Record<string, string> {
  const { sizes, signing, login, cold, hosts, warm, memory, browser, peers, machine } = results;
  const tables = {
    ...(sizes && { sizes: sizesTable(sizes) }),
    ...(signing && { signing: signingTable(signing) }),
    ...(login && { login: loginTable(login) }),
    ...(cold && { cold: coldTable(cold) }),
    ...(hosts && { hosts: hostsTable(hosts) }),
    ...(warm && { warm: warmTable(warm) }),
    ...(memory && { memory: memoryTable(memory) }),
    ...(browser && { browser: browserTable(browser) }),
    ...(peers && { peers: peersTable(peers) }),
  };
  return Object.fromEntries(
    Object.entries(tables).map(([name, text]) => {
      const verdicts = checkTargets(results, name as Section);
      const parts = [
        text,
        ...(verdicts.length > 0 ? [targetsTable(verdicts)] : []),
        `Measured ${machineSentence(machine)}`,
      ];
      return [name, parts.join("\n\n")];
    }),
  );
}

/** Replaces the text between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. */
export function writeSections(page: string, sections: Record<string, string>): string {
  return Object.entries(sections).reduce((text, [name, content]) => {
    const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
    const from = text.indexOf(start);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`The page has no place for "${name}": ${start} … ${end}`);
    return `${text.slice(0, from + start.length)}\n${content}\n${text.slice(to)}`;
  }, page);
}

function sizesTable({ functions, pages, modules }: Sizes): string {
  return [
    table(
      ["Function", "bytes", "gzip"],
      Object.entries(functions).map(([name, { bytes, gzip }]) => [name, whole(bytes), whole(gzip)]),
    ),
    table(
      ["Page, first visit", "gzip", "requests"],
      Object.entries(pages).map(([path, { gzip, requests }]) => [path, whole(gzip), String(requests)]),
    ),
    table(
      ["Module for apps", "bytes", "gzip"],
      Object.entries(modules).map(([name, { bytes, gzip }]) => [`${name}.js`, whole(bytes), whole(gzip)]),
    ),
  ].join("\n\n");
}

function signingTable(signing: SigningResult): string {
  const usual = median(signing.RS256!.signMs);
  const rows = Object.entries(signing).map(([name, { readMs, signMs }]) => [
    name,
    two(median(readMs)),
    two(median(signMs)),
    two(minimum(signMs)),
    two(median(signMs) / usual),
  ]);
  const header = ["Key of ID tokens", "reading it, CPU ms", "an ID token, CPU ms", "min", "to RS256"];
  const runs = signing.RS256!.signMs.length;
  return `${table(header, rows)}\n\nMedians and minima of ${runs} interleaved runs. A key is read once in a process.`;
}

function loginTable(login: LoginResult): string {
  const floor = login["crypto floor"]!.cpuMs;
  const rows = Object.entries(login).map(([name, { cpuMs, waitMs }]) => [
    name,
    one(median(cpuMs)),
    one(minimum(cpuMs)),
    one(median(waitMs)),
    one(minimum(waitMs)),
    `${two(median(cpuMs) / median(floor))} (${two(minimum(cpuMs) / minimum(floor))})`,
  ]);
  const runs = login["crypto floor"]!.cpuMs.length;
  const header = ["Whole login, nothing runs", "CPU ms", "min", "waiting ms", "min", "CPU to floor (of minima)"];
  return `${table(header, rows)}\n\nMedians and minima of ${runs} interleaved logins, each in a fresh process.`;
}

const FLOOR_OF_STEP: Record<string, string> = {
  "crypto floor, login, wrapped": "crypto floor, login, wrapped",
  authorize: "crypto floor, login, wrapped",
  callback: "crypto floor, login, wrapped",
  decision: "crypto floor, login, wrapped",
  "crypto floor, exchange, wrapped": "crypto floor, exchange, wrapped",
  token: "crypto floor, exchange, wrapped",
};

function coldTable(cold: ColdResult): string {
  const rows = Object.entries(cold).map(([name, { cpuMs, wallMs, importMs }]) => {
    const floor = cold[FLOOR_OF_STEP[name] ?? ""]?.cpuMs;
    return [
      name,
      one(median(cpuMs)),
      one(minimum(cpuMs)),
      one(median(wallMs)),
      one(minimum(wallMs)),
      name === "node" ? "" : one(median(importMs)),
      floor ? `${two(median(cpuMs) / median(floor))} (${two(minimum(cpuMs) / minimum(floor))})` : "",
    ];
  });
  const runs = Object.values(cold)[0]?.cpuMs.length ?? 0;
  const header = ["First call", "CPU ms", "min", "wall ms", "min", "import, CPU ms", "CPU to floor (of minima)"];
  return `${table(header, rows)}\n\nMedians and minima of ${runs} interleaved runs, each in a fresh process.`;
}

function hostsTable(hosts: HostsResult): string {
  const rows = Object.entries(hosts).map(([name, ms]) => [name, one(median(ms)), one(minimum(ms))]);
  const runs = Object.values(hosts)[0]?.length ?? 0;
  const header = ["First call of a login (authorize), by host", "wall ms", "min"];
  return `${table(header, rows)}\n\nMedians and minima of ${runs} interleaved runs, from the start of a process to the answer.`;
}

function warmTable(warm: WarmResult): string {
  const rows = Object.entries(warm).map(([name, figures]) => [
    name,
    whole(percentile(figures.us, 50)),
    whole(percentile(figures.us, 99)),
    whole(callsPerSecond(figures)),
  ]);
  const counts = [...new Set(Object.values(warm).map(({ us }) => us.length))];
  const header = ["Warm call", "p50 µs", "p99 µs", "calls per second"];
  return `${table(header, rows)}\n\n${counts.map(whole).join(" or ")} calls each, one after the other, in interleaved rounds.`;
}

function memoryTable(memory: MemoryResult): string {
  const rows = Object.entries(memory).map(([name, { rssBytes, heapUsedBytes }]) => [
    name,
    one(median(rssBytes) / 2 ** 20),
    one(minimum(rssBytes) / 2 ** 20),
    one(median(heapUsedBytes) / 2 ** 20),
  ]);
  const processes = Object.values(memory)[0]?.rssBytes.length ?? 0;
  const header = [`After ${whole(CALLS)} calls`, "resident MiB", "min", "heap MiB"];
  return `${table(header, rows)}\n\nMedians and minima of ${processes} processes, after a garbage collection.`;
}

function browserTable(browser: BrowserResult): string {
  const rows = Object.entries(browser.ms).map(([name, ms]) => [name, whole(median(ms)), whole(minimum(ms))]);
  const { requests } = browser;
  return (
    `${table(["Step of a login in Chromium", "ms", "min"], rows)}\n\n` +
    `Under \`netlify dev\`, which starts a process for every call of a function and is a good part of these figures; ` +
    `${requests} requests to the provider in one login.`
  );
}

function peersTable(peers: PeersResult): string {
  const rows = Object.values(peers).map(({ name, gzip, whole: all, login, exchange, warmLoginUs, note }) => [
    name,
    whole(gzip),
    `${one(median(all.cpuMs))} (${one(minimum(all.cpuMs))})`,
    login ? `${one(median(login.cpuMs))} (${one(minimum(login.cpuMs))})` : "",
    exchange ? `${one(median(exchange.cpuMs))} (${one(minimum(exchange.cpuMs))})` : "",
    warmLoginUs ? whole(median(warmLoginUs)) : "",
    note,
  ]);
  const header = [
    "",
    "gzip",
    "whole login, CPU ms (min)",
    "cold login, CPU ms (min)",
    "cold exchange, CPU ms (min)",
    "warm login, p50 µs",
    "what it does",
  ];
  return table(header, rows, { lastIsText: true });
}

function targetsTable(verdicts: TargetResult[]): string {
  return table(
    ["Target", "limit", "measured", ""],
    verdicts.map(({ target: { promise, limit, unit }, worst, met }) => [
      promise,
      inUnit(limit, unit),
      `${inUnit(worst.value, unit)} (${worst.name})`,
      met ? "met" : "**missed**",
    ]),
    { lastIsText: true },
  );
}

function inUnit(value: number, unit: "×" | "ms" | "bytes"): string {
  if (unit === "bytes") return `${whole(value)} bytes`;
  return unit === "ms" ? `${one(value)} ms` : `${two(value)} ×`;
}

/** Right-aligns numbers. The first column is text, and optionally the last one. */
function table(header: string[], rows: string[][], { lastIsText = false } = {}): string {
  const line = (cells: string[]): string => `| ${cells.join(" | ")} |`;
  const isText = (index: number): boolean => index === 0 || (lastIsText && index === header.length - 1);
  const rule = header.map((_cell, index) => (isText(index) ? "---" : "--:"));
  return [line(header), line(rule), ...rows.map(line)].join("\n");
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-GB");
}

function one(value: number): string {
  return value.toFixed(1);
}

function two(value: number): string {
  return value.toFixed(2);
}
