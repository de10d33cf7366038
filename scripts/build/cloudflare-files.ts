import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { config } from "../../netlify/provider.ts";
import { type Environment, parseProviderOrigin, readVariable } from "../../server/provider/environment.ts";
import { DECLARATIONS_FOR_APPS, SCRIPTS_FOR_APPS } from "./browser-modules.ts";
import type { HostOrder } from "./build-host.ts";
import { formatHeaders, type HeaderRule, headersFor, parseHeaders } from "./headers-file.ts";

/** What Cloudflare reads besides the Worker: its settings, the published files, and their headers. */

/** The version of the runtime's behaviour: https://developers.cloudflare.com/workers/configuration/compatibility-dates/ */
const COMPATIBILITY_DATE = "2026-07-01";

/** The account's rate limits are told apart by it. */
const RATE_LIMIT_NAMESPACE = "8888";

export function cloudflareIssue(env: Environment): string | undefined {
  if (parseProviderOrigin(readVariable(env, "URL")) !== undefined) return undefined;
  return "URL is missing or is not an origin. Set it to the provider's address: URL=https://auth.example.com";
}

export async function writeCloudflareFiles({ published, directory, env }: HostOrder): Promise<void> {
  const assets = join(directory, "public");
  await cp(published, assets, { recursive: true });
  const headers = parseHeaders(await readFile(join(published, "_headers"), "utf8"));
  await writeFile(join(assets, "_headers"), formatHeaders(headers.map(replaceInherited)));
  const origin = parseProviderOrigin(readVariable(env, "URL"))!;
  const settings = JSON.stringify(workerSettings(origin), undefined, 2);
  await writeFile(
    join(directory, "wrangler.jsonc"),
    `// Written by npm run build -- --host cloudflare.\n${settings}\n`,
  );
}

/** Where several rules set a header, Cloudflare joins the values by commas, unless a later rule removes the earlier ones. */
function replaceInherited({ path, headers }: HeaderRule, index: number, rules: HeaderRule[]): HeaderRule {
  const earlier = headersFor(rules.slice(0, index), path);
  const removals = Object.keys(headers).filter((name) => Object.hasOwn(earlier, name));
  return { path, removals, headers };
}

function workerSettings(origin: string): object {
  const { hostname } = new URL(origin);
  const isOnWorkersDev = hostname.endsWith(".workers.dev");
  return {
    name: isOnWorkersDev ? hostname.split(".")[0] : "auth-provider",
    main: "worker.mjs",
    no_bundle: true,
    compatibility_date: COMPATIBILITY_DATE,
    compatibility_flags: ["nodejs_compat", "global_fetch_strictly_public"],
    workers_dev: isOnWorkersDev,
    ...(isOnWorkersDev ? {} : { routes: [{ pattern: hostname, custom_domain: true }] }),
    // Every version that was ever uploaded would have an address, with these variables and secrets.
    preview_urls: false,
    vars: { URL: origin },
    // A deploy would remove the variables that were set in the dashboard.
    keep_vars: true,
    assets: {
      directory: "public",
      binding: "ASSETS",
      not_found_handling: "404-page",
      // The Worker refuses pages under another name. What every visitor of an app loads costs no call of it.
      run_worker_first: ["/*", ...[...SCRIPTS_FOR_APPS, ...DECLARATIONS_FOR_APPS].map((path) => `!${path}`)],
    },
    ratelimits: [{ name: "RATE_LIMIT", namespace_id: RATE_LIMIT_NAMESPACE, simple: rateLimit() }],
    // Invocation logs contain addresses, and these contain codes.
    observability: { enabled: true, logs: { enabled: true, invocation_logs: false } },
  };
}

/** The same as on Netlify. */
function rateLimit(): { limit: number; period: number } {
  const { windowLimit, windowSize } = config.rateLimit;
  return { limit: windowLimit, period: windowSize };
}
