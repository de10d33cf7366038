import { createHash } from "node:crypto";
import type { Party } from "./party.ts";
import { startParty } from "./party.ts";

/**
 * A page that reports every message to its server, so that no message is lost when it navigates or closes. Every app's
 * page answers the handshake of the CMS dialect.
 */
const PAGE = `<!doctype html><title>App</title><meta name="referrer" content="strict-origin">
<link rel="icon" href="data:,"><h1>App</h1>
<script>
  addEventListener("message", ({ data, origin, source }) => {
    navigator.sendBeacon("/heard", JSON.stringify({ data, origin }));
    if (String(data).startsWith("authorizing:")) source.postMessage(data, origin);
  });
  navigator.sendBeacon("/loaded", JSON.stringify({ referrer: document.referrer, path: location.pathname }));
</script>`;

/** Open redirectors that a careless app may have. They use a script, a redirect or a refresh. */
const REDIRECTOR = `<!doctype html><title>Redirector</title><link rel="icon" href="data:,">
<script>location.replace(location.search.slice(1))</script>`;
const refresher = (address: string) => `<!doctype html><title>Redirector</title><link rel="icon" href="data:,">
<meta http-equiv="refresh" content="0;url=${address.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}">`;

/** A file that a user of the app has uploaded, served from the app's own host with the recommended sandbox. */
const UPLOADED = `<!doctype html><title>Uploaded</title><link rel="icon" href="data:,"><h1>Uploaded</h1>`;
const SANDBOX = "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox";

function pageAt({ pathname, search }: URL): Response {
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  if (pathname === "/go") return new Response(REDIRECTOR, { headers });
  if (pathname === "/moved") return new Response(null, { status: 302, headers: { Location: search.slice(1) } });
  if (pathname === "/refresh") return new Response(refresher(search.slice(1)), { headers });
  if (pathname === "/uploaded")
    return new Response(UPLOADED, { headers: { ...headers, "Content-Security-Policy": SANDBOX } });
  return new Response(PAGE, { headers });
}

export interface App extends Party {
  /** Messages from the provider's windows. */
  heard(): unknown[];
  /** What this app's pages saw when they were loaded. */
  loaded(): { referrer: string; path: string }[];
}

export async function startApp(host: string): Promise<App> {
  const party = await startParty(host, ({ url }) => pageAt(new URL(url)));
  const bodiesAt = (path: string) =>
    party.exchanges.filter(({ url }) => url === path).map(({ body }) => JSON.parse(body));
  return { ...party, heard: () => bodiesAt("/heard").map(({ data }) => data), loaded: () => bodiesAt("/loaded") };
}

/** The ways in which an app can start a login. */
export type Dialect = "message" | "navigation" | "madata" | "madata over /authorize" | "cms";

export const DIALECTS: Dialect[] = ["message", "navigation", "madata", "madata over /authorize", "cms"];

export const VERIFIER = "v".repeat(43);

/** The address that an app opens to start a login. */
export function loginAddress(
  dialect: Dialect,
  app: Party,
  provider: Party,
  service: Party,
  serviceId = "github",
  path = "/callback",
): string {
  const madataState = JSON.stringify({ url: `${app.origin}/`, backend: "Github" });
  const madata = {
    client_id: "client-of-github",
    redirect_uri: provider.origin,
    response_type: "code",
    state: madataState,
  };
  const oauth = {
    client_id: `${app.origin}/`,
    response_type: "code",
    code_challenge: createHash("sha256").update(VERIFIER).digest("base64url"),
    code_challenge_method: "S256",
    state: "state-of-the-app",
  };
  const addresses: Record<Dialect, [string, Record<string, string>]> = {
    message: [`${provider.origin}/authorize/${serviceId}`, { ...oauth, response_mode: "web_message" }],
    navigation: [`${provider.origin}/authorize/${serviceId}`, { ...oauth, redirect_uri: app.origin + path }],
    madata: [`${service.origin}/kept/authorize`, madata],
    "madata over /authorize": [`${provider.origin}/authorize/${serviceId}`, madata],
    cms: [`${provider.origin}/auth`, { provider: serviceId, site_id: new URL(app.origin).host, scope: "repo" }],
  };
  const [address, parameters] = addresses[dialect];
  return `${address}?${new URLSearchParams(parameters)}`;
}
