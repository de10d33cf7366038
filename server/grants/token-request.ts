import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import type { ServiceContext } from "../provider/provider.ts";
import { namesResource, pickParameters, readForm } from "../request/parameters.ts";
import { comesFromOtherApp } from "../request/requesting-page.ts";
import { MAX_SEALED_CHARACTERS } from "../sealing/seal.ts";

const PARAMETERS = [
  "grant_type",
  "code",
  "redirect_uri",
  "code_verifier",
  "refresh_token",
  "scope",
  "client_id",
  "client_secret",
] as const;

/**
 * The client secret for tools that insist on one. Everybody knows it, so it proves nothing: the app must prove its code
 * verifier or key like any other app.
 */
const PUBLIC_CLIENT_SECRET = "public";

/** A token request (RFC 6749 §4.1.3, §6), as an app sent it. */
export type TokenRequest = Partial<Record<(typeof PARAMETERS)[number], string>>;

/** What a grant depends on besides the parameters. */
export interface TokenContext extends ServiceContext {
  /** The origin of the page that sent the request; `null` outside browsers. */
  origin: string | null;
  /** The thumbprint of the key that the app has proved to have (RFC 9449). */
  thumbprint: string | undefined;
}

/**
 * Reads the parameters in the body, and the client_id in a Basic header, which some clients send for public apps
 * (RFC 6749 §2.3.1). A secret in either place must be empty or the public one.
 *
 * @throws {OAuthError} `unreadable_body`, `duplicate_parameter`, `oversized_parameter`, `client_secret_given`,
 *   `invalid_target`
 */
export async function readTokenRequest(request: Request): Promise<TokenRequest> {
  const form = await readForm(request);
  const { client_secret: secret, ...parameters } = pickParameters(form, PARAMETERS, MAX_SEALED_CHARACTERS);
  const basic = readBasic(request.headers.get("authorization"));
  if (isSecret(secret) || isSecret(basic?.secret)) throw new OAuthError(errors.client_secret_given);
  if (namesResource(form)) throw new OAuthError(errors.invalid_target);
  if (!basic) return parameters;
  if (parameters.client_id !== undefined && parameters.client_id !== basic.id)
    throw new OAuthError(errors.duplicate_parameter);
  return { ...parameters, client_id: basic.id };
}

/** A real secret was meant for another server. It is rejected, so that the developer notices. */
function isSecret(value = ""): boolean {
  return value !== "" && value !== PUBLIC_CLIENT_SECRET;
}

/** Both parts are form-encoded before they are joined (RFC 6749 §2.3.1). */
function readBasic(header: string | null): { id: string; secret: string } | undefined {
  const encoded = /^basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const credentials = Buffer.from(encoded, "base64").toString();
  // The client_id is a URL with a colon, which some clients do not encode, so the last colon separates.
  const colon = credentials.lastIndexOf(":");
  if (colon < 0) return undefined;
  return { id: formDecode(credentials.slice(0, colon)), secret: formDecode(credentials.slice(colon + 1)) };
}

function formDecode(value: string): string {
  return new URLSearchParams(`v=${value.replaceAll("&", "%26")}`).get("v") ?? "";
}

/**
 * Whether another client is asking than the one that the code or token was issued to: by its client_id or, in a browser,
 * by the origin of the page. A program can claim both, but it cannot prove the code verifier or the key.
 */
export function isOtherClient(
  { client_id: clientId }: TokenRequest,
  { origin }: TokenContext,
  issuedTo: { clientId: string; appOrigin: string },
): boolean {
  return clientId !== issuedTo.clientId || comesFromOtherApp(origin, issuedTo.appOrigin);
}
