/**
 * `npm run dev`: everything on this computer, with nothing registered and no network. Three servers: the provider under
 * `netlify dev`, the pretend service "Demo", and a small app to log in from. Only this computer reaches them, and however
 * this process ends, nothing of them stays.
 */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { stop as stopEsbuild } from "esbuild";
import { startDemoApp } from "../demo/app-server.ts";
import { type DemoService, startDemoService } from "../demo/service.ts";
import type { Configuration } from "../server/provider/service.ts";
import { buildSite } from "./build/build-site.ts";
import { formatFaults, readConfiguration } from "./configuration/configuration.ts";
import { PROJECT } from "./files/project.ts";
import { explainFullDisk, explainWriteFault } from "./dev/write-errors.ts";
import { startNetlifyDev } from "./netlify/netlify-dev.ts";
import { isFree, listenFault } from "./network/free-port.ts";
import { describeHolder } from "./dev/port-holder.ts";
import { makeRunFolder, removeEndedRuns } from "./dev/run-folders.ts";
import { onStarterEnd } from "./dev/parent-process.ts";

const HELP = `npm run dev [-- --port 8888]

Starts everything on this computer: the auth provider, a pretend service ("Demo") and a demo app to log in from.
Your own services in services.json are offered as well, as far as they are set up. Only this computer reaches them, and
all of it ends on Ctrl-C, with the terminal, and with whatever has started it.

  --port <number>  where the provider listens. Default: 8888, or the next free port if that one is taken.
                   A port that you name is kept to: if it is taken, nothing is started
  --cut-opener     the pretend service cuts popups off from the page that opened them, as Dropbox does
  --verbose        show what netlify dev prints
  --help           show this text`;

const DEFAULT_PORT = 8888;
const PORTS_TO_TRY = 100;
/** The pretend service and the demo app take the two after it. */
const HIGHEST_PORT = 65_535 - 2;

/** Git-ignored, one folder for each run. */
const RUNS = join(PROJECT, "dist/dev");

/** The id of the entry "Demo" below: it is part of the redirect URI. */
const DEMO_ID = "demo";
/** Short, so that one sees in the demo app how a login outlives its access token. */
const DEMO_TOKEN_LIFETIME_SECONDS = 60;
const DEMO_CLIENT_ID = "the-provider-under-development";

/** For one Ctrl-C, a signal may come from the terminal and another from npm. */
const SAME_KEY_PRESS_MS = 1_000;
/** Nothing takes that long. */
const END_TIMEOUT_MS = 15_000;

/** What has been started so far: ended in reverse order. */
const running: { stop(): Promise<void> }[] = [];
let endingSinceMs: number | undefined;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, endOnSignal);
onStarterEnd(() => end(0, "\nStopping, because what has started this has ended …"));
process.on("uncaughtException", (error) => end(1, error.stack ?? String(error)));
// Nobody reads any more, as when the terminal is closed. That is no reason to fail at ending.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  await main();
} catch (error) {
  await fail(error);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string" },
      "cut-opener": { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);

  for (const folder of await removeEndedRuns(RUNS)) {
    console.log(
      `${folder} is of a run that has ended and contains secrets, but cannot be removed. Remove it yourself.`,
    );
  }
  const port = await choosePort(values.port);
  const providerOrigin = `http://localhost:${port}`;

  const clientSecret = randomBytes(32).toString("base64url");
  const cutOpener = values["cut-opener"];
  const service = await step("Starting the pretend service", () =>
    startService(port, { providerOrigin, clientSecret, cutOpener }),
  );
  const app = await step("Starting the demo app", () => startApp(port, providerOrigin, service));
  const directory = await step("Building the provider", () => buildProvider(port, service, clientSecret));
  const onOutput = values.verbose ? console.log : undefined;
  await step("Starting the provider under netlify dev", () => startProvider(directory, port, onOutput));

  console.log(`
Ready in ${seconds(process.uptime())}

  Demo app       ${app.origin}   open this one; log in as Alice or Bob
  Auth provider  ${providerOrigin}
  Demo service   ${service.origin}   what it remembers of you

After a change, stop and start again. Press Ctrl-C to stop.`);
}

/** A named port may be registered at a service, so another one would be of no use. */
async function choosePort(named: string | undefined): Promise<number> {
  const wanted = readPort(named);
  const fault = await portFault(wanted);
  if (fault === undefined) return wanted;
  if (named !== undefined) throw new Error(`${fault}\nEnd that, or name another one: npm run dev -- --port <number>`);

  const port = await firstFreePort(wanted + 1);
  console.log(`${fault} Going on with port ${port}.`);
  return port;
}

function readPort(value: string | undefined): number {
  if (value === undefined) return DEFAULT_PORT;

  const port = Number(value);
  if (Number.isInteger(port) && port >= 1 && port <= HIGHEST_PORT) return port;
  throw new Error(`--port ${value} is not a port from 1 to ${HIGHEST_PORT}.`);
}

async function portFault(port: number): Promise<string | undefined> {
  const fault = await listenFault(port);
  if (fault === undefined) return undefined;
  return fault === "EACCES" ? `Port ${port} is kept for the administrator of this computer.` : describeHolder(port);
}

async function startService(
  port: number,
  { providerOrigin, clientSecret, cutOpener }: { providerOrigin: string; clientSecret: string; cutOpener: boolean },
): Promise<DemoService> {
  const options = {
    clientId: DEMO_CLIENT_ID,
    clientSecret,
    cutOpener,
    accessTokenLifetimeSeconds: DEMO_TOKEN_LIFETIME_SECONDS,
    // The second one is where Madata's clients return to.
    redirectUris: [`${providerOrigin}/callback/${DEMO_ID}`, providerOrigin, `${providerOrigin}/`],
  };
  const service = await onFreePort(port + 1, (free) => startDemoService({ ...options, port: free }));
  running.push(service);
  return service;
}

async function startApp(port: number, providerOrigin: string, service: DemoService): Promise<{ origin: string }> {
  const options = { providerOrigin, serviceOrigin: service.origin };
  const app = await onFreePort(port + 2, (free) => startDemoApp({ ...options, port: free }));
  running.push(app);
  return app;
}

async function buildProvider(port: number, service: DemoService, clientSecret: string): Promise<string> {
  const configuration = await developmentConfiguration(service, clientSecret);
  try {
    const directory = await makeRunFolder(RUNS, port);
    // In the middle of a build it would write what has just been removed.
    running.push({ stop: stopEsbuild });
    await buildSite({ configuration, directory });
    return directory;
  } catch (error) {
    const explanation = explainWriteFault(messageOf(error), RUNS);
    throw explanation === undefined ? error : new Error(explanation, { cause: error });
  }
}

/** The owner's services, and the pretend one. It is named nowhere else: no other build can contain it. */
async function developmentConfiguration(service: DemoService, clientSecret: string): Promise<Configuration> {
  const { configuration, faults } = await readConfiguration({
    directory: PROJECT,
    env: process.env,
    localDevelopment: true,
    extraServices: { Demo: service.record },
  });
  if (faults.length > 0) throw new Error(`The configuration is wrong:\n\n${formatFaults(faults)}`);

  return { ...configuration, secrets: { ...configuration.secrets, [DEMO_ID]: clientSecret } };
}

async function startProvider(directory: string, port: number, onOutput?: (line: string) => void): Promise<void> {
  // An owner's restrictions for the real site would keep the demo app out. A list that is really empty is no list.
  const env = { ALLOWED_APPS: "", ALLOW_LOOPBACK: "true" };
  const provider = await startNetlifyDev({ directory, port, env, ...(onOutput && { onOutput }) }).catch(
    async (error) => {
      // It has ended, so whoever is there now is somebody else.
      throw (await isFree(port)) ? error : new Error(`${describeHolder(port)} It was free a moment ago; start again.`);
    },
  );
  running.push(provider);
  void provider.died.then(fail);
}

async function step<Result>(title: string, run: () => Promise<Result>): Promise<Result> {
  console.log(`${title} …`);
  const startedAtMs = performance.now();
  const result = await run();
  console.log(`  ${seconds((performance.now() - startedAtMs) / 1_000)}`);
  return result;
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

async function firstFreePort(preferred: number): Promise<number> {
  for (let port = preferred; port < preferred + PORTS_TO_TRY && port <= 65_535; port += 1) {
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port from ${preferred} upwards.`);
}

/** A port can be taken between the look at it and its use. */
async function onFreePort<Server>(preferred: number, start: (port: number) => Promise<Server>): Promise<Server> {
  const port = await firstFreePort(preferred);
  try {
    return await start(port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return onFreePort(port + 1, start);
  }
}

/** A second Ctrl-C does not wait for the end of everything. */
function endOnSignal(): void {
  if (endingSinceMs !== undefined && performance.now() - endingSinceMs > SAME_KEY_PRESS_MS) process.exit(1);
  void end(0, "\nStopping …");
}

function fail(error: unknown): Promise<void> {
  const message = messageOf(error);
  return end(1, explainFullDisk(message) ?? message);
}

/** Ends everything that was started. */
async function end(exitCode: number, message: string): Promise<void> {
  if (endingSinceMs !== undefined) return;
  endingSinceMs = performance.now();

  (exitCode === 0 ? console.log : console.error)(message);
  setTimeout(() => process.exit(1), END_TIMEOUT_MS).unref();
  for (const part of running.reverse()) await part.stop().catch(() => {});
  process.exit(exitCode);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
