import { createHash } from "node:crypto";
import { startParty } from "./party.ts";
import type { Party } from "./party.ts";

/**
 * A page that tells its server every message it hears, so that nothing is forgotten when it leaves or closes. It answers
 * the handshake of the CMS dialect, whoever it is.
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

export interface App extends Party {
  /** Messages of the provider's windows. */
  heard(): unknown[];
  /** What the pages of this app found when they were loaded. */
  loaded(): { referrer: string; path: string }[];
}

export async function startApp(host: string): Promise<App> {
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  const party = await startParty(host, () => new Response(PAGE, { headers }));
  const bodiesAt = (path: string) => party.exchanges.filter(({ url }) => url === path).map(({ body }) => JSON.parse(body));
  return { ...party, heard: () => bodiesAt("/heard").map(({ data }) => data), loaded: () => bodiesAt("/loaded") };
}

/** The ways in which an app can begin a login. */
export type Dialect = "message" | "navigation" | "madata" | "madata over /authorize" | "cms";

export const DIALECTS: Dialect[] = ["message", "navigation", "madata", "madata over /authorize", "cms"];

const VERIFIER = "v".repeat(43);

/** Where an app sends a window of its own. */
export function loginAddress(dialect: Dialect, app: Party, provider: Party, service: Party, serviceId = "github"): string {
  const madataState = JSON.stringify({ url: `${app.origin}/`, backend: "Github" });
  const madata = { client_id: "client-of-github", redirect_uri: provider.origin, response_type: "code", state: madataState };
  const oauth = {
    client_id: `${app.origin}/`,
    response_type: "code",
    code_challenge: createHash("sha256").update(VERIFIER).digest("base64url"),
    code_challenge_method: "S256",
    state: "state-of-the-app",
  };
  const addresses: Record<Dialect, [string, Record<string, string>]> = {
    message: [`${provider.origin}/authorize/${serviceId}`, { ...oauth, response_mode: "web_message" }],
    navigation: [`${provider.origin}/authorize/${serviceId}`, { ...oauth, redirect_uri: `${app.origin}/callback` }],
    madata: [`${service.origin}/kept/authorize`, madata],
    "madata over /authorize": [`${provider.origin}/authorize/${serviceId}`, madata],
    cms: [`${provider.origin}/auth`, { provider: serviceId, site_id: new URL(app.origin).host, scope: "repo" }],
  };
  const [address, parameters] = addresses[dialect];
  return `${address}?${new URLSearchParams(parameters)}`;
}
