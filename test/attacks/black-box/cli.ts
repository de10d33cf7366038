/**
 * `npm run test:attack`: the attacks that every answer of a provider must withstand, made against a published one.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { parseAppUrl } from "../../../netlify/oauth/app-url.ts";
import { aim, allCases, attempt, NoTarget } from "./attack.ts";
import type { Finding } from "./attack.ts";
import type { Case, Send, Target } from "./case.ts";
import { sendTo } from "./send.ts";

const HELP = `npm run test:attack -- --url https://auth.example.com [options]

Makes requests that an attacker would make, one after the other, and says which of them get further than they should.
Only against a provider that is yours. It changes nothing there, and nothing gets through to a service.

  --url <address>   the provider
  --service <id>    the service to try, such as github; without it, the first one of /services.json
  --app <origin>    an app that may use the provider, where ALLOWED_APPS is set (https://good.example)
  --row <A13>       only the attacks of this row of SECURITY.md
  --all             also the two requests that reach the service: asking for the profile of a token that nobody has, and
                    ending it. They cost the service two refusals, made with your client identifier
  --pause <ms>      between two requests (600: slower than the functions' limit of 120 a minute)
  --json            print the findings as JSON
  --help            show this text

Exit status: 0 it withstands everything, 1 it does not, 2 nothing could be tried.`;

export interface Surroundings {
  argv: string[];
  write: (text: string) => void;
  sleep: (ms: number) => Promise<void>;
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
export async function main({ argv, write, sleep }: Surroundings): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === "string") {
    write(options);
    return options === HELP ? 0 : 2;
  }
  const say = options.json ? () => undefined : write;
  const { pauseMs } = options;
  const send = sendTo(options.url, {
    pauseMs,
    sleep,
    onWait: (seconds) => say(`It asks to slow down: waiting for ${seconds} s …`),
  });
  try {
    return await attackProvider(options, send, { write, say });
  } catch (error) {
    if (!(error instanceof NoTarget)) throw error;
    write(error.message);
    return 2;
  }
}

async function attackProvider(
  options: Options,
  send: Send,
  { write, say }: { write: (text: string) => void; say: (text: string) => void },
): Promise<number> {
  const target = await aim(options.url, patiently(send), options);
  say(`${target.origin}, logins at ${target.service} (${target.serviceOrigin})`);
  const cases = casesFor(target, options);
  if (cases.length === 0) throw new NoTarget(`No attack belongs to ${options.row}.`);
  say(`${cases.length} attacks, about ${Math.ceil((cases.length * options.pauseMs) / 60_000)} min`);

  const findings: Finding[] = [];
  for (const [row, ofRow] of groupByRow(cases)) {
    const found: Finding[] = [];
    for (const attack of ofRow) found.push(...(await attempt(attack, target, patiently(send))));
    say(`${found.length === 0 ? "withstood" : "FOUND    "} ${row.padEnd(4)} ${ofRow.length} attacks`);
    for (const finding of found) say(formatFinding(finding));
    findings.push(...found);
  }
  if (options.json) write(JSON.stringify({ ok: findings.length === 0, target, attacks: cases.length, findings }, undefined, 2));
  say(
    findings.length === 0
      ? "\nIt withstands all of them."
      : `\n${findings.length} findings. SECURITY.md says what each row is about.`,
  );
  return findings.length === 0 ? 0 : 1;
}

/** A connection that fails is no verdict. */
function patiently(send: Send): Send {
  return async (probe) => {
    try {
      return await send(probe);
    } catch (error) {
      throw new NoTarget(
        `${probe.method ?? "GET"} ${probe.path.slice(0, 100)} got no answer: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
}

function casesFor(target: Target, { all, row }: Options): Case[] {
  return allCases(target).filter((attack) => (all || !attack.reachesService) && (row === undefined || attack.row === row));
}

function groupByRow(cases: Case[]): [string, Case[]][] {
  const rows = Map.groupBy(cases, ({ row }) => row);
  return [...rows].sort(([one], [other]) => Number(one.slice(1)) - Number(other.slice(1)));
}

function formatFinding({ title, request, fault }: Finding): string {
  const printable = (text: string): string => text.replace(/\p{C}/gu, "?");
  return `            ${printable(title)}\n              ${printable(request)}\n              ${printable(fault)}`;
}

/** A text is to be shown in place of anything else. */
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

if (import.meta.main) {
  process.exitCode = await main({ argv: process.argv.slice(2), write: (text) => console.log(text), sleep });
}
