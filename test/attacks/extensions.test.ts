import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  CANARY,
  call,
  codeIn,
  decide,
  GOOD,
  pkcePair,
  reachConfirmation,
  redeem,
  testProvider,
} from "../tools/harness.ts";
import {
  dpopProof,
  expectError,
  FORM,
  fakeServices,
  newDpopKey,
  REFRESHING,
  refreshWith,
  SERVICE_REFRESH_TOKEN,
  sealRefresh,
  tokenAnswer,
  tokensIn,
} from "./refresh-tools.ts";

/**
 * Browser extensions. They receive the answer at `identity.getRedirectURL()` and redeem it from their own origin. That
 * origin has the same id in Chromium and a random one in Firefox (MDN: `web_accessible_resources`).
 */

const [CHROMIUM_ID, OTHER_ID] = ["cfhdojbkjhnklbpkdaibdccddilifddb", "gighmmpiobklfepjocnamgkkbiglidom"];
const FIREFOX_HASH = "35b64b676900f491c00e7f618d43f7040e88422e";

const CHROMIUM = { address: `https://${CHROMIUM_ID}.chromiumapp.org/`, page: `chrome-extension://${CHROMIUM_ID}` };
const FIREFOX = {
  address: `https://${FIREFOX_HASH}.extensions.allizom.org/`,
  page: "moz-extension://a1cd9ab7-ab15-462c-9315-8eece8e16982",
};
const EXTENSIONS = [
  ["Chrome", CHROMIUM],
  ["Firefox", FIREFOX],
] as const;

const provider = testProvider({
  github: {
    ...REFRESHING,
    revocation: {
      endpoint: "https://api.github.example/revoke",
      method: "POST",
      authMethod: "none",
      body: "form",
      tokenParameter: "token",
    },
  },
});

let services: ReturnType<typeof fakeServices>;
beforeEach(() => (services = fakeServices(tokenAnswer({ refresh_token: SERVICE_REFRESH_TOKEN }))));
afterEach(() => vi.restoreAllMocks());

/** Runs a login from an extension, up to the answer that the browser passes to the extension. */
async function logIn(address: string, path = "", dpopJkt?: string) {
  const { verifier, challenge } = pkcePair();
  const redirectUri = `${address}${path}`;
  const overrides = { client_id: address, redirect_uri: redirectUri, dpop_jkt: dpopJkt };
  const { question, jar } = await reachConfirmation(provider, { challenge, overrides });
  const answer = (await (await decide(provider, question, jar)).json()) as { location: string };
  const parameters = { code: codeIn(answer), code_verifier: verifier, client_id: address, redirect_uri: redirectUri };
  return { question, location: new URL(answer.location), parameters };
}

describe.each(EXTENSIONS)("an extension of %s", (_, { address, page }) => {
  test("logs in: its address is shown, it gets the code there, and redeems it from its own pages", async () => {
    const { question, location, parameters } = await logIn(address, "github");
    expect(question).toMatchObject({ origin: new URL(address).origin, redirectUri: `${address}github` });
    expect(location.href.startsWith(`${address}github?code=`)).toBe(true);
    const response = await redeem(provider, parameters, { headers: { origin: page } });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect((await tokensIn(response)).access_token).toBe(CANARY.accessToken);
  });

  test("may ask beforehand, as any origin may (CORS)", async () => {
    const headers = { origin: page, "access-control-request-method": "POST", "access-control-request-headers": "dpop" };
    const response = await call("token", provider, "/token/github", { method: "OPTIONS", headers });
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
  });

  test("refreshes with its key, and ends its login", async () => {
    const key = await newDpopKey();
    const { parameters } = await logIn(address, "", key.thumbprint);
    const first = await redeem(provider, parameters, { headers: { origin: page, dpop: await dpopProof(key) } });
    const { refresh_token: token } = await tokensIn(first);
    const again = { client_id: address, refresh_token: token! };
    await tokensIn(await refreshWith(provider, again, { proof: await dpopProof(key), headers: { origin: page } }));
    expect((await revoke(token!, page)).status).toBe(200);
  });
});

function revoke(token: string, origin: string): Promise<Response> {
  const headers = { "content-type": FORM, origin };
  return call("revoke", provider, "/revoke/github", {
    method: "POST",
    headers,
    body: new URLSearchParams({ token }).toString(),
  });
}

describe("[A30] what an extension was given is refused to", () => {
  test.each([
    ["another extension", CHROMIUM, `chrome-extension://${OTHER_ID}`],
    ["an extension of another browser", CHROMIUM, FIREFOX.page],
    ["an extension of Firefox that says an id of Chrome", CHROMIUM, `moz-extension://${CHROMIUM_ID}`],
    ["an id that only begins so", CHROMIUM, `${CHROMIUM.page}a`],
    ["an id as a user name", CHROMIUM, `${CHROMIUM.page}@${OTHER_ID}`],
    ["an id as a sub-domain", CHROMIUM, `${CHROMIUM.page}.evil.example`],
    ["a page at the id's name", CHROMIUM, `https://${CHROMIUM_ID}`],
    ["a page of the same domain", CHROMIUM, `https://${OTHER_ID}.chromiumapp.org`],
    ["a page of the web", CHROMIUM, "https://evil.example"],
    ["a sandboxed page", CHROMIUM, "null"],
    ["an extension of Chrome", FIREFOX, CHROMIUM.page],
    ["an extension of Safari", FIREFOX, "safari-web-extension://A1CD9AB7-AB15-462C-9315-8EECE8E16982"],
    ["a name in place of the number", FIREFOX, "moz-extension://evil.example"],
    ["a number with something behind it", FIREFOX, `${FIREFOX.page}.evil.example`],
    ["a number with something before it", FIREFOX, `https://evil.example/${FIREFOX.page}`],
    ["a page of the domain itself", FIREFOX, "https://extensions.allizom.org"],
    ["a page of the web", FIREFOX, "https://evil.example"],
    ["a sandboxed page", FIREFOX, "null"],
  ])("%s", async (_, { address, page }, origin) => {
    const { parameters } = await logIn(address);
    await expectError(await redeem(provider, parameters, { headers: { origin } }), "code_of_other_client");
    const token = sealRefresh(provider, { clientId: address, appOrigin: new URL(address).origin });
    await expectError(
      await refreshWith(provider, { client_id: address, refresh_token: token }, { headers: { origin } }),
      "invalid_refresh_token",
    );
    await expectError(await revoke(token, origin), "invalid_refresh_token");
    expect(services.seen).toEqual([]);
    await tokensIn(await redeem(provider, parameters, { headers: { origin: page } }));
  });

  test.each([
    ["a page of the web", `${GOOD}/`],
    ["the domain itself", "https://chromiumapp.org/"],
    ["the domain of Firefox itself", "https://extensions.allizom.org/"],
    ["a domain that ends like it", `https://${CHROMIUM_ID}.evilchromiumapp.org/`],
    ["a domain that begins like it", `https://${CHROMIUM_ID}.chromiumapp.org.evil.example/`],
    ["a name below the extension's", `https://x.${CHROMIUM_ID}.chromiumapp.org/`],
    ["another port", `https://${CHROMIUM_ID}.chromiumapp.org:8443/`],
    ["letters that no id has", `https://${CHROMIUM_ID.replace("c", "z")}.chromiumapp.org/`],
    ["an id that is too short", `https://${CHROMIUM_ID.slice(1)}.chromiumapp.org/`],
    ["a hash that is too short", `https://${FIREFOX_HASH.slice(1)}.extensions.allizom.org/`],
    ["another name at Firefox's domain", "https://addons.extensions.allizom.org/"],
    ["a program on this computer", "http://127.0.0.1/"],
  ])("and what %s was given, to every extension", async (_, address) => {
    const { parameters } = await logIn(address);
    for (const page of [CHROMIUM.page, FIREFOX.page, `chrome-extension://${CHROMIUM_ID.slice(1)}`]) {
      await expectError(await redeem(provider, parameters, { headers: { origin: page } }), "code_of_other_client");
    }
    expect(services.seen).toEqual([]);
  });
});

describe("[A58] a scheme of one's own (RFC 8252 §7.1) is refused, and told what to do instead", () => {
  test.each([
    ["com.example.app:/", "com.example.app:/callback"],
    ["https://app.example/", "com.example.app:/callback"],
    ["http://127.0.0.1/", "myapp://callback"],
    ["tauri://localhost/", "tauri://localhost/"],
    ["capacitor://localhost/", "capacitor://localhost/"],
    ["https://app.example/", "urn:ietf:wg:oauth:2.0:oob"],
    [`${CHROMIUM.page}/`, `${CHROMIUM.page}/callback.html`],
    [`${FIREFOX.page}/`, `${FIREFOX.page}/callback.html`],
    [CHROMIUM.address, `${CHROMIUM.page}/callback.html`],
  ])("client_id %s, redirect_uri %s", async (clientId, redirectUri) => {
    const { challenge } = pkcePair();
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: "code",
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
    const response = await call("authorize", provider, `/authorize/github?${query}`);
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    const page = await response.text();
    for (const instead of ["http://127.0.0.1 with any port", "an https link", "identity.getRedirectURL()"])
      expect(page).toContain(instead);
  });
});
