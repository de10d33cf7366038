import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isPlaceholder, MIN_SECRET_CHARACTERS } from "../../../netlify/oauth/placeholder.ts";
import { createProvider, type Provider } from "../../../netlify/oauth/provider.ts";
import { readConfiguration, type ConfigurationReport } from "../configuration.ts";
import type { Examination, Fetch, Git } from "./check.ts";
import { deployedSite } from "./deployed-site.ts";

export interface ExamineOptions {
  directory: string;
  env: Readonly<Record<string, string | undefined>>;
  /** The published provider's address, where it is known. */
  url?: string | undefined;
  onlyService?: string;
  online?: boolean;
  probe?: boolean;
  fetch?: Fetch;
  /** For tests: services and site may be plain http on this computer. No command line leads here. */
  insecureLoopback?: boolean;
}

/** Stands in for the provider's address while that is unknown: nothing is ever sent there (RFC 2606 §2). */
const UNKNOWN_ORIGIN = "https://provider.invalid";

const MAX_GIT_OUTPUT_BYTES = 64 * 1024 * 1024;

export async function examine(options: ExamineOptions): Promise<Examination> {
  const {
    directory,
    env,
    url,
    onlyService,
    online = true,
    probe = false,
    fetch = globalThis.fetch,
    insecureLoopback = false,
  } = options;
  // A production build is what counts: it is the one that gets the secrets of `.secret.json`.
  const context = insecureLoopback ? {} : { CONTEXT: "production" };
  const report = await readConfiguration({
    directory,
    env: { ...env, CONTEXT: undefined, ...context },
    localDevelopment: insecureLoopback,
  });
  return {
    directory,
    env,
    report,
    provider: providerOf(report, env, url),
    secrets: await knownSecrets(directory, env),
    onlyService,
    git: gitIn(directory),
    fetch,
    online,
    probe: probe && online,
    site: url !== undefined && online ? deployedSite(url, fetch) : undefined,
  };
}

function providerOf(
  report: ConfigurationReport,
  env: ExamineOptions["env"],
  url: string | undefined,
): Provider | undefined {
  return report.faults.length > 0
    ? undefined
    : createProvider(report.configuration, { ...env, URL: url ?? UNKNOWN_ORIGIN });
}

/** Also while the configuration has faults: a secret in the wrong place is one even then. */
async function knownSecrets(directory: string, env: ExamineOptions["env"]): Promise<string[]> {
  const text = await readFile(join(directory, ".secret.json"), "utf8").catch(() => "");
  const fromFile = [...text.matchAll(/"client_secret"\s*:\s*("(?:[^"\\]|\\.)*")/g)].map(([, value]) => parsed(value!));
  const fromEnvironment = Object.entries(env)
    .filter(([name]) => /_CLIENT_SECRET(_PREVIOUS)?$|^SEALING_KEY$/.test(name))
    .flatMap(([, value]) => (value ?? "").split(/[\s,]+/));
  const all = [...fromFile, ...fromEnvironment];
  return [...new Set(all)].filter((secret) => secret.length >= MIN_SECRET_CHARACTERS && !isPlaceholder(secret));
}

function parsed(value: string): string {
  try {
    return String(JSON.parse(value));
  } catch {
    return "";
  }
}

function gitIn(directory: string): Git {
  return (args, input = "") =>
    new Promise((resolve, reject) => {
      const env = { ...process.env, GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" };
      const options = { cwd: directory, env, maxBuffer: MAX_GIT_OUTPUT_BYTES };
      const git = execFile("git", args, options, (error, stdout) => (error ? reject(error) : resolve(stdout.trim())));
      // Git may end before it has read everything; its exit status says whether that was right.
      git.stdin?.once("error", () => undefined);
      git.stdin?.end(input);
    });
}
