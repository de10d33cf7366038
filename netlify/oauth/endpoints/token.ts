import type { Endpoint, PathParameters } from "../endpoint.ts";
import { equalSecrets } from "../equal.ts";
import { OAuthError } from "../errors.ts";
import { exchangeCode } from "../exchange.ts";
import type { TokenResponse } from "../exchange.ts";
import { CORS_JSON_HEADERS } from "../headers.ts";
import { MAX_SEALED_CHARACTERS, pickParameters, readForm } from "../parameters.ts";
import { codeChallengeOf, isCodeVerifier } from "../pkce.ts";
import { serviceById } from "../provider.ts";
import type { Provider } from "../provider.ts";
import { preflight } from "../responses.ts";
import { unseal } from "../seal.ts";
import type { OAuthTransaction } from "../transaction.ts";

/**
 * The token endpoint (RFC 6749 §3.2) for apps, which are public clients. Everything that can be refused is refused
 * before the service is asked for anything.
 */
export const token: Endpoint = {
  name: "token",
  audience: "app",
  methods: { POST: redeem, OPTIONS: preflight },
};

const PARAMETERS = ["grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier"] as const;

type TokenRequest = Partial<Record<(typeof PARAMETERS)[number], string>>;

async function redeem(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const service = serviceById(provider, path.service);
  const parameters = readTokenRequest(request, await readForm(request));
  if (parameters.grant_type !== "authorization_code") throw new OAuthError("unsupported_grant_type");
  const { code, client_id: clientId, code_verifier: codeVerifier } = parameters;
  if (code === undefined || clientId === undefined || codeVerifier === undefined) throw new OAuthError("missing_token_parameter");

  const opened = await unseal("code", code, { provider, service });
  if (!opened || opened.expired) throw new OAuthError("invalid_code");
  const { transaction, serviceCode } = opened.content;
  checkClient(request, parameters, transaction);
  checkVerifier(codeVerifier, transaction.codeChallenge);

  const tokens = await exchangeCode(service, serviceCode);
  return new Response(JSON.stringify(tokenResponse(tokens, transaction)), { headers: CORS_JSON_HEADERS });
}

/** The body, or the client_id of a Basic header with an empty secret, which some clients of public apps send. */
function readTokenRequest(request: Request, form: URLSearchParams): TokenRequest {
  const parameters = pickParameters(form, PARAMETERS, MAX_SEALED_CHARACTERS);
  const basic = readBasic(request.headers.get("authorization"));
  if (parameters.client_secret !== undefined || basic?.secret) throw new OAuthError("client_secret_given");
  if (!basic) return parameters;
  if (parameters.client_id !== undefined && parameters.client_id !== basic.id) throw new OAuthError("duplicate_parameter");
  return { ...parameters, client_id: basic.id };
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
function readBasic(header: string | null): { id: string; secret: string } | undefined {
  const encoded = /^basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const [id = "", secret = ""] = Buffer.from(encoded, "base64").toString().split(":", 2);
  return { id: formDecode(id), secret: formDecode(secret) };
}

function formDecode(value: string): string {
  return new URLSearchParams(`v=${value.replaceAll("&", "%26")}`).get("v") ?? "";
}

/** RFC 6749 §4.1.3; in a browser, the origin as well [A30]. */
function checkClient(request: Request, parameters: TokenRequest, transaction: OAuthTransaction): void {
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== transaction.appOrigin) throw new OAuthError("code_of_other_client");
  if (parameters.client_id !== transaction.clientId) throw new OAuthError("code_of_other_client");
  if (transaction.redirectUri === undefined) return;
  if (parameters.redirect_uri !== transaction.redirectUri) throw new OAuthError("code_of_other_client");
}

/** RFC 7636 §4.6. */
function checkVerifier(codeVerifier: string, codeChallenge: string): void {
  if (!isCodeVerifier(codeVerifier)) throw new OAuthError("invalid_code_verifier");
  if (!equalSecrets(codeChallengeOf(codeVerifier), codeChallenge)) throw new OAuthError("invalid_code_verifier");
}

/**
 * RFC 6749 §5.1. Members that are not known are left out, never null. `openid` is not passed on: it would promise an
 * ID token, and the service's is meant for us, not for the app.
 */
function tokenResponse(tokens: TokenResponse, transaction: OAuthTransaction): Record<string, unknown> {
  const scopes = (tokens.scopes ?? transaction.scopes).filter((scope) => scope !== "openid");
  return {
    access_token: tokens.accessToken,
    token_type: tokens.tokenType,
    ...(tokens.expiresInSeconds === undefined ? {} : { expires_in: tokens.expiresInSeconds }),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
  };
}
