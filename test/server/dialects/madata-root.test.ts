import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { loadCatalogue } from "../../../catalogue/load.ts";
import * as errors from "../../../server/answers/error-catalogue.ts";
import { handleRootCallback, readMadataState } from "../../../server/dialects/madata.ts";
import type { Provider } from "../../../server/provider/provider.ts";
import { unseal } from "../../../server/sealing/seal.ts";
import type { Question } from "../../../shared/page-messages.ts";
import { serviceOf, spyOnFetch } from "../../attacks/tools.ts";
import type { ErrorName } from "../../tools/error-name.ts";
import { CANARY, GOOD, PROVIDER, readFragment, testProvider } from "../../tools/harness.ts";

const STATE = JSON.stringify({ url: `${GOOD}/page`, backend: "Github" });

beforeEach(() => void spyOnFetch());
afterEach(() => void vi.restoreAllMocks());

interface Arrival {
  parameters: Record<string, string>;
  referer?: string | undefined;
  provider?: Provider;
}

/** A request from a browser that the service redirected to our root. */
async function arrive({ parameters, referer, provider = testProvider() }: Arrival): Promise<Response> {
  const url = `${PROVIDER}/?${new URLSearchParams({ state: STATE, ...parameters })}`;
  return await handleRootCallback(new Request(url, { headers: referer === undefined ? {} : { referer } }), provider);
}

describe("an authorization response at the provider's root", () => {
  test("leads to the question, with all that there is to know about a login that began elsewhere", async () => {
    const response = await arrive({ parameters: { code: CANARY.serviceCode }, referer: `${GOOD}/` });
    expect(response.headers.get("location")).toMatch(/^https:\/\/auth\.example\/confirm#/);
    expect(readFragment<Question>(response)).toEqual({
      ticket: expect.any(String),
      origin: GOOD,
      service: "github",
      scopes: null,
      scopesMerged: false,
      offline: false,
      delivery: "message",
      refused: false,
      unknownStart: false,
      lifetimeSeconds: 600,
      canStartAgain: false,
    });
  });

  test("seals the code as it will be redeemed: for the root without a slash", async () => {
    const { ticket } = readFragment<Question>(await arrive({ parameters: { code: CANARY.serviceCode } }));
    const provider = testProvider();
    const opened = unseal("ticket", ticket, { provider, service: serviceOf(provider) });
    expect(opened?.content).toMatchObject({
      transaction: { dialect: "madata", appOrigin: GOOD, backend: "Github", scopes: null },
      serviceCode: { code: CANARY.serviceCode, redirectUri: PROVIDER },
    });
  });

  test("with an error asks nothing, and seals no code", async () => {
    const { refused, ticket } = readFragment<Question>(await arrive({ parameters: { error: "access_denied" } }));
    const provider = testProvider();
    const opened = unseal("ticket", ticket, { provider, service: serviceOf(provider) });
    expect([refused, opened?.content.serviceCode]).toEqual([true, undefined]);
  });

  test("with neither a code nor an error is none, and the app is told", async () => {
    await expect(arrive({ parameters: {} })).rejects.toMatchObject({
      definition: errors.no_code,
      answer: { message: { backend: "Github:refused", error: "access_denied" }, targetOrigin: GOOD },
    });
  });
});

describe("[A19] where the browser comes from", () => {
  const service = {
    authorizationEndpoint: "https://login.github.example/authorize",
    tokenEndpoint: "https://api.other.example/token",
  };
  const start = async (referer: string | undefined, provider = testProvider({ github: service })) => {
    const response = await arrive({ parameters: { code: "x" }, referer, provider });
    return readFragment<Question>(response).unknownStart ? "unknown" : "known";
  };

  test.each([
    ["the app", `${GOOD}/`],
    ["another page of the app", `${GOOD}/page?x`],
    ["the service", "https://login.github.example/"],
  ])("%s is known", async (_, referer) => {
    expect(await start(referer)).toBe("known");
  });

  test.each([
    ["nobody says", undefined],
    ["no address", "nonsense"],
    ["an empty address", ""],
    ["another host of the service's site, where its users may have pages", "https://sites.github.example/"],
    ["a host below the service's", "https://x.login.github.example/"],
    ["the site itself", "https://github.example/"],
    ["the service's host on another port", "https://login.github.example:8443/"],
    ["the service's host without TLS", "http://login.github.example/"],
  ])("%s: unknown, so the page asks for extra care", async (_, referer) => {
    expect(await start(referer)).toBe("unknown");
  });

  test("of a service without an authorization endpoint, the token endpoint's site counts", async () => {
    const provider = testProvider({ github: service });
    delete serviceOf(provider).authorizationEndpoint;
    expect(await start("https://api.other.example/", provider)).toBe("known");
    expect(await start("https://www.other.example/", provider)).toBe("unknown");
  });

  test("a page that Google's users make is not Google's question", async () => {
    const google = testProvider({ github: { authorizationEndpoint: "https://accounts.google.com/o/oauth2/v2/auth" } });
    expect(await start("https://accounts.google.com/", google)).toBe("known");
    expect(await start("https://sites.google.com/", google)).toBe("unknown");
    await expect(start("https://evil.googleusercontent.com/", google)).rejects.toMatchObject({
      definition: errors.started_elsewhere,
    });
  });

  test.each([
    ["login.github.io", "evil.github.io"],
    ["service.herokuapp.com", "evil.herokuapp.com"],
    ["service.netlify.app", "evil.netlify.app"],
    ["login.service.co.uk", "evil.co.uk"],
    ["service.com.au", "evil.com.au"],
  ])("beside %s, %s is a stranger", async (host, stranger) => {
    const shared = testProvider({ github: { authorizationEndpoint: `https://${host}/authorize` } });
    expect(await start(`https://${host}/`, shared)).toBe("known");
    expect(await start(`https://www.${host}/`, shared)).toBe("unknown");
    await expect(start(`https://${stranger}/`, shared)).rejects.toMatchObject({ definition: errors.started_elsewhere });
  });

  test("of the services whose dialect is on in the catalogue, exactly the host that asks is known", async () => {
    const records = [...loadCatalogue()].filter(([, { madata }]) => madata === true);
    expect(records.map(([id]) => id).sort()).toEqual(["dropbox", "github", "gitlab", "google"]);
    for (const [id, { authorization_endpoint: address }] of records) {
      const authorizationEndpoint = address!.replace("{instance}", "gitlab.com");
      const by = testProvider({ github: { authorizationEndpoint } });
      expect(await start(`${new URL(authorizationEndpoint).origin}/`, by), id).toBe("known");
      const site = new URL(authorizationEndpoint).hostname.split(".").slice(-2).join(".");
      expect(await start(`https://users.${site}/`, by), id).toBe("unknown");
    }
  });

  test.each([
    "https://evil.example/",
    "https://api.other.example/",
    "https://good.example.evil.example/",
    // Two labels that together form the service's host name.
    "https://githu.bexample/",
    "http://good.example/",
  ])("%s is elsewhere, and ends the login", async (referer) => {
    await expect(start(referer)).rejects.toMatchObject({ definition: errors.started_elsewhere });
  });
});

describe("the state of a Madata client", () => {
  const read = (members: Record<string, unknown>, padding = 0) =>
    readMadataState(
      JSON.stringify({ url: `${GOOD}/`, backend: "Github", ...members }) + " ".repeat(padding),
      testProvider(),
    );
  const refusal = (reason: ErrorName) => expect.objectContaining({ definition: errors[reason] });

  test("names a service in 64 letters at most", () => {
    expect(read({ backend: "b".repeat(64) }).backend).toHaveLength(64);
    expect(() => read({ backend: "b".repeat(65) })).toThrow(refusal("invalid_app_state"));
  });

  test("has 4,096 letters at most", () => {
    const spare = 4_096 - JSON.stringify({ url: `${GOOD}/`, backend: "Github" }).length;
    expect(read({}, spare)).toEqual({ appOrigin: GOOD, backend: "Github" });
    expect(() => read({}, spare + 1)).toThrow(refusal("invalid_app_state"));
  });

  test.each([undefined, null, 1, true, [`${GOOD}/`], { href: `${GOOD}/` }])(
    "has no other url than a text: %j",
    (url) => {
      expect(() => read({ url })).toThrow(refusal("invalid_app_state"));
    },
  );
});
