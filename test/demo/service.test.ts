/**
 * The demo service is useful only if it checks what a real service checks. These tests send it HTTP requests, as a
 * browser and a client would, and replace no part of it.
 */

import { createHash, randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type DemoService, startDemoService } from "../../demo/service.ts";

const CLIENT_ID = "demo-client";
const CLIENT_SECRET = "a-secret-of-the-demo-service";
const REDIRECT_URI = "http://localhost:8888/callback/demo";

const AUTH_METHODS = ["basic", "post"] as const;

let service: DemoService;
const consoleSpies = (["info", "warn", "error", "log"] as const).map((method) => vi.spyOn(console, method));

beforeAll(async () => {
  service = await startDemoService({
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    redirectUris: [REDIRECT_URI, "http://localhost:8888/"],
  });
});

afterAll(() => service.stop());

afterEach(() => {
  for (const spy of consoleSpies) expect(spy, "it is quiet").not.toHaveBeenCalled();
});

describe("authorization endpoint", () => {
  it("never redirects to an unregistered redirect URI", async () => {
    for (const redirectUri of [
      "http://localhost:8888/callback/demo/",
      "http://localhost:8888/callback/demo?x=1",
      "http://localhost:8889/callback/demo",
      "http://127.0.0.1:8888/callback/demo",
      "https://evil.example/",
    ]) {
      const response = await new Person().open(authorizationUrl({ redirect_uri: redirectUri }));
      expect(response.status).toBe(400);
      expect(response.headers.get("location")).toBeNull();
    }
  });

  it("does not know other clients", async () => {
    const response = await new Person().open(authorizationUrl({ client_id: "somebody-else" }));
    expect(response.status).toBe(400);
  });

  it("refuses a request without PKCE", async () => {
    const url = authorizationUrl();
    url.searchParams.delete("code_challenge");
    url.searchParams.delete("code_challenge_method");
    const location = locationOf(await new Person().open(url));
    expect(location.searchParams.get("error")).toBe("invalid_request");
  });

  it("refuses plain PKCE", async () => {
    const location = locationOf(await new Person().open(authorizationUrl({ code_challenge_method: "plain" })));
    expect(location.searchParams.get("error")).toBe("invalid_request");
  });

  it("answers with code, state and iss", async () => {
    const response = await new Person().logIn();
    expect(response.href.startsWith(`${REDIRECT_URI}?`)).toBe(true);
    expect(response.searchParams.get("code")).toMatch(/^[\w-]{40,}$/);
    expect(response.searchParams.get("state")).toBe("a-state");
    expect(response.searchParams.get("iss")).toBe(service.origin);
  });

  it("answers a No at the consent page with access_denied, at the redirect URI", async () => {
    const person = new Person();
    const response = await person.logIn({ decision: "deny" });
    expect(response.href.startsWith(`${REDIRECT_URI}?`)).toBe(true);
    expect(response.searchParams.get("error")).toBe("access_denied");
    expect(response.searchParams.get("state")).toBe("a-state");
    expect(response.searchParams.get("iss")).toBe(service.origin);
    expect(response.searchParams.get("code")).toBeNull();
  });

  it("answers a Cancel at the login page with access_denied", async () => {
    const person = new Person();
    const question = await person.follow(await person.open(authorizationUrl()));
    const location = locationOf(await person.follow(await person.submit(question, { decision: "deny" })));
    expect(location.searchParams.get("error")).toBe("access_denied");
  });

  it("remembers what was allowed: the second login is silent", async () => {
    const person = new Person();
    await person.logIn();
    const again = await person.follow(await person.open(authorizationUrl()));
    expect(locationOf(again).searchParams.get("code")).toBeTruthy();
  });

  it("asks again for what is new", async () => {
    const person = new Person();
    await person.logIn();
    const question = await person.follow(await person.open(authorizationUrl({ scope: "openid profile email" })));
    expect(question.status).toBe(200);
    expect(await question.text()).toContain("Read your email address");
  });

  it("does not answer a form that another person's browser sends", async () => {
    const victim = new Person();
    const question = await victim.follow(await victim.open(authorizationUrl()));
    const response = await new Person().submit(question, { person: "alice" });
    expect(response.status).toBe(400);
  });
});

describe("token endpoint", () => {
  it.each(AUTH_METHODS)("exchanges a code for an opaque token of one hour (client_secret_%s)", async (method) => {
    const { status, body } = await exchange(await new Person().code(), { method });
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3600, scope: "openid profile" });
    expect(body.access_token).not.toContain(".");
    expect(body.refresh_token).toBeUndefined();
  });

  it.each(AUTH_METHODS)("refuses a wrong client secret (client_secret_%s)", async (method) => {
    const { status, body } = await exchange(await new Person().code(), { method, clientSecret: "wrong-secret" });
    expect(status).toBe(401);
    expect(body.error).toBe("invalid_client");
  });

  it("refuses a wrong code verifier", async () => {
    const { body } = await exchange(await new Person().code(), { codeVerifier: randomBytes(32).toString("base64url") });
    expect(body.error).toBe("invalid_grant");
  });

  it("refuses a missing code verifier", async () => {
    const { body } = await exchange(await new Person().code(), { codeVerifier: "" });
    expect(body.error).toBe("invalid_grant");
  });

  it("refuses another redirect URI than the code was asked for with", async () => {
    const { body } = await exchange(await new Person().code(), { redirectUri: "http://localhost:8888/" });
    expect(body.error).toBe("invalid_grant");
  });

  it("refuses a code the second time, and ends what the first time gave", async () => {
    const code = await new Person().code();
    const first = await exchange(code);
    expect((await userInfo(first.body.access_token)).status).toBe(200);

    const second = await exchange(code);
    expect(second.status).toBe(400);
    expect(second.body.error).toBe("invalid_grant");
    expect((await userInfo(first.body.access_token)).status).toBe(401);
  });

  it("gives a refresh token only for offline_access, and a new one every time", async () => {
    const code = await new Person().code({ scope: "openid offline_access" });
    const first = await exchange(code);
    expect(first.body.refresh_token).toBeTruthy();

    const second = await refresh(first.body.refresh_token);
    expect(second.body.refresh_token).not.toBe(first.body.refresh_token);
    expect((await userInfo(second.body.access_token)).status).toBe(200);

    const replay = await refresh(first.body.refresh_token);
    expect(replay.body.error).toBe("invalid_grant");
  });

  it("counts what arrives", async () => {
    const before = { ...service.counts };
    await exchange(await new Person().code());
    expect(service.counts).toEqual({ authorize: before.authorize + 1, token: before.token + 1 });
  });

  it("is not for browsers: no CORS", async () => {
    const { headers } = await exchange(await new Person().code(), { headers: { Origin: "http://127.0.0.1:3000" } });
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("userinfo", () => {
  it("answers an app on another origin", async () => {
    const { body } = await exchange(await new Person().code({ scope: "openid profile email" }));
    const response = await userInfo(body.access_token, "http://127.0.0.1:3000");
    expect(response.headers.get("access-control-allow-origin")).toBe("http://127.0.0.1:3000");

    const profile = await response.json();
    expect(profile).toMatchObject({ sub: "alice", name: "Alice Example", preferred_username: "alice" });
    const picture = await fetch(profile.picture);
    expect(picture.headers.get("content-type")).toBe("image/svg+xml");
  });

  it("tells no more than the scopes allow", async () => {
    const { body } = await exchange(await new Person().code());
    expect(await (await userInfo(body.access_token)).json()).not.toHaveProperty("email");
  });
});

describe("ending it", () => {
  it("revokes the tokens of one login and leaves the person's other logins alone [A44]", async () => {
    const person = new Person();
    const one = await exchange(await person.code());
    const other = await exchange(await person.code());

    const { status } = await post("/token/revocation", { token: String(one.body.access_token) });
    expect(status).toBe(200);
    expect((await userInfo(one.body.access_token)).status).toBe(401);
    expect((await userInfo(other.body.access_token)).status).toBe(200);
  });

  it("lets the person end everything, and asks everything again afterwards", async () => {
    const person = new Person("bob");
    const { body } = await exchange(await person.code());
    expect(await (await person.open(new URL(service.origin))).text()).toContain("Logged in as Bob Example");

    await person.open(new URL("/forget", service.origin), new URLSearchParams());
    expect((await userInfo(body.access_token)).status).toBe(401);
    const question = await person.follow(await person.open(authorizationUrl()));
    expect(await question.text()).toContain("Log in as Bob");
  });
});

describe("pages", () => {
  it("keep the opener, unless told to cut it", async () => {
    const cutting = await startDemoService({
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      redirectUris: [REDIRECT_URI],
      cutOpener: true,
    });
    try {
      const cut = await fetch(cutting.origin);
      expect(cut.headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(cutting.record).toMatchObject({ opener: "cut", issuer: cutting.origin });
    } finally {
      await cutting.stop();
    }
    const kept = await fetch(service.origin);
    expect(kept.headers.get("cross-origin-opener-policy")).toBeNull();
  });

  it("show no markup that came with the request", async () => {
    const response = await new Person().open(authorizationUrl({ client_id: "<script>alert(1)</script>" }));
    expect(await response.text()).not.toContain("<script>");
  });
});

const codeVerifier = randomBytes(32).toString("base64url");

function authorizationUrl(parameters: Record<string, string> = {}): URL {
  const url = new URL(String(service.record.authorization_endpoint));
  url.search = new URLSearchParams({
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    response_type: "code",
    scope: "openid profile",
    state: "a-state",
    code_challenge: createHash("sha256").update(codeVerifier).digest("base64url"),
    code_challenge_method: "S256",
    ...parameters,
  }).toString();
  return url;
}

/** A user with a browser: keeps cookies, follows redirects within the service, presses buttons. */
class Person {
  readonly #name: string;
  readonly #cookies = new Map<string, { value: string; path: string }>();

  constructor(name = "alice") {
    this.#name = name;
  }

  async open(url: URL, form?: URLSearchParams): Promise<Response> {
    const cookies = [...this.#cookies].filter(([, { path }]) => url.pathname.startsWith(path));
    const response = await fetch(url, {
      method: form ? "POST" : "GET",
      body: form ?? null,
      headers: { Cookie: cookies.map(([name, { value }]) => `${name}=${value}`).join("; ") },
      redirect: "manual",
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  /** Follows redirects until a page, or until the redirect that leaves the service. */
  async follow(response: Response): Promise<Response> {
    if (!response.headers.has("location")) return response;
    const location = locationOf(response);
    return location.origin === service.origin ? this.follow(await this.open(location)) : response;
  }

  async submit(page: Response, fields: Record<string, string>): Promise<Response> {
    const action = /action="([^"]+)"/.exec(await page.clone().text())?.[1];
    return this.open(new URL(action ?? "/no-form", service.origin), new URLSearchParams(fields));
  }

  /** Completes a login. Returns the authorization response. */
  async logIn({ decision = "allow", ...parameters }: Record<string, string> = {}): Promise<URL> {
    let response = await this.follow(await this.open(authorizationUrl(parameters)));
    for (const [field, value] of [
      ["person", this.#name],
      ["decision", decision],
    ] as const) {
      if (await asks(response, field)) response = await this.follow(await this.submit(response, { [field]: value }));
    }
    return locationOf(response);
  }

  async code(parameters: Record<string, string> = {}): Promise<string> {
    return (await this.logIn(parameters)).searchParams.get("code") ?? "";
  }

  #keep(line: string): void {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const path = /; *path=([^;]+)/i.exec(line)?.[1] ?? "/";
    if (value) this.#cookies.set(name, { value, path });
    else this.#cookies.delete(name);
  }
}

async function asks(page: Response, field: string): Promise<boolean> {
  return page.status === 200 && (await page.clone().text()).includes(`<button name="${field}"`);
}

interface ExchangeOptions {
  method?: (typeof AUTH_METHODS)[number];
  clientSecret?: string;
  codeVerifier?: string;
  redirectUri?: string;
  headers?: Record<string, string>;
}

function exchange(code: string, options: ExchangeOptions = {}): Promise<JsonResponse> {
  const verifier = options.codeVerifier ?? codeVerifier;
  const fields = {
    grant_type: "authorization_code",
    code,
    redirect_uri: options.redirectUri ?? REDIRECT_URI,
    ...(verifier && { code_verifier: verifier }),
  };
  return post("/token", fields, options);
}

function refresh(refreshToken: unknown): Promise<JsonResponse> {
  return post("/token", { grant_type: "refresh_token", refresh_token: String(refreshToken) });
}

interface JsonResponse {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

async function post(
  path: string,
  fields: Record<string, string>,
  options: ExchangeOptions = {},
): Promise<JsonResponse> {
  const clientSecret = options.clientSecret ?? CLIENT_SECRET;
  const inBody = options.method === "post";
  const response = await fetch(new URL(path, service.origin), {
    method: "POST",
    body: new URLSearchParams({ ...fields, ...(inBody && { client_id: CLIENT_ID, client_secret: clientSecret }) }),
    headers: { ...options.headers, ...(!inBody && { Authorization: `Basic ${btoa(`${CLIENT_ID}:${clientSecret}`)}` }) },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : {} };
}

function userInfo(accessToken: unknown, origin?: string): Promise<Response> {
  const headers = { Authorization: `Bearer ${String(accessToken)}`, ...(origin && { Origin: origin }) };
  return fetch(new URL("/me", service.origin), { headers });
}

function locationOf(response: Response): URL {
  return new URL(response.headers.get("location") ?? "about:blank", service.origin);
}
