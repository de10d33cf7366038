import type { Browser, BrowserContext } from "playwright-core";
import { openBrowser } from "../../tools/browser.ts";
import { watchPolicy } from "../../tools/policy.ts";
import type { App, Dialect } from "./app.ts";
import { loginAddress, startApp } from "./app.ts";
import type { Exchange, Party } from "./party.ts";
import { startProvider } from "./provider.ts";
import { CODE_CANARY, recordsOf, startService, TOKEN_CANARY } from "./service.ts";

/** The start of every sealed value: `{"alg":"dir"` in base64url. */
export const SEALED = "eyJhbGciOiJkaXIi";

/** A browser and all parties to a login. Provider, service and apps are separate sites, but the two apps share one. */
export interface World {
  browser: Browser;
  provider: Party;
  service: Party;
  honest: App;
  hostile: App;
  /** On the provider's host at another port: the same site, so it receives the provider's cookies. */
  neighbour: App;
  /** The address at which `app`, or an impostor, starts a login. */
  login(dialect: Dialect, app: App, serviceId?: string, path?: string): string;
  /** The decisions that our page has sent, and the server's answers. */
  decisions(): { decision: string; status: number }[];
  /** The number of token requests at the service. */
  tokenRequests(): number;
  /** Codes, tokens and sealed values in the requests that reached this app. */
  leakedTo(app: App): string[];
  /** Clears the records. */
  reset(): void;
  stop(): Promise<void>;
}

export async function startWorld(browserArguments: string[] = []): Promise<World> {
  const [browser, service, honest, hostile, neighbour] = await Promise.all([
    openBrowser({ args: browserArguments }),
    startService(),
    startApp("::1"),
    startApp("::1"),
    startApp("localhost"),
  ]);
  const provider = await startProvider(recordsOf(service));
  const parties = [provider, service, honest, hostile, neighbour];
  return {
    browser,
    provider,
    service,
    honest,
    hostile,
    neighbour,
    login: (dialect, app, serviceId, path) => loginAddress(dialect, app, provider, service, serviceId, path),
    decisions: () => provider.exchanges.filter(isDecision).map(readDecision),
    tokenRequests: () => service.exchanges.filter(({ url }) => url === "/token").length,
    leakedTo: (app) => app.exchanges.filter(isLeak).map(({ url, body }) => `${url} ${body}`),
    reset: () => parties.forEach(({ exchanges }) => exchanges.splice(0)),
    stop: async () => void (await Promise.all([browser.close(), ...parties.map((party) => party.stop())])),
  };
}

function isDecision({ method, url }: Exchange): boolean {
  return method === "POST" && url === "/decision";
}

/** Reads the body with a pattern, because anyone may have sent it and it may be malformed. */
function readDecision({ body, status }: Exchange): { decision: string; status: number } {
  return { decision: /"decision":"(yes|no)"/.exec(body)?.[1] ?? "none", status };
}

function isLeak({ url, body, headers: { cookie = "", ...headers } }: Exchange): boolean {
  const everything = url + body + JSON.stringify(headers);
  // Cookies are sent to every port of a host (RFC 6265 §8.5), so the neighbour gets sealed logins but cannot open them.
  const readable = everything + cookie;
  return everything.includes(SEALED) || [CODE_CANARY, TOKEN_CANARY].some((secret) => readable.includes(secret));
}

/** A context that records every policy violation and every script error in our pages. */
export async function watchedContext({ browser, provider }: World, faults: string[]): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 480, height: 640 } });
  await watchPolicy(context, (violation) => faults.push(`violation: ${violation}`));
  context.on("weberror", (error) => {
    if (error.page()?.url().startsWith(provider.origin)) faults.push(`error: ${String(error.error())}`);
  });
  return context;
}
