import type { Endpoint, PathParameters } from "../endpoint.ts";
import { OAuthError } from "../errors.ts";
import { callService, parseJsonObject } from "../outbound.ts";
import { serviceById } from "../provider.ts";
import type { Provider } from "../provider.ts";
import { corsJsonAnswer, preflight } from "../responses.ts";
import { readClaims } from "../userinfo.ts";

/**
 * Tells whom an access token belongs to, in the same words for every service. The token comes and goes in an
 * Authorization header (RFC 6750 §2.1), the address is fixed by configuration, and only the claims that we name come
 * back [A54].
 */
export const userinfo: Endpoint = {
  name: "userinfo",
  audience: "app",
  methods: { GET: tell, POST: tell, OPTIONS: preflight },
};

/** RFC 6750 §2.1: b64token. */
const BEARER = /^bearer ([A-Za-z0-9\-._~+/]{1,8192}=*)$/i;

async function tell(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const service = serviceById(provider, path.service);
  if (new URL(request.url).searchParams.has("access_token")) throw new OAuthError("token_in_url");
  if (!service.userinfo) throw new OAuthError("no_userinfo");
  const accessToken = BEARER.exec(request.headers.get("authorization") ?? "")?.[1];
  if (accessToken === undefined) throw new OAuthError("invalid_token");

  const { endpoint, method, headers, claims } = service.userinfo;
  const { status, text } = await callService({ url: endpoint, method, headers: { ...headers, Authorization: `Bearer ${accessToken}` } });
  if (status === 401 || status === 403) throw new OAuthError("invalid_token");
  if (status >= 400) throw new OAuthError("service_failed");
  const profile = parseJsonObject(text);
  if (!profile) throw new OAuthError("service_unintelligible");
  return corsJsonAnswer(readClaims(profile, claims));
}
