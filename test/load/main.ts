import { loadWithAttack, loadWithLogins } from "./scenarios.ts";
import type { Result } from "./scenarios.ts";

/**
 * `npm run test:load`: the provider under load, over node:http, with a process of its own.
 *
 * 1. Two thousand people log in at once while the service takes two seconds: nobody is lost, and every app gets its own
 *    user's token.
 * 2. Hostile requests at five times the measured capacity for half a minute: each gets the answer it deserves, and good
 *    logins work afterwards.
 *
 * Either time the provider's memory is what it was before. What is measured is this computer's, with the client beside
 * the provider; on Netlify an instance answers one request at a time, and there are as many as it takes. The small
 * version of the same runs with every `npm test` (load.test.ts).
 */

const percentile = (values: number[], share: number): number =>
  values.toSorted((left, right) => left - right)[Math.ceil(values.length * share) - 1] ?? 0;
const ms = (value: number): string => `${Math.round(value)} ms`;
const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

function printTable(title: string, rows: [string, string | number][]): void {
  console.log(`\n${title}`);
  for (const [name, value] of rows) console.log(`  ${name.padEnd(34)}${String(value).padStart(12)}`);
}

function latencyRows(name: string, latenciesMs: number[]): [string, string][] {
  return [
    [`${name}, median`, ms(percentile(latenciesMs, 0.5))],
    [`${name}, 99th percentile`, ms(percentile(latenciesMs, 0.99))],
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

const faults = [...logins.faults, ...attack.faults];
console.log(faults.length === 0 ? "\nNobody was lost, nothing was mixed up, nothing grew." : `\n${faults.length} faults:`);
for (const fault of faults.slice(0, 20)) console.log(`  ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
