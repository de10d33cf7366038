import type { Context } from "@netlify/functions";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { expectRefused } from "../attacks/tools.ts";
import type { EndpointName } from "../tools/harness.ts";
import { CANARY, Jar, PROVIDER, plainService, testProvider } from "../tools/harness.ts";
import { FaultyService } from "./faulty-service.ts";
import type { Site } from "./journeys.ts";
import { githubAt, JOURNEYS, named } from "./journeys.ts";

/** Faults of the platform: instances without memory, and deploys that are not the published one. */

const PUBLISHED = { context: "production", id: "2", published: true };
const OLD_DEPLOY = { context: "production", id: "1", published: false };
const PREVIEW = { context: "deploy-preview", id: "3", published: false };

/** Every deploy has its own permanent address. */
const PERMALINK = "https://fedcba9876543210--auth.netlify.app";
const OLD_ADDRESS = "https://0123456789abcdef--auth.netlify.app";
const PREVIEW_ADDRESS = "https://deploy-preview-7--auth.netlify.app";

const service = new FaultyService();
beforeAll(() => service.start());
afterAll(() => service.stop());

let logged: string[];
beforeEach(() => {
  service.recover();
  logged = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void logged.push(line));
  vi.stubEnv("URL", PROVIDER);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

interface Instance {
  deploy: object;
  /** The origin that receives the request. */
  origin: string;
  /** Preview builds contain no secrets. */
  secrets: Record<string, string>;
}

const PRODUCTION: Instance = { deploy: PUBLISHED, origin: PROVIDER, secrets: { github: CANARY.clientSecret } };

/** Every request starts a new function instance, which ends with the request, as in a deploy. */
function coldSite(instanceFor: (endpoint: EndpointName) => Instance): Site {
  return {
    provider: testProvider({ github: githubAt(service.origin) }),
    send: async (endpoint, pathAndQuery, { jar, ...init } = {}) => {
      const { deploy, origin, secrets } = instanceFor(endpoint);
      const url = new URL(pathAndQuery, origin);
      const headers = { ...jar?.headers(), ...(init.headers as Record<string, string>) };
      const answer = await startFunction(secrets);
      const response = await answer(new Request(url, { ...init, headers }), { deploy } as Context);
      jar?.keep(response);
      return response;
    },
  };
}

/** Loads all our modules again, with the values that a build writes into them. */
async function startFunction(
  secrets: Record<string, string>,
): Promise<(request: Request, context: Context) => Promise<Response>> {
  vi.resetModules();
  const services = [plainService(githubAt(service.origin))];
  vi.stubGlobal("CONFIGURATION", { services, secrets, localDevelopment: false });
  return (await import("../../netlify/provider.ts")).default;
}

function expectNothingLogged(): void {
  for (const canary of Object.values(CANARY)) expect(logged.join("\n")).not.toContain(canary);
}

test("every function is started anew: none of them shares a module with the one before", async () => {
  const load = async () => {
    vi.resetModules();
    return [await import("../../netlify/provider.ts"), await import("../../server/sealing/seal.ts")];
  };
  const [first, second] = [await load(), await load()];
  for (const [index, module] of first.entries()) expect(module).not.toBe(second[index]);
});

describe.each(named(JOURNEYS))("%s", (_, { run, brings }) => {
  test("works where a cold instance answers every request", async () => {
    const response = await run(
      coldSite(() => PRODUCTION),
      new Jar(),
    );
    const text = await response.text();
    expect(response.status, text).toBe(200);
    if (brings === "a token") expect(text).toContain(CANARY.accessToken);
    expectNothingLogged();
  });

  test.each<[string, Instance]>([
    ["an old deploy at its own address", { ...PRODUCTION, deploy: OLD_DEPLOY, origin: OLD_ADDRESS }],
    ["an old deploy that still answers at the site's address", { ...PRODUCTION, deploy: OLD_DEPLOY }],
    ["the published deploy at its permalink", { ...PRODUCTION, origin: PERMALINK }],
    ["a preview", { deploy: PREVIEW, origin: PREVIEW_ADDRESS, secrets: {} }],
    ["a preview that was built with the secrets", { ...PRODUCTION, deploy: PREVIEW, origin: PREVIEW_ADDRESS }],
  ])("[A15] ends at %s, whichever step that answers, and works at the right address", async (_, elsewhere) => {
    const steps: EndpointName[] = ["authorize", "callback", "decision", "token", "revoke", "userinfo"];
    let refusals = 0;
    for (const step of steps) {
      service.recover();
      const jar = new Jar();
      const response = await run(
        coldSite((endpoint) => (endpoint === step ? elsewhere : PRODUCTION)),
        jar,
      );
      if (response.status === 200) continue; // This journey has no such step.
      refusals += 1;
      const text = await response.clone().text();
      await expectRefused(response, "not_here");
      // The message tells both the user and the app's developer what to do instead.
      expect(text).toMatch(/Use the provider(&#39;|')s main address/);
      for (const canary of Object.values(CANARY)) expect(text).not.toContain(canary);
      expect(service.requests).toEqual([]);
      expect(
        (
          await run(
            coldSite(() => PRODUCTION),
            jar,
          )
        ).status,
      ).toBe(200);
    }
    expect(refusals).toBeGreaterThan(0);
    expectNothingLogged();
  });
});

describe("what an old deploy or a preview tells everybody", () => {
  test.each<[EndpointName, string]>([
    ["services", "/services.json"],
    ["metadata", "/.well-known/oauth-authorization-server/github"],
  ])("[A15] %s: not even what is public, so that no app finds its way there", async (endpoint, path) => {
    for (const deploy of [OLD_DEPLOY, PREVIEW]) {
      const response = await coldSite(() => ({ ...PRODUCTION, deploy })).send(endpoint, path);
      await expectRefused(response, "not_here");
      expect(response.headers.get("cache-control")).toBe("no-store");
    }
  });
});
