/**
 * "Demo": a service on this computer, for `npm run dev` and for the tests. Its users are invented, but its
 * authorization server is real. It checks what GitHub or Google would check (exact redirect URI, client secret, PKCE,
 * one-time codes), so a login that works here follows the same rules.
 *
 * It listens on loopback only, and only configurations for local development contain it.
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { close, listen } from "./listen.ts";
import { forgetAccount, showAccount } from "./service/account.ts";
import {
  CODE_LIFETIME_SECONDS,
  createAuthorizationServer,
  withConsentForOfflineAccess,
} from "./service/authorization-server.ts";
import { AUTHORIZATION_PATH, REVOCATION_PATH, TOKEN_PATH, USERINFO_PATH } from "./service/endpoints.ts";
import { sendPage, sendPicture } from "./service/http.ts";
import { receiveAnswer, showQuestion } from "./service/interaction.ts";
import { Memory } from "./service/memory.ts";
import type { DemoServiceOptions } from "./service/options.ts";
import { errorPage } from "./service/pages.ts";
import { SCOPE_DESCRIPTIONS } from "./service/scopes.ts";

export type { DemoServiceOptions } from "./service/options.ts";

export interface DemoService {
  origin: string;
  /** The entry for `services.json`, without the client secret. */
  record: Record<string, unknown>;
  stop(): Promise<void>;
  /** Requests so far to the authorization endpoint and to the token endpoint. */
  counts: { authorize: number; token: number };
}

export async function startDemoService(options: DemoServiceOptions): Promise<DemoService> {
  const counts = { authorize: 0, token: 0 };

  // The issuer contains the port, so the server must listen before the authorization server exists.
  const server = createServer();
  const origin = await listen(server, options);

  const memory = new Memory();
  const authorizationServer = await createAuthorizationServer(origin, options, memory);
  const standardEndpoints = authorizationServer.callback();
  server.on("request", (request, response) => {
    handle(request, response).catch(() => sendPage(response, 400, errorPage("This login has ended. Start again.")));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (options.cutOpener) response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    const { pathname } = new URL(request.url ?? "/", origin);
    const route = `${request.method} ${pathname}`;

    if (route === `GET ${AUTHORIZATION_PATH}`) counts.authorize += 1;
    if (route === `POST ${TOKEN_PATH}`) counts.token += 1;

    if (route === "GET /") return showAccount(authorizationServer, request, response);
    if (route === "POST /forget") return forgetAccount(authorizationServer, memory, request, response);
    if (route.startsWith("GET /people/")) return sendPicture(response, pathname);
    if (route.startsWith("GET /interaction/")) return showQuestion(authorizationServer, request, response);
    if (route.startsWith("POST /interaction/")) return receiveAnswer(authorizationServer, request, response);

    if (route === `GET ${AUTHORIZATION_PATH}`) request.url = withConsentForOfflineAccess(request.url ?? "", origin);
    return standardEndpoints(request, response);
  }

  return { origin, record: serviceRecord(origin, options), counts, stop: () => close(server) };
}

function serviceRecord(origin: string, options: DemoServiceOptions): Record<string, unknown> {
  return {
    name: "Demo",
    client_id: options.clientId,
    authorization_endpoint: `${origin}${AUTHORIZATION_PATH}`,
    userinfo_endpoint: `${origin}${USERINFO_PATH}`,
    revocation_endpoint: `${origin}${REVOCATION_PATH}`,
    refresh_tokens: "rotating",
    offline_parameters: { prompt: "consent" },
    offline_scopes: ["offline_access"],
    token_endpoint: `${origin}${TOKEN_PATH}`,
    token_endpoint_auth_method: "client_secret_basic",
    issuer: origin,
    authorization_response_iss_parameter_supported: true,
    code_challenge_method: "S256",
    code_lifetime_seconds: CODE_LIFETIME_SECONDS,
    prompt_parameters: { login: { prompt: "login" }, consent: { prompt: "consent" } },
    login_hint_parameter: "login_hint",
    default_scopes: ["openid", "profile"],
    scope_separator: " ",
    scope_descriptions: SCOPE_DESCRIPTIONS,
    opener: options.cutOpener ? "cut" : "kept",
  };
}
