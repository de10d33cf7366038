import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import type { OfferedService, Provider } from "../provider/provider.ts";
import { MAX_SEALED_CHARACTERS, namesResource, pickParameters, readForm } from "../request/parameters.ts";
import { comesFromOtherApp } from "../request/requesting-page.ts";

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
 * Some tools insist on a client secret, and this word is one for them. Everybody knows it, so it proves nothing, and
 * nothing depends on it: whoever sends it proves the verifier, or the key, like everybody else.
 */
const PUBLIC_CLIENT_SECRET = "public";

/** A token request (RFC 6749 §4.1.3, §6), as an app sent it. */
export type TokenRequest = Partial<Record<(typeof PARAMETERS)[number], string>>;

/** What a grant looks at besides the parameters. */
export interface TokenContext {
  provider: Provider;
  service: OfferedService;
  /** The origin of the page that sent the request; absent outside browsers. */
  origin: string | null;
  /** The thumbprint of the key that the app has just proved to hold (RFC 9449). */
  thumbprint: string | undefined;
}

/**
 * The parameters of the body, and the client_id of a Basic header, which some clients of public apps send (RFC 6749
 * §2.3.1). The secret, there or in the body, must be empty or the word that is none.
 *
 * @throws {OAuthError} `unreadable_body`, `duplicate_parameter`, `oversized_parameter`, `client_secret_given`,
 *   `invalid_target`
 */
export async function readTokenRequest(request: Request): Promise<TokenRequest> {
  const form = await readForm(request);
  const { client_secret: secret, ...parameters } = pickParameters(form, PARAMETERS, MAX_SEALED_CHARACTERS);
  const basic = readBasic(request.headers.get("authorization"));
  if (isSecret(secret) || isSecret(basic?.secret)) throw new OAuthError(reasons.client_secret_given);
  if (namesResource(form)) throw new OAuthError(reasons.invalid_target);
  if (!basic) return parameters;
  if (parameters.client_id !== undefined && parameters.client_id !== basic.id)
    throw new OAuthError(reasons.duplicate_parameter);
  return { ...parameters, client_id: basic.id };
}

/** Whoever sends a real one has mistaken us for somebody else, who would have kept it secret. */
function isSecret(value = ""): boolean {
  return value !== "" && value !== PUBLIC_CLIENT_SECRET;
}

/** Both parts are form-encoded before they are joined. */
function readBasic(header: string | null): { id: string; secret: string } | undefined {
  const encoded = /^basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const credentials = Buffer.from(encoded, "base64").toString();
  // The client_id is a URL: clients that do not encode it leave its colon in, so the last one separates.
  const colon = credentials.lastIndexOf(":");
  if (colon < 0) return undefined;
  return { id: formDecode(credentials.slice(0, colon)), secret: formDecode(credentials.slice(colon + 1)) };
}

function formDecode(value: string): string {
  return new URLSearchParams(`v=${value.replaceAll("&", "%26")}`).get("v") ?? "";
}

/**
 * The app that asks must be the one that the sealed value was made for, and in a browser the page must be that app's
 * [A30]. A caller outside browsers can claim any of this; what it cannot do is prove the verifier or the key.
 */
export function isOtherClient(
  { client_id: clientId }: TokenRequest,
  { origin }: TokenContext,
  issuedTo: { clientId: string; appOrigin: string },
): boolean {
  return clientId !== issuedTo.clientId || comesFromOtherApp(origin, issuedTo.appOrigin);
}
