/**
 * `npm run dev`: runs everything on this computer, without a registered app and without a network. It starts three servers:
 * the provider, the demo service, and a small app to log in from. The provider runs under `netlify dev`, or on Node where
 * that is not installed, as in a slim copy. Only this computer can reach the servers, and they end with this process,
 * however that ends.
 */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { stop as stopEsbuild } from "esbuild";
import { startDemoApp } from "../demo/app-server.ts";
import { close, listen } from "../demo/listen.ts";
import { type DemoService, startDemoService } from "../demo/service.ts";
import { createNodeServer } from "../hosts/node/node-server.ts";
import { siteOf } from "../hosts/published-folder.ts";
import { createProvider } from "../server/provider/provider.ts";
import type { Configuration } from "../server/provider/service.ts";
import { buildSite } from "./build/build-site.ts";
import { DEMO_ID, developmentConfiguration } from "./dev/development-configuration.ts";
import { onParentExit } from "./dev/parent-process.ts";
import { describePortHolder } from "./dev/port-holder.ts";
import { makeRunFolder, removeEndedRuns } from "./dev/run-folders.ts";
import { explainFullDisk, explainSystemError, explainWriteError } from "./files/file-errors.ts";
import { PROJECT, PUBLISHED_FOLDER } from "./files/project.ts";
import { isNetlifyInstalled } from "./netlify/netlify-cli.ts";
import { startNetlifyDev } from "./netlify/netlify-dev.ts";
import { isFree, listenErrorCode } from "./network/free-port.ts";
import { CommandError, textOf } from "./terminal/command-error.ts";
import { readArguments } from "./terminal/command-line.ts";

const HELP = `npm run dev [-- --port 8888]

Starts everything on this computer: the auth provider, a demo service ("Demo") and a demo app to log in from.
The services in your services.json are offered too, if they are set up. Only this computer can reach these servers.
They stop when you press Ctrl-C, close the terminal, or end the program that started them.

  --port <number>  the provider's port (default: 8888, or the next free port if that is taken).
                   If a port that you name is taken, nothing is started
  --cut-opener     the demo service separates popups from the page that opened them, as Dropbox does
  --verbose        show what netlify dev prints
  --help           show this text`;

const DEFAULT_PORT = 8888;
const PORTS_TO_TRY = 100;
/** The demo service and the demo app use the next two ports. */
const HIGHEST_PORT = 65_535 - 2;

/** One folder for each run. git ignores them. */
const RUNS = join(PROJECT, "dist/dev");

/** Short, so that the demo app soon shows how a login outlives its access token. */
const DEMO_TOKEN_LIFETIME_SECONDS = 60;
const DEMO_CLIENT_ID = "the-provider-under-development";

/** The owner's restrictions for the real site would reject the demo app. An empty ALLOWED_APPS means no restriction. */
const ENVIRONMENT = { ALLOWED_APPS: "", ALLOW_LOOPBACK: "true" };

interface BuiltProvider {
  configuration: Configuration;
  /** The folder of the built files. */
  directory: string;
}

/** One Ctrl-C may cause two signals: one from the terminal and one from npm. */
const SAME_KEY_PRESS_MS = 1_000;
/** Longer than stopping everything ever takes. */
const END_TIMEOUT_MS = 15_000;

/** What has been started so far. It is stopped in reverse order. */
const running: { stop(): Promise<void> }[] = [];
let endingSinceMs: number | undefined;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, endOnSignal);
onParentExit(() => end(0, "\nStopping, because the program that started this has ended …"));
process.on("uncaughtException", (error) => end(1, error.stack ?? String(error)));
// After the terminal is closed, writing fails. Stopping must still succeed.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  await main();
} catch (error) {
  await fail(error);
}

async function main(): Promise<void> {
  const values = readArguments("dev", process.argv.slice(2), {
    port: { type: "string" },
    "cut-opener": { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  });
  if (values.help) return console.log(HELP);

  for (const folder of await removeEndedRuns(RUNS)) {
    console.log(
      `${folder} is left over from an earlier run and contains secrets, but cannot be removed. Remove it yourself.`,
    );
  }
  const port = await choosePort(values.port);
  const providerOrigin = `http://localhost:${port}`;

  const clientSecret = randomBytes(32).toString("base64url");
  const cutOpener = values["cut-opener"];
  const service = await step("Starting the demo service", () =>
    startService(port, { providerOrigin, clientSecret, cutOpener }),
  );
  const app = await step("Starting the demo app", () => startApp(port, providerOrigin, service));
  const built = await step("Building the provider", () => buildProvider(port, service, clientSecret));
  const onOutput = values.verbose ? console.log : undefined;
  if (isNetlifyInstalled())
    await step("Starting the provider under netlify dev", () => startUnderNetlify(built.directory, port, onOutput));
  else await step("Starting the provider on Node", () => startOnNode(built, port));

  console.log(`
Ready in ${seconds(process.uptime())}

  Demo app       ${app.origin}   open this, and log in as Alice or Bob
  Auth provider  ${providerOrigin}
  Demo service   ${service.origin}   shows what it knows about you

To see your changes, stop this and start it again. Press Ctrl-C to stop.`);
}

/** A port that the person names may be part of a registered redirect URI, so no other one is used instead. */
async function choosePort(named: string | undefined): Promise<number> {
  const wanted = readPort(named);
  const taken = await describeTakenPort(wanted);
  if (taken === undefined) return wanted;
  if (named !== undefined)
    throw new Error(`${taken}\nEnd that process, or choose another port: npm run dev -- --port <number>`);

  const port = await firstFreePort(wanted + 1);
  console.log(`${taken} Using port ${port} instead.`);
  return port;
}

function readPort(value: string | undefined): number {
  if (value === undefined) return DEFAULT_PORT;

  const port = Number(value);
  if (Number.isInteger(port) && port >= 1 && port <= HIGHEST_PORT) return port;
  throw new Error(`--port ${value} is not a port from 1 to ${HIGHEST_PORT}.`);
}

async function describeTakenPort(port: number): Promise<string | undefined> {
  const errorCode = await listenErrorCode(port);
  if (errorCode === undefined) return undefined;
  return errorCode === "EACCES"
    ? `Only the administrator of this computer can use port ${port}.`
    : describePortHolder(port);
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
    // Madata's clients return to the root.
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

async function buildProvider(port: number, service: DemoService, clientSecret: string): Promise<BuiltProvider> {
  const configuration = await developmentConfiguration(service.record, clientSecret);
  try {
    const directory = await makeRunFolder(RUNS, port);
    // A build that still runs would write into the removed folder.
    running.push({ stop: stopEsbuild });
    await buildSite({ configuration, directory });
    return { configuration, directory };
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const explanation = explainWriteError(messageOf(error), RUNS);
    throw explanation === undefined ? error : new Error(explanation, { cause: error });
  }
}

async function startUnderNetlify(directory: string, port: number, onOutput?: (line: string) => void): Promise<void> {
  const provider = await startNetlifyDev({ directory, port, env: ENVIRONMENT, ...(onOutput && { onOutput }) }).catch(
    async (error) => {
      // netlify dev has ended, so another program uses the port now.
      throw (await isFree(port))
        ? error
        : new Error(`${describePortHolder(port)} It was free a moment ago. Start again.`);
    },
  );
  running.push(provider);
  void provider.died.then(fail);
}

/** Serves what netlify dev would serve, except functions that the owner has added. */
async function startOnNode({ configuration, directory }: BuiltProvider, port: number): Promise<void> {
  const address = `http://localhost:${port}`;
  const provider = createProvider(configuration, { ...process.env, ...ENVIRONMENT, URL: address });
  const server = createNodeServer(await siteOf(provider, join(directory, PUBLISHED_FOLDER)), address);
  await listen(server, { port });
  running.push({ stop: () => close(server) });
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
  throw new Error(`There is no free port from ${preferred} upwards.`);
}

/** Another program can take the port between the check and its use. */
async function onFreePort<Server>(preferred: number, start: (port: number) => Promise<Server>): Promise<Server> {
  const port = await firstFreePort(preferred);
  try {
    return await start(port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return onFreePort(port + 1, start);
  }
}

/** A second Ctrl-C ends the process at once. */
function endOnSignal(): void {
  if (endingSinceMs !== undefined && performance.now() - endingSinceMs > SAME_KEY_PRESS_MS) process.exit(1);
  void end(0, "\nStopping …");
}

function fail(error: unknown): Promise<void> {
  const message = error instanceof CommandError ? textOf(error) : messageOf(error);
  return end(1, explainFullDisk(message) ?? explainSystemError(error) ?? message);
}

/** Stops everything that was started, and ends the process. */
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
