import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { confirmPath } from "../client/pages/questions.ts";
import type { LocalServer } from "../tools/local-server.ts";
import { startSite } from "../tools/site.ts";
import { startAround, startEngineApp } from "./app.ts";
import { startQuickService } from "./service.ts";

/** Everything that is not a browser, for all engines. */
export interface World {
  app: LocalServer;
  around: LocalServer;
  /** A question that is about no login, so Yes leads nowhere. */
  question: string;
  /** Where a client that only takes messages goes, at a service that cuts the opener. */
  messageLogin: string;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const service = await startQuickService();
  const names = Object.keys(service.records);
  const site = await startSite({
    services: service.records,
    secrets: Object.fromEntries(names.map((name) => [name, { client_secret: "secret-at-the-service" }])),
  });
  const app = await startEngineApp(site.origin, await readFile(join(site.published, "auth.js"), "utf8"));
  const around = await startAround(app.origin);
  const login = new URLSearchParams({
    client_id: `${app.origin}/`,
    response_type: "code",
    response_mode: "web_message",
    code_challenge: "c".repeat(43),
    code_challenge_method: "S256",
  });
  return {
    app,
    around,
    question: site.origin + confirmPath({ origin: app.origin, service: "quick", scopes: [] }),
    messageLogin: `${site.origin}/authorize/cutting?${login}`,
    stop: async () => void (await Promise.all([site, service, app, around].map((part) => part.stop()))),
  };
}
