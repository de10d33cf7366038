/** `npm run doctor`: finds everything that can be wrong with a provider, and says how to fix it. It changes nothing. */

import type { Environment } from "../server/provider/environment.ts";
import { createCheckContext } from "./doctor/check-context.ts";
import { type CheckResult, formatResult, LIVE_CHECKS, LOCAL_CHECKS, runChecks } from "./doctor/run-checks.ts";
import { PROJECT } from "./files/project.ts";
import {
  isNetlifyInstalled,
  linkedOrigin,
  linkedSiteId,
  type NetlifyRunner,
  netlifyRunner,
} from "./netlify/netlify-cli.ts";
import type { Fetch } from "./network/fetch.ts";
import { validateProviderUrl } from "./network/provider-url.ts";
import { CommandError, textOf } from "./terminal/command-error.ts";
import { readArguments } from "./terminal/command-line.ts";
import { start } from "./terminal/start.ts";
import { plural } from "./terminal/text.ts";

const HELP = `npm run doctor [-- --url https://auth.example.com] [--probe]

Checks the configuration, what git and Netlify would publish, and the published provider. Changes nothing.

  --url <address>  the published provider to check (default: the site that this folder is linked to, if any)
  --probe          ask each service whether it accepts your client secret, with a token request for a code that does
                   not exist; nothing changes at the service. On by default in a terminal; --no-probe turns it off
  --offline        make no request to other computers
  --json           print the results as JSON
  --help           show this text

Exit status: 0 if nothing is wrong (there may be warnings), 1 if something is wrong.`;

const OPTIONS = {
  url: { type: "string" },
  probe: { type: "boolean" },
  offline: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

export interface DoctorContext {
  argv: string[];
  directory: string;
  env: Environment;
  /** A person reads the output. */
  interactive: boolean;
  print: (text: string) => void;
  runNetlify: NetlifyRunner;
  fetch?: Fetch;
  /** For tests: accept plain http on this computer. No command line option sets this. */
  insecureLoopback?: boolean;
}

interface Options {
  help: boolean;
  json: boolean;
  offline: boolean;
  probe: boolean;
  url: string | undefined;
}

/** What the closing summary depends on. */
interface Scope {
  url: string | undefined;
  linked: boolean;
  probe: boolean;
}

/** @returns the exit status */
export async function doctor(context: DoctorContext): Promise<number> {
  const { argv, directory, env, print, fetch, insecureLoopback = false } = context;
  const options = readOptions(argv, context);
  if (typeof options === "string" || options.help) {
    print(typeof options === "string" ? options : HELP);
    return typeof options === "string" ? 1 : 0;
  }

  const { json, offline, probe } = options;
  const printUnlessJson = json ? () => undefined : print;
  const siteId = await linkedSiteId(directory, env);
  const url =
    options.url ?? (siteId !== undefined && !offline ? await linkedUrl(siteId, context, printUnlessJson) : undefined);
  const checkContext = await createCheckContext({
    directory,
    env,
    url,
    probe,
    online: !offline,
    insecureLoopback,
    ...(fetch && { fetch }),
  });

  const checks = url === undefined || offline ? LOCAL_CHECKS : [...LOCAL_CHECKS, ...LIVE_CHECKS];
  const results = await runChecks(checks, checkContext, (result) => printUnlessJson(formatResult(result)));
  const errors = countFindings(results, "error");
  if (json) print(JSON.stringify({ ok: errors === 0, ...(url && { url }), checks: results }, undefined, 2));
  printUnlessJson(summary(results, { url, linked: siteId !== undefined, probe: checkContext.probe }));
  return errors === 0 ? 0 : 1;
}

/** @returns a text if the command line is wrong */
function readOptions(argv: string[], { interactive, insecureLoopback = false }: DoctorContext): Options | string {
  try {
    const values = readArguments("doctor", argv, OPTIONS, { allowNegative: true });
    const { help, json, offline } = values;
    const invalid = values.url === undefined ? undefined : validateProviderUrl(values.url, { insecureLoopback });
    if (invalid !== undefined) return `--url ${values.url} ${invalid}.`;
    if (offline && values.url !== undefined) return "--url needs the network, and --offline forbids it. Use only one.";
    if (offline && values.probe) return "--probe needs the network, and --offline forbids it. Use only one.";
    const url = values.url === undefined ? undefined : new URL(values.url).origin;
    return { help, json, offline, url, probe: values.probe ?? (interactive && !offline && !json) };
  } catch (error) {
    if (error instanceof CommandError) return textOf(error);
    throw error;
  }
}

async function linkedUrl(
  siteId: string,
  { runNetlify }: DoctorContext,
  print: (text: string) => void,
): Promise<string | undefined> {
  const origin = await linkedOrigin(runNetlify, siteId, print);
  if (origin === undefined) {
    print(
      isNetlifyInstalled()
        ? "  Netlify did not tell the address. Run npx netlify login, or give the address with --url.\n"
        : "  The Netlify CLI, which could ask for it, is not installed in this copy. Give the address with --url.\n",
    );
  }
  return origin;
}

function summary(results: CheckResult[], scope: Scope): string {
  const errors = countFindings(results, "error");
  const warnings = countFindings(results, "warning");
  const counts = [plural(errors, "error"), ...(warnings > 0 ? [plural(warnings, "warning")] : [])].join(", ");
  const conclusion = errors === 0 && warnings === 0 ? "Nothing is wrong" : counts;
  return `\n${conclusion}. ${nextStep(errors, scope)}`;
}

function nextStep(errors: number, { url, linked, probe }: Scope): string {
  if (errors > 0) return "Next: follow the arrows above, then run npm run doctor again.";
  if (url === undefined && !linked)
    return "Next: to check the published provider as well, run npm run doctor -- --url https://…";
  if (!probe) return "Next: to ask the services whether they accept your secrets, run npm run doctor -- --probe";
  return "Next: try a login with npm run dev, or deploy with git push.";
}

function countFindings(results: CheckResult[], severity: "error" | "warning"): number {
  return results.flatMap(({ findings }) => findings).filter((finding) => finding.severity === severity).length;
}

start(import.meta.url, () =>
  doctor({
    argv: process.argv.slice(2),
    directory: PROJECT,
    env: process.env,
    interactive: process.stdout.isTTY === true && !process.env.CI,
    print: (text) => console.log(text),
    runNetlify: netlifyRunner({ directory: PROJECT, env: process.env }),
  }),
);
