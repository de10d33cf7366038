/** `npm run scale`: calculates from your own figures what logins cost, how many a plan covers, and what a busy hour looks like. */

import type { Assumptions, Dialect, Plan } from "./scale/costs.ts";
import { creditsPerLogin, DIALECTS, FREE_PLAN, loginsPerMonth } from "./scale/costs.ts";
import type { BusiestHour, Traffic } from "./scale/simulation.ts";
import { seeded, simulateBusiestHour } from "./scale/simulation.ts";
import { CommandError } from "./terminal/command-error.ts";
import { readArguments } from "./terminal/command-line.ts";
import { start } from "./terminal/start.ts";

const HELP = `npm run scale [-- --logins 100000 --dialect oauth …]

Calculates what a month of logins costs, and what its busiest hour looks like. docs/scale.md explains the defaults.

  --logins <n>       logins in a month (default: 10000)
  --dialect <name>   how apps log in: ${Object.keys(DIALECTS).join(", ")} (default: oauth)
  --refreshes <n>    token refreshes after each login (default: 0)
  --first-ms <n>     how long the first call of the function takes (default: 200)
  --further-ms <n>   how long every further call takes (default: 10)
  --service-ms <n>   how long the service takes to exchange a code (default: 300)
  --kilobytes <n>    kilobytes sent in one login (default: 30)
  --memory <gb>      memory of a function (default: 1)
  --credits <n>      credits that your plan includes in a month (default: 300, the free plan)
  --deploys <n>      production deploys in a month (default: 2)
  --peak <n>         how many times busier the busiest hour is than the average hour (default: 10)
  --shared <share>   the share of logins that come from one address, from 0 to 1 (default: 0.05)
  --idle <seconds>   how long the platform keeps an idle function (default: 300)
  --seed <n>         another seed gives other random numbers (default: 1)
  --help             show this text`;

const DAYS = 30;

const TEXT_OPTIONS = [
  "logins",
  "dialect",
  "refreshes",
  "first-ms",
  "further-ms",
  "service-ms",
  "kilobytes",
  "memory",
  "credits",
  "deploys",
  "peak",
  "shared",
  "idle",
  "seed",
] as const;

type OptionName = (typeof TEXT_OPTIONS)[number];

const SEE_HELP = "For all options, run: npm run scale -- --help";

start(import.meta.url, async () => {
  main();
  return 0;
});

function main(): void {
  const text = Object.fromEntries(TEXT_OPTIONS.map((name) => [name, { type: "string" }])) as Record<
    OptionName,
    { type: "string" }
  >;
  const values = readArguments("scale", process.argv.slice(2), {
    ...text,
    help: { type: "boolean", default: false },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }

  const number = (name: OptionName, fallback: number, max?: number): number =>
    readNumber(name, values[name], fallback, max);
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
  printCosts(readDialect(values.dialect ?? "oauth"), logins, number("deploys", 2), assumptions, plan);

  const traffic = { loginsPerDay: logins / DAYS, peakFactor: number("peak", 10), shared: number("shared", 0.05, 1) };
  const timing = { ...assumptions, idleSeconds: number("idle", 300) };
  printBusiestHour(traffic, simulateBusiestHour(traffic, timing, seeded(number("seed", 1))));
}

function printBusiestHour({ shared }: Traffic, hour: BusiestHour): void {
  console.log(`
The busiest hour, simulated (as if every app were an OAuth client)
  logins                       ${hour.logins}, at most ${hour.loginsInBusiestMinute} in a minute
  functions at once, at most   ${hour.concurrent}
  waiting for a start          ${percent(hour.coldShare)} of the calls
  rejected by the rate limit   ${hour.refused} logins, of the ${percent(shared)} that share an address`);
}

function printCosts(dialect: Dialect, logins: number, deploys: number, assumptions: Assumptions, plan: Plan): void {
  const { calls, requests } = DIALECTS[dialect];
  const credits = creditsPerLogin(dialect, assumptions, plan);
  const covered = loginsPerMonth(credits, deploys, plan);
  const share = (part: number): string => `${(part * 1_000).toFixed(2).padStart(7)}`;
  console.log(`One login (${dialect}): ${calls} function calls, ${requests} requests, ${assumptions.kilobytes} kB

Credits for a thousand logins
  requests   ${share(credits.requests)}
  compute    ${share(credits.compute)}
  bandwidth  ${share(credits.bandwidth)}
  total      ${share(credits.total)}

A month
  ${whole(logins)} logins and ${deploys} deploys   ${(logins * credits.total + deploys * plan.perDeploy).toFixed(1)} credits
  ${plan.credits} credits cover               ${whole(covered)} logins (${logins <= covered ? "enough" : "not enough"})`);
}

function readDialect(value: string): Dialect {
  if (Object.hasOwn(DIALECTS, value)) return value as Dialect;
  throw new CommandError(`--dialect ${value} is unknown. Choose one of ${Object.keys(DIALECTS).join(", ")}.`, SEE_HELP);
}

function readNumber(name: string, value: string | undefined, fallback: number, max = Infinity): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number) && number >= 0 && number <= max) return number;
  const range = max === Infinity ? "upwards" : `to ${max}`;
  throw new CommandError(`--${name} ${value} is not a number from 0 ${range}.`, SEE_HELP);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-GB");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
