import type { Context } from "@netlify/functions";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { PAGE_HEADERS } from "../../server/answers/headers.ts";
import type { Configuration } from "../../server/provider/service.ts";
import {
  authorizationRequest,
  CANARY,
  checked,
  GOOD,
  PROVIDER,
  pkcePair,
  plainService,
  testProvider,
} from "../tools/harness.ts";
import { expectRefused, spyOnFetch } from "./tools.ts";

/** Stubs what a build writes into the function. Each test loads the module anew, as a function instance does. */
async function loadFunction(
  configuration: Partial<Configuration> = {},
): Promise<(request: Request, context: Context) => Promise<Response>> {
  vi.resetModules();
  vi.stubGlobal("CONFIGURATION", {
    services: [plainService()],
    secrets: { github: CANARY.clientSecret },
    localDevelopment: false,
    ...configuration,
  });
  return (await import("../../netlify/provider.ts")).default;
}

/** The provider that a valid configuration results in. */
const provider = testProvider();

const production = { context: "production", id: "1", published: true };
const contextOf = (deploy: object) => ({ deploy }) as Context;

let fetched: ReturnType<typeof spyOnFetch>;
beforeEach(() => {
  fetched = spyOnFetch();
  vi.stubEnv("URL", PROVIDER);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function start(deploy: object, origin = PROVIDER, configuration: Partial<Configuration> = {}): Promise<Response> {
  const answer = await loadFunction(configuration);
  const request = new Request(`${origin}/authorize/github?${authorizationRequest(pkcePair().challenge)}`, {
    headers: { referer: `${GOOD}/` },
  });
  const asked = { endpoint: "authorize", provider, request } as const;
  return await checked(asked, () => answer(request, contextOf(deploy)));
}

const PATHS_OF_NOBODY = [
  "/",
  "/confirm",
  "/Authorize/github",
  "/decision/x",
  "/decision.html",
  "/token/github/index.html",
  "//auth",
  "/.netlify/functions/provider",
];

describe("where a login runs", () => {
  test("[A15] the published production deploy, at its own address", async () => {
    expect((await start(production)).status).toBe(302);
  });

  test.each<[string, object]>([
    ["a deploy preview", { ...production, context: "deploy-preview" }],
    ["a preview that says it is published", { context: "deploy-preview", id: "1", published: true }],
    ["a branch deploy", { ...production, context: "branch-deploy" }],
    ["a branch by its name", { ...production, context: "main" }],
    ["local development", { ...production, context: "dev" }],
    ["an old production deploy", { ...production, published: false }],
    ["a deploy that says nothing about itself", {}],
  ])("[A11][A15] not %s", async (_, deploy) => {
    await expectRefused(await start(deploy), "not_here");
    expect(fetched).not.toHaveBeenCalled();
  });

  test.each([
    "https://0123456789abcdef--auth.netlify.app",
    "https://auth.netlify.app",
    "https://deploy-preview-1--auth.netlify.app",
    "https://evil.example",
    "https://auth.example:8443",
    "https://auth.example.evil.example",
  ])("[A15] not at another address of the same deploy: %s", async (origin) => {
    await expectRefused(await start(production, origin), "not_here");
  });

  test("[A11] a build for local development runs nowhere else, not even published", async () => {
    await expectRefused(await start(production, PROVIDER, { localDevelopment: true }), "not_here");
    vi.stubEnv("NETLIFY_DEV", "true");
    expect(
      (await start({ ...production, context: "dev", published: false }, PROVIDER, { localDevelopment: true })).status,
    ).toBe(302);
  });

  test("[A11] a production build is not made local by the environment", async () => {
    vi.stubEnv("NETLIFY_DEV", "true");
    await expectRefused(await start({ ...production, context: "dev" }), "not_here");
  });

  test("[A61] a path that no endpoint has gets an empty answer, whatever Netlify thinks of it", async () => {
    const answer = await loadFunction();
    for (const path of PATHS_OF_NOBODY) {
      const response = await answer(new Request(PROVIDER + path), contextOf(production));
      expect([response.status, await response.text()], path).toEqual([404, ""]);
      expect(Object.fromEntries(response.headers)).toEqual(Object.fromEntries(new Headers(PAGE_HEADERS)));
    }
    expect(fetched).not.toHaveBeenCalled();
  });

  test("an error is the same when `netlify dev` asks for it again, as for a missing page", async () => {
    vi.stubEnv("NETLIFY_DEV", "true");
    const answer = await loadFunction({ localDevelopment: true });
    for (const again of ["", ".html", ".htm", "/index.html", "/index.htm"]) {
      const request = new Request(`${PROVIDER}/token/nobody${again}`, { method: "POST" });
      await expectRefused(await answer(request, contextOf({})), "unknown_service");
      const foreign = new Request(`${PROVIDER}/decision${again}`, { method: "POST", headers: { origin: GOOD } });
      await expectRefused(await answer(foreign, contextOf({})), "foreign_request");
    }
  });

  test("the process reads its settings once, for all endpoints", async () => {
    const answer = await loadFunction();
    const get = async (path: string) =>
      await (await answer(new Request(PROVIDER + path), contextOf(production))).json();
    expect(await get("/services.json")).toHaveProperty("Github");
    vi.stubEnv("URL", "https://elsewhere.example");
    expect(await get("/github/.well-known/openid-configuration")).toMatchObject({ issuer: `${PROVIDER}/github` });
  });

  test("[A50] without its own address it answers nobody, and recovers when it has one", async () => {
    vi.stubEnv("URL", "");
    await expectRefused(await start(production), "not_configured");
    vi.stubEnv("URL", PROVIDER);
    expect((await start(production)).status).toBe(302);
  });
});
