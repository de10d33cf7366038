/** `npm run scale`: what logins cost, what the free plan carries, and what a busy hour looks like, with your own figures. */

import { parseArgs } from "node:util";
import type { Assumptions, Dialect, Plan } from "../bench/scale/costs.ts";
import { creditsPerLogin, DIALECTS, FREE_PLAN, loginsPerMonth } from "../bench/scale/costs.ts";
import { seeded, simulateBusiestHour } from "../bench/scale/simulation.ts";

const HELP = `npm run scale [-- --logins 100000 --dialect oauth …]

What a month of logins costs, and what its busiest hour looks like. docs/scale.md says where the defaults come from.

  --logins <n>       logins in a month (default: 10000)
  --dialect <name>   how apps log in: ${Object.keys(DIALECTS).join(", ")} (default: oauth)
  --refreshes <n>    token refreshes after each login (default: 0)
  --first-ms <n>     how long a first call of a function takes (default: 200)
  --further-ms <n>   how long any further call takes (default: 10)
  --service-ms <n>   how long the service takes to exchange a code (default: 300)
  --kilobytes <n>    sent out in one login (default: 30)
  --memory <gb>      what a function is given (default: 1)
  --credits <n>      what your plan includes in a month (default: 300, the free plan)
  --deploys <n>      production deploys in a month (default: 2)
  --peak <n>         how many times busier the busiest hour is than the average one (default: 10)
  --shared <share>   logins that come from one address, from 0 to 1 (default: 0.05)
  --idle <seconds>   how long the platform keeps a function that nobody calls (default: 300)
  --seed <n>         for other random numbers (default: 1)
  --help             show this text`;

const DAYS = 30;

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  console.error("All options: npm run scale -- --help");
  process.exitCode = 1;
}

function main(): void {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      logins: text,
      dialect: text,
      refreshes: text,
      "first-ms": text,
      "further-ms": text,
      "service-ms": text,
      kilobytes: text,
      memory: text,
      credits: text,
      deploys: text,
      peak: text,
      shared: text,
      idle: text,
      seed: text,
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);

  const number = (name: Exclude<keyof typeof values, "help">, otherwise: number, most?: number): number =>
    readNumber(name, values[name], otherwise, most);
  const dialect = readDialect(values.dialect ?? "oauth");
  const logins = number("logins", 10_000);
  const plan = { ...FREE_PLAN, credits: number("credits", FREE_PLAN.credits) };
  const assumptions = {
    firstMs: number("first-ms", 200),
    furtherMs: number("further-ms", 10),
    serviceMs: number("service-ms", 300),
    memoryGb: number("memory", 1),
    kilobytes: number("kilobytes", 30),
    refreshes: number("refreshes", 0),
  };
  printCosts(dialect, logins, number("deploys", 2), assumptions, plan);

  const traffic = { loginsPerDay: logins / DAYS, peakFactor: number("peak", 10), shared: number("shared", 0.05, 1) };
  const timing = { ...assumptions, idleSeconds: number("idle", 300) };
  const hour = simulateBusiestHour(traffic, timing, seeded(number("seed", 1)));
  console.log(`
The busiest hour, simulated (as if every app were an OAuth client)
  logins                       ${hour.logins}, at most ${hour.loginsInBusiestMinute} in a minute
  functions at once, at most   ${hour.concurrent}
  waiting for a start          ${percent(hour.coldShare)} of all calls that a person waits for
  turned away by rate limits   ${hour.refused} logins, of the ${percent(traffic.shared)} that share an address`);
}

function printCosts(dialect: Dialect, logins: number, deploys: number, assumptions: Assumptions, plan: Plan): void {
  const { calls, requests } = DIALECTS[dialect];
  const credits = creditsPerLogin(dialect, assumptions, plan);
  const carried = loginsPerMonth(credits, deploys, plan);
  const share = (part: number): string => `${(part * 1_000).toFixed(2).padStart(7)}`;
  console.log(`One login (${dialect}): ${calls} calls of functions, ${requests} requests, ${assumptions.kilobytes} kB

Credits for a thousand logins
  requests   ${share(credits.requests)}
  compute    ${share(credits.compute)}
  bandwidth  ${share(credits.bandwidth)}
  together   ${share(credits.total)}

A month
  ${whole(logins)} logins and ${deploys} deploys   ${(logins * credits.total + deploys * plan.perDeploy).toFixed(1)} credits
  ${plan.credits} credits carry               ${whole(carried)} logins (${logins <= carried ? "enough" : "not enough"})`);
}

function readDialect(value: string): Dialect {
  if (Object.hasOwn(DIALECTS, value)) return value as Dialect;
  throw new Error(`--dialect ${value}: there is ${Object.keys(DIALECTS).join(", ")}.`);
}

function readNumber(name: string, value: string | undefined, otherwise: number, most = Infinity): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number) && number >= 0 && number <= most) return number;
  throw new Error(`--${name} ${value} is not a number from 0 ${most === Infinity ? "upwards" : `to ${most}`}.`);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-GB");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
