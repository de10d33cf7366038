import { expect } from "vitest";
import type { DemoService } from "../../demo/service.ts";
import { startDemoService } from "../../demo/service.ts";
import { keysAsJson, makeKey } from "../../scripts/add-key/key-list.ts";
import { freePort, startSite } from "../tools/site.ts";
import { startOddService } from "./odd-service.ts";
import { Person } from "./person.ts";

/**
 * The site and the services that all third-party clients share.
 *
 * `demo` rotates its refresh tokens and gives them only to apps with DPoP. `unbound` is the same service, and its owner
 * allows refresh tokens without DPoP. `nameonly` is the same service, and the catalogue knows no identifier of its
 * users. `odd` has unusual habits, and `thrifty` issues its refresh token only once.
 */
export interface World {
  origin: string;
  /** The issuer of a service (RFC 8414). */
  issuer(service?: "demo" | "unbound" | "nameonly" | "odd" | "thrifty"): string;
  service: DemoService;
  newPerson(): Person;
  /** The number of requests to each of our endpoints since the last call, according to our own log. */
  takeRequests(): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

export const GITHUB_CLIENT_ID = "Ov23li0123456789abcd";

const SERVICES = ["Demo", "Unbound", "NameOnly", "Odd", "Thrifty", "Github"];
const SECRET = "secret-of-the-provider-at-the-service";

export async function startWorld(): Promise<World> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const odd = await startOddService();
  const service = await startDemoService({
    clientId: "provider-under-test",
    clientSecret: SECRET,
    redirectUris: ["demo", "unbound", "nameonly"].map((id) => `${origin}/callback/${id}`),
  });
  const site = await startSite({
    port,
    services: {
      // Claims that SurrealDB (`ns`, `db`, `ac`), and Supabase and PostgREST (`role`) require.
      Demo: { ...service.record, id_token_claims: { ns: "notes", db: "notes", ac: "app", role: "authenticated" } },
      Unbound: { ...service.record, name: "Unbound", refresh_without_dpop: true },
      NameOnly: { ...service.record, name: "Name Only", userinfo_claims: { username: ["email"], name: ["name"] } },
      Odd: odd.record,
      Thrifty: odd.thriftyRecord,
      Github: { client_id: GITHUB_CLIENT_ID },
    },
    secrets: {
      ...Object.fromEntries(SERVICES.map((key) => [key, { client_secret: SECRET }])),
      SIGNING_KEY: keysAsJson([makeKey("RS256")]),
    },
  });

  /** The log comes from another process, so its lines arrive after the answers, but in order. */
  async function takeLines(): Promise<string[]> {
    const marker = '"endpoint":"services"';
    const isMarked = (): boolean => site.output.some((line) => line.includes(marker));
    await fetch(`${origin}/services.json`);
    await expect.poll(isMarked).toBe(true);
    const lines = site.output.splice(0);
    return lines.filter((line) => !line.includes(marker));
  }

  return {
    origin,
    issuer: (id = "demo") => `${origin}/${id}`,
    service,
    newPerson: () => new Person(origin),
    async takeRequests() {
      const counts: Record<string, number> = {};
      for (const line of await takeLines()) {
        const endpoint = /"endpoint":"([a-z]+)"/.exec(line)?.[1];
        if (endpoint !== undefined) counts[endpoint] = (counts[endpoint] ?? 0) + 1;
      }
      return counts;
    },
    async stop() {
      await Promise.all([site.stop(), service.stop(), odd.stop()]);
    },
  };
}
