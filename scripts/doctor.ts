/**
 * `npm run doctor`: looks at everything that can be wrong with a provider, and says what to type. It changes nothing.
 */

import { parseArgs } from "node:util";
import type { Environment } from "../server/provider/provider.ts";
import type { Fetch } from "./doctor/check.ts";
import { faultOfProviderUrl } from "./network/deployed-site.ts";
import { examine } from "./doctor/check-context.ts";
import { type CheckResult, formatResult, LIVE_CHECKS, LOCAL_CHECKS, runChecks } from "./doctor/run-checks.ts";
import { PROJECT } from "./files/project.ts";
import { linkedOrigin, linkedSiteId, type NetlifyRunner, netlifyRunner } from "./netlify/netlify-cli.ts";
import { isStarted } from "./terminal/console.ts";

const HELP = `npm run doctor [-- --url https://auth.example.com] [--probe]

Looks at the configuration, at what git and Netlify would publish, and at the published provider. Changes nothing.

  --url <address>  the published provider to look at; without it, the site that this folder is linked to, if any
  --probe          ask each service whether it accepts your client secret: a token request with a code that does not
                   exist, so nothing happens there. On by default where a person watches (--no-probe switches it off)
  --offline        ask nobody outside this computer
  --json           print the results as JSON
  --help           show this text

Exit status: 0 nothing is wrong (there may be notices), 1 something is wrong.`;

export interface DoctorSurroundings {
  argv: string[];
  directory: string;
  env: Environment;
  /** A person watches. */
  interactive: boolean;
  write: (text: string) => void;
  runNetlify: NetlifyRunner;
  fetch?: Fetch;
  /** For tests: accept plain http on this computer. No command line leads here. */
  insecureLoopback?: boolean;
}

interface Options {
  help: boolean;
  json: boolean;
  offline: boolean;
  probe: boolean;
  url: string | undefined;
}

/** @returns the exit status */
export async function doctor(surroundings: DoctorSurroundings): Promise<number> {
  const { argv, directory, env, write, fetch, insecureLoopback = false } = surroundings;
  const options = readOptions(argv, surroundings);
  if (typeof options === "string" || options.help) {
    write(typeof options === "string" ? options : HELP);
    return typeof options === "string" ? 1 : 0;
  }

  const { json, offline, probe } = options;
  const say = json ? () => undefined : write;
  const siteId = await linkedSiteId(directory, env);
  const url =
    options.url ?? (siteId !== undefined && !offline ? await linkedUrl(siteId, surroundings, say) : undefined);
  const examination = await examine({
    directory,
    env,
    url,
    probe,
    online: !offline,
    insecureLoopback,
    ...(fetch && { fetch }),
  });

  const checks = url === undefined || offline ? LOCAL_CHECKS : [...LOCAL_CHECKS, ...LIVE_CHECKS];
  const results = await runChecks(checks, examination, (result) => say(formatResult(result)));
  const problems = count(results, "problem");
  if (json) write(JSON.stringify({ ok: problems === 0, ...(url && { url }), checks: results }, undefined, 2));
  say(summary(results, { url, linked: siteId !== undefined, probe: examination.probe }));
  return problems === 0 ? 0 : 1;
}

/** A text says what is wrong with the command line. */
function readOptions(argv: string[], { interactive, insecureLoopback = false }: DoctorSurroundings): Options | string {
  try {
    const { values } = parseArgs({
      args: argv,
      allowNegative: true,
      options: {
        url: { type: "string" },
        probe: { type: "boolean" },
        offline: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const { help, json, offline } = values;
    const fault = values.url === undefined ? undefined : faultOfProviderUrl(values.url, { insecureLoopback });
    if (fault !== undefined) return `--url ${values.url} ${fault}.`;
    if (offline && values.url !== undefined)
      return "--url asks the published site, and --offline asks nobody: leave one out.";
    if (offline && values.probe) return "--probe asks the services, and --offline asks nobody: leave one out.";
    const url = values.url === undefined ? undefined : new URL(values.url).origin;
    return { help, json, offline, url, probe: values.probe ?? (interactive && !offline && !json) };
  } catch (error) {
    return `${(error as Error).message}\n\nnpm run doctor -- --help shows what there is.`;
  }
}

async function linkedUrl(
  siteId: string,
  { runNetlify }: DoctorSurroundings,
  say: (text: string) => void,
): Promise<string | undefined> {
  const origin = await linkedOrigin(runNetlify, siteId, say);
  if (origin === undefined) say("  It is not known: npx netlify login, or give the address with --url.\n");
  return origin;
}

function summary(
  results: CheckResult[],
  { url, linked, probe }: { url: string | undefined; linked: boolean; probe: boolean },
): string {
  const problems = count(results, "problem");
  const notices = count(results, "notice");
  const counted = [plural(problems, "problem"), ...(notices > 0 ? [plural(notices, "notice")] : [])].join(", ");
  const verdict =
    problems === 0 && notices === 0 ? "Nothing is wrong." : `${counted[0]!.toUpperCase()}${counted.slice(1)}.`;
  return `\n${verdict} ${nextStep(problems, { url, linked, probe })}`;
}

function nextStep(
  problems: number,
  { url, linked, probe }: { url: string | undefined; linked: boolean; probe: boolean },
): string {
  if (problems > 0) return "Next: do what the arrows say, then npm run doctor again.";
  if (url === undefined && !linked)
    return "Next: npm run doctor -- --url https://… looks at the published provider as well.";
  if (!probe) return "Next: npm run doctor -- --probe asks the services whether they accept your secrets.";
  return "Next: npm run dev to try a login, or git push to deploy.";
}

function count(results: CheckResult[], severity: "problem" | "notice"): number {
  return results.flatMap(({ findings }) => findings).filter((finding) => finding.severity === severity).length;
}

function plural(number: number, noun: string): string {
  if (number === 0) return `no ${noun}`;
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

if (isStarted(import.meta.url)) {
  process.exitCode = await doctor({
    argv: process.argv.slice(2),
    directory: PROJECT,
    env: process.env,
    interactive: process.stdout.isTTY === true && !process.env.CI,
    write: (text) => console.log(text),
    runNetlify: netlifyRunner({ directory: PROJECT, env: process.env }),
  });
}
