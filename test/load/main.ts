import { parseArgs } from "node:util";
import { percentile } from "../../bench/results/statistics.ts";
import type { Result } from "./scenarios.ts";
import { loadWithAttack, loadWithLogins } from "./scenarios.ts";
import { soak } from "./soak.ts";

/**
 * `npm run test:load`: puts the provider under load, over node:http, in a separate process.
 *
 * 1. Two thousand users log in at once while the service takes two seconds to answer. No login fails, and every app
 *    gets its own user's token.
 * 2. Hostile requests arrive at five times the measured capacity for half a minute. Each gets the expected status, and
 *    good logins work afterwards.
 *
 * In both cases, the provider's memory must return to its earlier level. The figures are those of this computer, which
 * also runs the client. On Netlify, an instance answers one request at a time, and the platform starts as many
 * instances as needed. A small version runs with every `npm test` (load.test.ts).
 */

const HELP = `npm run test:load [-- --soak 600]

Puts the provider under load on this computer, for a minute or two: 2,000 logins at once with a slow service, then half a
minute of hostile requests at five times what it can answer. Prints how fast it was, and what it kept in memory.

  --soak <seconds>  instead: logs in without a pause at the server of npm start, in a process of its own, and ends it under load
  --help            show this text

Exit status: 0 nobody was lost and nothing grew, 1 otherwise.`;

const ms = (value: number): string => `${Math.round(value)} ms`;
const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

function printTable(title: string, rows: [string, string | number][]): void {
  console.log(`\n${title}`);
  for (const [name, value] of rows) console.log(`  ${name.padEnd(34)}${String(value).padStart(12)}`);
}

function latencyRows(name: string, latenciesMs: number[]): [string, string][] {
  if (latenciesMs.length === 0) return [[name, "none"]];
  return [
    [`${name}, median`, ms(percentile(latenciesMs, 50))],
    [`${name}, 99th percentile`, ms(percentile(latenciesMs, 99))],
  ];
}

function memoryRows({ before, after }: Result): [string, string][] {
  return [
    ["memory in use before", megabytes(before.heapBytes)],
    ["memory in use after", megabytes(after.heapBytes)],
    ["resident before", megabytes(before.rssBytes)],
    ["resident after", megabytes(after.rssBytes)],
  ];
}

try {
  const { values } = parseArgs({ options: { soak: { type: "string" }, help: { type: "boolean" } } });
  if (values.help) console.log(HELP);
  else if (values.soak !== undefined) await soakServer(readSeconds(values.soak));
  else await load();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

function readSeconds(value: string): number {
  if (/^[1-9]\d*$/.test(value)) return Number(value);
  throw new Error(`--soak ${value} is not a number of seconds.`);
}

async function soakServer(seconds: number): Promise<void> {
  console.log(`Logging in at the built server for ${seconds} s …`);
  const { logins, loginsPerSecond, latenciesMs, rssBytes, idleRssBytes, faults } = await soak({ seconds, atOnce: 16 });
  printTable(`Sixteen logins at once for ${seconds} s, at the server of npm start`, [
    ["logins", logins],
    ["logins a second", Math.round(loginsPerSecond)],
    ...latencyRows("whole login", latenciesMs),
    ["resident at the start", megabytes(rssBytes[0]!)],
    ...[10, 60, 300, 600].filter((second) => second < rssBytes.length).map((second) => residentRow(second, rssBytes)),
    ["resident at the end", megabytes(rssBytes.at(-1)!)],
    ["resident, peak", megabytes(Math.max(...rssBytes))],
    ["resident after a minute's rest", megabytes(idleRssBytes)],
  ]);
  reportFaults(faults, "No login was lost, and it ended after the last one.");
}

function residentRow(second: number, rssBytes: number[]): [string, string] {
  return [`resident after ${second} s`, megabytes(rssBytes[second]!)];
}

function reportFaults(faults: string[], success: string): void {
  console.log(faults.length === 0 ? `\n${success}` : `\n${faults.length} faults:`);
  for (const fault of faults.slice(0, 20)) console.log(`  ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

async function load(): Promise<void> {
  console.log("Logging in 2,000 people at once, twice …");
  const logins = await loadWithLogins({ logins: 2_000, serviceDelayMs: 2_000 });
  printTable("2,000 logins at once, the service 2 s slow", [
    ["waiting for the service at once", logins.peak],
    ["logins a second", Math.round(2_000 / logins.seconds)],
    ...latencyRows("last step", logins.latenciesMs),
    ...memoryRows(logins),
  ]);

  console.log("\nAttacking for 30 seconds …");
  const attack = await loadWithAttack({ seconds: 30, factor: 5, calibrationSeconds: 5 });
  printTable("Hostile requests at five times the capacity, 30 s", [
    ["capacity, requests a second", Math.round(attack.capacityPerSecond)],
    ["offered", attack.offered],
    ["answered", attack.answered],
    ...latencyRows("answer", attack.latenciesMs),
    ...latencyRows("good login afterwards, last step", attack.loginLatenciesMs),
    ...memoryRows(attack),
  ]);

  const unanswered = attack.unanswered.map((name) => `${name}: never answered`);
  const faults = [...logins.faults, ...attack.faults, ...unanswered];
  reportFaults(faults, "Nobody was lost, nothing was mixed up, nothing grew.");
}
