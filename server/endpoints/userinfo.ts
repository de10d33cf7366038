import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { jsonErrors } from "../answers/json-errors.ts";
import { answerPreflight, corsJsonResponse } from "../answers/responses.ts";
import type { Endpoint, PathParameters } from "../endpoint.ts";
import { standardClaims } from "../identity/claims.ts";
import { reasonAgainstIdTokens } from "../identity/openid.ts";
import type { Provider } from "../provider/provider.ts";
import { serviceById } from "../provider/provider.ts";
import { fetchUserinfo } from "../upstream/userinfo.ts";

/**
 * Says whom an access token belongs to, in the same words for every service. The token travels in an Authorization header
 * (RFC 6750 §2.1), the service's address comes from configuration, and only the claims in the catalogue are returned.
 */
export const userinfo: Endpoint = {
  name: "userinfo",
  errorFormat: jsonErrors,
  methods: { GET: answerUserinfo, POST: answerUserinfo, OPTIONS: answerPreflight },
};

/**
 * Visible ASCII, which is more than b64token (RFC 6750 §2.1): a service may use all of it (RFC 6749 appendix A.12), and
 * some have `!`, `|` or `*` in their tokens. No spaces: two headers arrive as one, joined by a space (RFC 9110 §5.3).
 */
const BEARER = /^bearer ([\x21-\x7E]{1,8192})$/i;

async function answerUserinfo(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const service = serviceById(provider, path.service);
  if (new URL(request.url).searchParams.has("access_token")) throw new OAuthError(errors.token_in_url);
  const accessToken = BEARER.exec(request.headers.get("authorization") ?? "")?.[1];
  if (accessToken === undefined) throw new OAuthError(errors.invalid_token);

  const profile = await fetchUserinfo(service, accessToken);
  // Clients of OpenID Connect look for the claims of an ID token here as well (Core §5.3).
  const standard = reasonAgainstIdTokens({ provider, service }) ? {} : standardClaims(profile);
  return corsJsonResponse({ ...profile, ...standard });
}
