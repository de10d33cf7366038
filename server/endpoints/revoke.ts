import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { app } from "../answers/json-errors.ts";
import { corsJsonAnswer, preflight } from "../answers/responses.ts";
import type { Endpoint, PathParameters } from "../endpoint.ts";
import type { OfferedService, Provider } from "../provider/provider.ts";
import { serviceById } from "../provider/provider.ts";
import { MAX_SEALED_CHARACTERS, pickParameters, readForm } from "../request/parameters.ts";
import { comesFromOtherApp } from "../request/requesting-page.ts";
import { unseal } from "../sealing/seal.ts";
import type { TokenKind } from "../upstream/revocation.ts";
import { revokeToken } from "../upstream/revocation.ts";

/**
 * Token revocation (RFC 7009): an app's logout ends its own token at the service, and nothing else [A44]. Whoever has a
 * token may end it, as at any public client's revocation endpoint.
 */
export const revoke: Endpoint = {
  name: "revoke",
  audience: app,
  methods: { POST: revokeOne, OPTIONS: preflight },
};

async function revokeOne(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const service = serviceById(provider, path.service);
  const { token } = pickParameters(
    await readForm(request),
    ["token", "token_type_hint", "client_id"],
    MAX_SEALED_CHARACTERS,
  );
  if (token === undefined) throw new OAuthError(reasons.missing_token);
  const { serviceToken, kind } = tokenOfService(token, request, provider, service);
  await revokeToken(service, serviceToken, kind);
  // A body, because some clients read one whatever the status.
  return corsJsonAnswer({});
}

/** Our refresh token stands for the service's; everything else is taken for an access token, whatever the hint says. */
function tokenOfService(
  token: string,
  request: Request,
  provider: Provider,
  service: OfferedService,
): { serviceToken: string; kind: TokenKind } {
  const opened = unseal("refresh", token, { provider, service });
  if (!opened) return { serviceToken: token, kind: "access_token" };
  if (comesFromOtherApp(request.headers.get("origin"), opened.content.appOrigin))
    throw new OAuthError(reasons.invalid_refresh_token);
  return { serviceToken: opened.content.refreshToken, kind: "refresh_token" };
}
