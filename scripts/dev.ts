/**
 * `npm run dev`: everything on this computer, with nothing registered and no network. Three servers: the provider under
 * `netlify dev`, the pretend service "Demo", and a small app to log in from.
 */

import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startDemoApp } from "../demo/app-server.ts";
import { startDemoService, type DemoService } from "../demo/service.ts";
import type { Configuration } from "../netlify/oauth/service.ts";
import { buildSite } from "./tools/build-site.ts";
import { formatFaults, readConfiguration } from "./tools/configuration.ts";
import { isFree } from "./tools/free-port.ts";
import { startNetlifyDev } from "./tools/netlify-dev.ts";
import { PROJECT } from "./tools/project.ts";

const HELP = `npm run dev [-- --port 8888]

Starts everything on this computer: the auth provider, a pretend service ("Demo") and a demo app to log in from.
Your own services in services.json are offered as well, as far as they are set up.

  --port <number>  where the provider listens (default: 8888; the next free port if that one is taken)
  --cut-opener     the pretend service cuts popups off from the page that opened them, as Dropbox does
  --verbose        show what netlify dev prints
  --help           show this text`;

const DEFAULT_PORT = 8888;
const PORTS_TO_TRY = 100;

/** Git-ignored, one folder per port, removed in the end: functions in there contain the secrets of `.secret.json`. */
const SITES = join(PROJECT, "dist/dev");

/** The id of the entry "Demo" below: it is part of the redirect URI. */
const DEMO_ID = "demo";
/** Short, so that one sees in the demo app how a login outlives its access token. */
const DEMO_TOKEN_LIFETIME_SECONDS = 60;
const DEMO_CLIENT_ID = "the-provider-under-development";

/** What has been started so far: ended in reverse order. */
const running: { stop(): Promise<void> }[] = [];
let ending = false;

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => end(0, "\nStopping …"));

try {
  await main();
} catch (error) {
  await end(1, error instanceof Error ? error.message : String(error));
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

  const port = await firstFreePort(readPort(values.port));
  const providerOrigin = `http://localhost:${port}`;
  const directory = join(SITES, String(port));

  const clientSecret = randomBytes(32).toString("base64url");
  const cutOpener = values["cut-opener"];
  const service = await step("Starting the pretend service", () =>
    startService(port, { providerOrigin, clientSecret, cutOpener }),
  );
  const app = await step("Starting the demo app", () => startApp(port, providerOrigin, service));
  await step("Building the provider", () => buildProvider(directory, service, clientSecret));
  const onOutput = values.verbose ? console.log : undefined;
  await step("Starting the provider under netlify dev", () => startProvider(directory, port, onOutput));

  console.log(`
Ready in ${seconds(process.uptime())}

  Demo app       ${app.origin}   open this one; log in as Alice or Bob
  Auth provider  ${providerOrigin}
  Demo service   ${service.origin}   what it remembers of you

After a change, stop and start again. Press Ctrl-C to stop.`);
}

function readPort(value: string | undefined): number {
  if (value === undefined) return DEFAULT_PORT;

  const port = Number(value);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`--port ${value} is not a port.`);
  return port;
}

async function startService(
  port: number,
  { providerOrigin, clientSecret, cutOpener }: { providerOrigin: string; clientSecret: string; cutOpener: boolean },
): Promise<DemoService> {
  const service = await startDemoService({
    port: await firstFreePort(port + 1),
    clientId: DEMO_CLIENT_ID,
    clientSecret,
    cutOpener,
    accessTokenLifetimeSeconds: DEMO_TOKEN_LIFETIME_SECONDS,
    // The second one is where Madata's clients return to.
    redirectUris: [`${providerOrigin}/callback/${DEMO_ID}`, providerOrigin, `${providerOrigin}/`],
  });
  running.push(service);
  return service;
}

async function startApp(port: number, providerOrigin: string, service: DemoService): Promise<{ origin: string }> {
  const app = await startDemoApp({ port: await firstFreePort(port + 2), providerOrigin, serviceOrigin: service.origin });
  running.push(app);
  return app;
}

async function buildProvider(directory: string, service: DemoService, clientSecret: string): Promise<void> {
  const configuration = await developmentConfiguration(service, clientSecret);
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  await remove();
  running.push({ stop: remove });
  await buildSite({ configuration, directory });
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
  const provider = await startNetlifyDev({ directory, port, env, ...(onOutput && { onOutput }) });
  running.push(provider);
  void provider.died.then(({ message }) => end(1, message));
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

/** Ends everything that was started; a second Ctrl-C does not wait for it. */
async function end(exitCode: number, message: string): Promise<void> {
  if (ending) process.exit(1);
  ending = true;

  (exitCode === 0 ? console.log : console.error)(message);
  for (const part of running.reverse()) await part.stop();
  process.exit(exitCode);
}
