import { createHash, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { World } from "../world.ts";

/** Undocumented requirements of clients. A provider that ignored one of them broke some client. */

const APP = "http://[::1]:4321";

interface Login {
  clientId?: string;
  redirectUri?: string;
  /** Absent: no `state` is sent. */
  state?: string;
  extra?: Record<string, string>;
}

function challengeOf(codeVerifier: string): string {
  return createHash("sha256").update(codeVerifier).digest("base64url");
}

function authorizationUrl(issuer: string, codeVerifier: string, login: Login): string {
  const { clientId = `${APP}/`, redirectUri = `${APP}/callback`, state, extra = {} } = login;
  const url = new URL(issuer.replace(/\/([a-z]+)$/, "/authorize/$1"));
  url.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    code_challenge: challengeOf(codeVerifier),
    code_challenge_method: "S256",
    ...(state === undefined ? {} : { state }),
    ...extra,
  }).toString();
  return url.href;
}

/** Logs in with a Yes. Returns the browser's final address and the parameters of the token request. */
async function logIn(world: World, login: Login = {}, issuer = world.issuer("odd")) {
  const codeVerifier = randomBytes(32).toString("base64url");
  const url = authorizationUrl(issuer, codeVerifier, login);
  const location = await world.newPerson().logIn(url, { from: APP });
  const form = {
    grant_type: "authorization_code",
    code: new URL(location).searchParams.get("code")!,
    client_id: login.clientId ?? `${APP}/`,
    redirect_uri: login.redirectUri ?? `${APP}/callback`,
    code_verifier: codeVerifier,
  };
  return { location, form, tokenEndpoint: issuer.replace(/\/([a-z]+)$/, "/token/$1") };
}

function expectReadableAnywhere(response: Response): void {
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  expect(response.headers.has("access-control-allow-credentials")).toBe(false);
  expect(response.headers.get("content-type")).toBe("application/json");
}

async function expectError(response: Response, status: number, error: string): Promise<void> {
  expectReadableAnywhere(response);
  expect(response.status).toBe(status);
  const body = (await response.json()) as Record<string, unknown>;
  expect(body.error).toBe(error);
  expect(String(body.error_description).length).toBeGreaterThan(20);
}

export function wireSuite(world: () => World): void {
  describe("on the wire", () => {
    test("both metadata addresses give the same document at once", async () => {
      const issuer = world().issuer();
      const addresses = [
        `${world().origin}/.well-known/oauth-authorization-server/demo`,
        `${issuer}/.well-known/openid-configuration`,
      ];
      const documents = await Promise.all(
        addresses.map(async (address) => {
          const response = await fetch(address, { redirect: "manual", headers: { origin: "https://app.example" } });
          expect(response.status).toBe(200);
          expectReadableAnywhere(response);
          return (await response.json()) as Record<string, unknown>;
        }),
      );
      const [document] = documents;
      expect(documents[1]).toEqual(document);
      expect(document).toMatchObject({
        issuer,
        authorization_endpoint: `${world().origin}/authorize/demo`,
        token_endpoint: `${world().origin}/token/demo`,
        revocation_endpoint: `${world().origin}/revoke/demo`,
        userinfo_endpoint: `${world().origin}/userinfo/demo`,
        response_types_supported: ["code"],
        response_modes_supported: ["query", "web_message"],
        grant_types_supported: ["authorization_code", "refresh_token"],
        token_endpoint_auth_methods_supported: ["none", "client_secret_post", "client_secret_basic"],
        code_challenge_methods_supported: ["S256"],
        authorization_response_iss_parameter_supported: true,
        dpop_signing_alg_values_supported: expect.arrayContaining(["ES256"]),
      });
      const endpoints = Object.entries(document!).filter(([name]) => name.endsWith("_endpoint"));
      expect(endpoints.map(([, url]) => url).join()).not.toMatch(/[?#]/);
      expect(document!.scopes_supported).toContain("openid");
      expect(document).toMatchObject({
        jwks_uri: `${issuer}/jwks.json`,
        id_token_signing_alg_values_supported: ["RS256"],
      });
    });

    test("preflights allow what clients send, and every answer can be read across origins [A37]", async () => {
      const { origin } = world();
      for (const path of ["/token/demo", "/revoke/demo", "/userinfo/demo"]) {
        const preflight = await fetch(`${origin}${path}`, {
          method: "OPTIONS",
          headers: {
            origin: "https://app.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type,dpop,sentry-trace,traceparent",
          },
        });
        expect(preflight.status).toBe(204);
        expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
        const allowed = preflight.headers.get("access-control-allow-headers")!.toLowerCase().split(/,\s*/);
        expect(allowed).toEqual(
          expect.arrayContaining(["authorization", "content-type", "dpop", "sentry-trace", "traceparent"]),
        );
        expect(preflight.headers.get("access-control-allow-methods")).toMatch(/GET.*POST/);

        await expectError(await fetch(`${origin}${path}`, { method: "PUT" }), 405, "invalid_request");
        await expectError(await fetch(`${origin}${path}-nowhere`, { method: "POST" }), 404, "invalid_request");
      }
    });

    test("errors are JSON with a description, and no challenge takes their place", async () => {
      const { origin } = world();
      const post = (path: string, body: Record<string, string>) =>
        fetch(`${origin}${path}`, { method: "POST", body: new URLSearchParams(body) });
      const refresh = { grant_type: "refresh_token", refresh_token: "x", client_id: `${APP}/` };
      const wrong = [
        [await post("/token/demo", {}), "unsupported_grant_type"],
        [await post("/token/demo", { grant_type: "authorization_code" }), "invalid_request"],
        [await post("/token/demo", refresh), "invalid_grant"],
        [await post("/token/demo", { ...refresh, client_secret: "x" }), "invalid_client"],
        [await post("/revoke/demo", {}), "invalid_request"],
        [await post("/revoke/odd", { token: "x" }), "unsupported_token_type"],
      ] as const;
      for (const [response, error] of wrong) {
        expect(response.headers.has("www-authenticate")).toBe(false);
        await expectError(response, 400, error);
      }
      const unknown = await fetch(`${origin}/userinfo/demo`, { headers: { authorization: "Bearer unknown" } });
      expect(unknown.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
      expect(unknown.headers.get("access-control-expose-headers")).toContain("www-authenticate");
      await expectError(unknown, 401, "invalid_token");
    });

    test("a token answer is JSON for whoever asks, is kept by nobody, and has no null in it", async () => {
      const { form, tokenEndpoint } = await logIn(world());
      const unknownOnes = { nonce: "n", audience: "x", client_secret: "" };
      const response = await fetch(tokenEndpoint, {
        method: "POST",
        redirect: "manual",
        headers: { accept: "text/html" },
        body: new URLSearchParams({ ...form, ...unknownOnes }),
      });
      expect(response.status).toBe(200);
      expectReadableAnywhere(response);
      expect(response.headers.get("cache-control")).toBe("no-store");
      const body = (await response.json()) as Record<string, unknown>;
      expect(Object.values(body)).not.toContain(null);
      expect(Object.keys(body).sort()).toEqual(["access_token", "scope", "token_type"]);
      expect(body.scope).toBe("user:email read:user");

      const authorization = `Bearer ${body.access_token}`;
      const profile = await fetch(`${world().origin}/userinfo/odd`, { headers: { authorization } });
      expectReadableAnywhere(profile);
      expect(await profile.json()).toMatchObject({ sub: "583231" });
    });

    test("[A30] a page of another origin cannot redeem a code; the app can, and as JSON too", async () => {
      const { form, tokenEndpoint } = await logIn(world());
      const stolen = await fetch(tokenEndpoint, {
        method: "POST",
        headers: { origin: "https://evil.example" },
        body: new URLSearchParams(form),
      });
      await expectError(stolen, 400, "invalid_grant");
      const headers = { origin: APP, "content-type": "application/json; charset=utf-8" };
      const response = await fetch(tokenEndpoint, { method: "POST", headers, body: JSON.stringify(form) });
      expect(response.status).toBe(200);
    });

    test("revocation answers with JSON, whatever the token, its hint and the caller's manners", async () => {
      const manners = [{}, { token_type_hint: "refresh_token" }, { token_type_hint: "nonsense", client_id: `${APP}/` }];
      for (const extra of manners) {
        const body = new URLSearchParams({ token: "unknown", ...extra });
        const response = await fetch(`${world().origin}/revoke/demo`, { method: "POST", redirect: "manual", body });
        expect(response.status).toBe(200);
        expectReadableAnywhere(response);
        expect(await response.json()).toEqual({});
      }
    });

    test("a refresh token that the service gives only once is given again by us", async () => {
      const login = await logIn(world(), { extra: { scope: "read:user offline_access" } }, world().issuer("thrifty"));
      const ask = async (form: Record<string, string>) => {
        const response = await fetch(login.tokenEndpoint, { method: "POST", body: new URLSearchParams(form) });
        return (await response.json()) as Record<string, string>;
      };
      const { refresh_token: token } = await ask(login.form);
      const refreshed = await ask({ grant_type: "refresh_token", refresh_token: token!, client_id: `${APP}/` });
      expect(refreshed).toMatchObject({ access_token: expect.any(String), refresh_token: token });
    });

    test.each<[string, Login]>([
      ["a bare origin as client_id, a deep page", { clientId: APP, redirectUri: `${APP}/users/auth/p/callback` }],
      ["a page as client_id, the root", { clientId: `${APP}/folder/app/`, redirectUri: `${APP}/` }],
      ["a query of its own", { redirectUri: `${APP}/callback?x=1&y=%C3%A4%20b` }],
      ["unknown parameters", { extra: { nonce: "n", prompt: "login", display: "popup", audience: "urn:x" } }],
    ])("a login with %s", async (_, login) => {
      const { location, form, tokenEndpoint } = await logIn(world(), { state: "s", ...login });
      const redirectUri = login.redirectUri ?? `${APP}/callback`;
      expect(location.startsWith(redirectUri)).toBe(true);
      const added = new URLSearchParams(location.slice(redirectUri.length + 1));
      expect([...added.keys()].sort()).toEqual(["code", "iss", "state"]);
      expect(added.get("iss")).toBe(world().issuer("odd"));
      const response = await fetch(tokenEndpoint, { method: "POST", body: new URLSearchParams(form) });
      expect(response.status).toBe(200);
    });

    test.each([
      ["with url_state after it, as oidc-client-ts has it", "3f1b;https://app.example/deep?a=b&c=d#e"],
      ["as JSON, as Decap has it", '{"auth_type":"pkce","nonce":"a+b/c=="}'],
      ["with everything that encoding could spoil", "a b%20c+d&e=f;g\u00e4\u{1F600}"],
    ])("state %s comes back byte for byte", async (_, state) => {
      const { location } = await logIn(world(), { state });
      expect(new URL(location).searchParams.get("state")).toBe(state);
    });

    test("no state comes back where none was sent", async () => {
      const { location } = await logIn(world());
      expect(new URL(location).searchParams.has("state")).toBe(false);
    });

    test.each([
      ["another origin that begins like the app's", "https://app.example.evil.test/callback"],
      ["another port", "https://app.example:444/callback"],
      ["a fragment", "https://app.example/callback#x"],
    ])("a redirect URI with %s is refused before the service is asked [A3]", async (_, redirectUri) => {
      const before = world().service.counts.authorize;
      const login = { clientId: "https://app.example/", redirectUri };
      const page = await world()
        .newPerson()
        .open(authorizationUrl(world().issuer(), "x".repeat(43), login));
      expect(page.status).toBe(400);
      expect(page.url.origin).toBe(world().origin);
      expect(world().service.counts.authorize).toBe(before);
    });

    test("[A21] response_mode=fragment is refused", async () => {
      const url = authorizationUrl(world().issuer(), "x".repeat(43), { extra: { response_mode: "fragment" } });
      expect((await world().newPerson().open(url, APP)).status).toBe(400);
    });

    test("no page of ours cuts a popup from its opener, or can be framed [A59]", async () => {
      const { origin } = world();
      const authorize = authorizationUrl(world().issuer(), "x".repeat(43), {});
      const ours = ["/callback/demo?code=x&state=y", "/confirm", "/start", "/"].map((path) => origin + path);
      for (const url of [authorize, ...ours]) {
        const response = await fetch(url, { redirect: "manual" });
        await response.body?.cancel();
        expect(response.headers.get("cross-origin-opener-policy"), url).toBe("unsafe-none");
        expect(response.headers.get("x-frame-options"), url).toBe("DENY");
      }
    });
  });
}
