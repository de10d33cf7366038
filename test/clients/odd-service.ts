import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { startLocalServer } from "../tools/local-server.ts";

/**
 * A service with habits of real services that break clients: comma-separated scopes, `null` for values that do not
 * apply, an ID token that was not requested, and numeric ids. It shows the user no page.
 *
 * `thriftyRecord` is a second registration at the same service, which issues a refresh token only once.
 */
export async function startOddService(): Promise<{
  record: Record<string, unknown>;
  thriftyRecord: Record<string, unknown>;
  stop(): Promise<void>;
}> {
  const tokens = new Set<string>();
  const { origin, stop } = await startLocalServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://service.invalid");
    const sendJson = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (url.pathname === "/authorize") {
      const location = new URL(url.searchParams.get("redirect_uri") ?? "");
      location.searchParams.set("code", randomBytes(16).toString("hex"));
      location.searchParams.set("state", url.searchParams.get("state") ?? "");
      response.writeHead(302, { location: location.href }).end();
      return;
    }
    if (url.pathname === "/thrifty-token") return void text(request).then((body) => sendJson(200, thriftyTokens(body)));
    if (url.pathname === "/token") {
      const accessToken = randomBytes(16).toString("hex");
      tokens.add(accessToken);
      return sendJson(200, {
        access_token: accessToken,
        token_type: "bearer",
        scope: "user:email,read:user,openid",
        expires_in: null,
        refresh_token: null,
        id_token: "of.somebody.else",
        user: { id: 1 },
      });
    }
    const [, token = ""] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "") ?? [];
    if (!tokens.has(token)) return sendJson(401, { message: "Bad credentials" });
    return sendJson(200, PROFILE);
  });
  const record = {
    name: "Odd",
    client_id: "provider-at-the-odd-service",
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    token_endpoint_auth_method: "client_secret_post",
    code_challenge_method: "none",
    token_response_scope_separator: ",",
    default_scopes: ["read:user", "user:email"],
    scope_separator: " ",
    refresh_tokens: "none",
    userinfo_endpoint: `${origin}/user`,
    userinfo_claims: { sub: ["id"], username: ["login"], name: ["name", "login"], avatar: ["avatar_url"] },
    opener: "kept",
  };
  const thrifty = { name: "Thrifty", token_endpoint: `${origin}/thrifty-token` };
  return {
    record,
    thriftyRecord: { ...record, ...thrifty, refresh_tokens: "reusable", refresh_without_dpop: true },
    stop,
  };
}

const PROFILE = {
  id: 583231,
  login: "octocat",
  name: null,
  avatar_url: "https://odd.example/1.png",
  two_factor_authentication: true,
};

const THE_REFRESH_TOKEN = "the-one-and-only";

function thriftyTokens(body: string): Record<string, unknown> {
  const form = new URLSearchParams(body);
  const access_token = randomBytes(16).toString("hex");
  if (form.get("grant_type") === "authorization_code") return { access_token, refresh_token: THE_REFRESH_TOKEN };
  return form.get("refresh_token") === THE_REFRESH_TOKEN ? { access_token } : { error: "invalid_grant" };
}
