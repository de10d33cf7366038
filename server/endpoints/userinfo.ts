import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { app } from "../answers/json-errors.ts";
import { corsJsonAnswer, preflight } from "../answers/responses.ts";
import type { Endpoint, PathParameters } from "../endpoint.ts";
import type { Provider } from "../provider/provider.ts";
import { serviceById } from "../provider/provider.ts";
import { fetchUserinfo } from "../upstream/userinfo.ts";

/**
 * Tells whom an access token belongs to, in the same words for every service. The token comes and goes in an
 * Authorization header (RFC 6750 §2.1), the address is fixed by configuration, and only the claims that we name come
 * back [A54].
 */
export const userinfo: Endpoint = {
  name: "userinfo",
  audience: app,
  methods: { GET: tell, POST: tell, OPTIONS: preflight },
};

/**
 * Visible ASCII, and so more than b64token (RFC 6750 §2.1): a service may issue any of it (RFC 6749 appendix A.12), and
 * some have `!`, `|` or `*` in their tokens. No space: two headers arrive as one with a space in it (RFC 9110 §5.3).
 */
const BEARER = /^bearer ([\x21-\x7E]{1,8192})$/i;

async function tell(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const service = serviceById(provider, path.service);
  if (new URL(request.url).searchParams.has("access_token")) throw new OAuthError(reasons.token_in_url);
  const accessToken = BEARER.exec(request.headers.get("authorization") ?? "")?.[1];
  if (accessToken === undefined) throw new OAuthError(reasons.invalid_token);

  return corsJsonAnswer(await fetchUserinfo(service, accessToken));
}
