import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { jsonErrors } from "../answers/json-errors.ts";
import { answerPreflight, cacheableResponse } from "../answers/responses.ts";
import type { Endpoint, PathParameters } from "../endpoint.ts";
import { loadSigningKeys, reasonAgainstIdTokens } from "../identity/openid.ts";
import type { Provider } from "../provider/provider.ts";
import { serviceById } from "../provider/provider.ts";

/**
 * The public keys that our ID tokens verify with (RFC 7517 §5). The type is `application/json`, which every verifier
 * accepts. A verifier may keep the answer for minutes, so a new key is published before it signs.
 */
export const jwks: Endpoint = {
  name: "jwks",
  errorFormat: jsonErrors,
  methods: { GET: listKeys, HEAD: listKeys, OPTIONS: answerPreflight },
};

async function listKeys(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const service = serviceById(provider, path.service);
  if (reasonAgainstIdTokens({ provider, service })) throw new OAuthError(errors.no_id_tokens);
  const keys = await loadSigningKeys(provider);
  return cacheableResponse(request, { keys: keys.map(({ jwk }) => jwk) });
}
