/**
 * `npm run test:attack`: runs the black-box attacks against a published provider.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { parseAppUrl } from "../shared/app-url.ts";
import type { Finding } from "./attack/attack.ts";
import { aim, allCases, attempt, NoTarget } from "./attack/attack.ts";
import type { Case, Send, Target } from "./attack/case.ts";
import { NoAnswer } from "./attack/case.ts";
import { sendTo } from "./attack/send.ts";
import { start } from "./terminal/start.ts";

const HELP = `npm run test:attack -- --url https://auth.example.com [options]

Makes requests that an attacker would make, one after the other, and says which of them get further than they should.
Only against a provider that is yours. It changes nothing there, and nothing gets through to a service.

  --url <address>   the provider
  --service <id>    the service to try, such as github; without it, the first one of /services.json
  --app <origin>    an app that may use the provider, where ALLOWED_APPS is set (https://good.example)
  --row <A13>       only the attacks of this row of docs/security-tests.md
  --all             also the two requests that reach the service: asking for the profile of a token that nobody has, and
                    ending it. They cost the service two refusals, made with your client identifier
  --pause <ms>      between two requests (600: slower than the functions' limit of 120 a minute)
  --json            print the findings as JSON
  --help            show this text

Exit status: 0 it withstands everything, 1 it does not, 2 nothing was found, but nothing, or not everything, could be tried.`;

/** After this many unanswered requests in a row, no more are sent. */
const MAX_SILENCES = 3;

/** How long a provider on the internet may take to answer. */
const ANSWER_MS = 20_000;

export interface Surroundings {
  argv: string[];
  write: (text: string) => void;
  sleep: (ms: number) => Promise<void>;
  patienceMs: number;
}

interface Options {
  url: string;
  service: string | undefined;
  app: string;
  row: string | undefined;
  all: boolean;
  pauseMs: number;
  json: boolean;
}

/** @returns the exit status */
export async function main({ argv, write, sleep, patienceMs }: Surroundings): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === "string") {
    write(options);
    return options === HELP ? 0 : 2;
  }
  const say = options.json ? () => undefined : write;
  const { pauseMs } = options;
  const send = sendTo(options.url, {
    patienceMs,
    pauseMs,
    sleep,
    onWait: (seconds) => say(`It asks to slow down: waiting for ${seconds} s …`),
  });
  try {
    return await attackProvider(options, send, { write, say });
  } catch (error) {
    if (!(error instanceof NoTarget || error instanceof NoAnswer)) throw error;
    write(options.json ? toJson({ ok: false, error: error.message, findings: [] }) : error.message);
    return 2;
  }
}

async function attackProvider(
  options: Options,
  send: Send,
  { write, say }: { write: (text: string) => void; say: (text: string) => void },
): Promise<number> {
  const target = await aim(options.url, send, options);
  say(`${target.origin}, logins at ${target.service} (${target.serviceOrigin})`);
  const cases = casesFor(target, options);
  if (cases.length === 0) throw new NoTarget(`No attack belongs to ${options.row}.`);
  say(`${cases.length} attacks, about ${Math.ceil((cases.length * options.pauseMs) / 60_000)} min`);

  const outcome = await attackByRow(cases, target, untilSilent(send), say);
  const { findings, unanswered } = outcome;
  const error = unanswered.length > 0 && `${unanswered.length} of ${cases.length} attacks got no answer.`;
  const ok = findings.length === 0 && !error;
  if (options.json) write(toJson({ ok, ...(error && { error }), target, attacks: cases.length, ...outcome }));
  if (findings.length > 0) say(`\n${findings.length} findings. docs/security-tests.md says what each row is about.`);
  if (error) say(`\n${error} Nothing is known about those.`);
  if (ok) say("\nIt withstands all of them.");
  if (findings.length > 0) return 1;
  return ok ? 0 : 2;
}

/** The results of a set of attacks. */
interface Outcome {
  findings: Finding[];
  /** One reason for each attack without a result. */
  unanswered: string[];
}

async function attackByRow(cases: Case[], target: Target, send: Send, say: (text: string) => void): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const [row, ofRow] of groupByRow(cases)) {
    const outcome = await attackAll(ofRow, target, send);
    outcomes.push(outcome);
    say(`${verdictOn(outcome)} ${row.padEnd(4)} ${ofRow.length} attacks`);
    for (const finding of outcome.findings) say(formatFinding(finding));
    for (const reason of outcome.unanswered) say(`            ${printable(reason)}`);
  }
  return {
    findings: outcomes.flatMap(({ findings }) => findings),
    unanswered: outcomes.flatMap(({ unanswered }) => unanswered),
  };
}

async function attackAll(cases: Case[], target: Target, send: Send): Promise<Outcome> {
  const outcome: Outcome = { findings: [], unanswered: [] };
  for (const attack of cases) {
    try {
      outcome.findings.push(...(await attempt(attack, target, send)));
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      outcome.unanswered.push(error.message);
    }
  }
  return outcome;
}

/** Tolerates single failures, but stops when the provider no longer answers. Otherwise every attack would time out. */
function untilSilent(send: Send): Send {
  let silences = 0;
  return async (probe) => {
    if (silences === MAX_SILENCES) throw new NoAnswer(probe, "it was not sent, because those before got none");
    silences += 1;
    const answer = await send(probe);
    silences = 0;
    return answer;
  };
}

function verdictOn({ findings, unanswered }: Outcome): string {
  if (findings.length > 0) return "FOUND    ";
  return unanswered.length > 0 ? "NO ANSWER" : "withstood";
}

function casesFor(target: Target, { all, row }: Options): Case[] {
  return allCases(target).filter(
    (attack) => (all || !attack.reachesService) && (row === undefined || attack.row === row),
  );
}

function groupByRow(cases: Case[]): [string, Case[]][] {
  const rows = Map.groupBy(cases, ({ row }) => row);
  return [...rows].sort(([one], [other]) => Number(one.slice(1)) - Number(other.slice(1)));
}

function toJson(report: object): string {
  return JSON.stringify(report, undefined, 2);
}

function printable(text: string): string {
  return text.replace(/\p{C}/gu, "?");
}

function formatFinding({ title, request, fault }: Finding): string {
  return `            ${printable(title)}\n              ${printable(request)}\n              ${printable(fault)}`;
}

/** @returns the options, or a text to show instead of running any attack */
function readOptions(argv: string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        url: { type: "string" },
        service: { type: "string" },
        app: { type: "string", default: "https://good.example" },
        row: { type: "string" },
        all: { type: "boolean", default: false },
        pause: { type: "string", default: "600" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return HELP;
    const origin = originOf(values.url);
    if (origin === undefined) return "--url wants the address of a provider, like https://auth.example.com";
    const app = originOf(values.app);
    if (app === undefined) return "--app wants the origin of an app, like https://app.example.com";
    if (!/^\d+$/.test(values.pause)) return "--pause wants a number of milliseconds";
    return {
      url: origin,
      app,
      service: values.service,
      row: values.row,
      all: values.all,
      pauseMs: Number(values.pause),
      json: values.json,
    };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\nAll options: npm run test:attack -- --help`;
  }
}

function originOf(value: string | undefined): string | undefined {
  const url = parseAppUrl(value);
  return url && url.href === `${url.origin}/` ? url.origin : undefined;
}

start(import.meta.url, () => {
  const write = (text: string): void => console.log(text);
  return main({ argv: process.argv.slice(2), write, sleep, patienceMs: ANSWER_MS });
});
