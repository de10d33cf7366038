import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { jsonErrors } from "../answers/json-errors.ts";
import { answerPreflight, corsJsonResponse } from "../answers/responses.ts";
import type { Endpoint, PathParameters } from "../endpoint.ts";
import type { Provider, ServiceContext } from "../provider/provider.ts";
import { serviceById } from "../provider/provider.ts";
import { pickParameters, readForm } from "../request/parameters.ts";
import { comesFromOtherApp } from "../request/requesting-page.ts";
import { MAX_SEALED_CHARACTERS, unseal } from "../sealing/seal.ts";
import type { TokenKind } from "../upstream/revocation.ts";
import { revokeToken } from "../upstream/revocation.ts";

/**
 * Token revocation (RFC 7009): an app that logs out revokes its own token at the service and nothing else. Whoever has a
 * token may revoke it, as usual for public clients.
 */
export const revoke: Endpoint = {
  name: "revoke",
  errorFormat: jsonErrors,
  methods: { POST: answerRevocation, OPTIONS: answerPreflight },
};

async function answerRevocation(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const service = serviceById(provider, path.service);
  const { token } = pickParameters(
    await readForm(request),
    ["token", "token_type_hint", "client_id"],
    MAX_SEALED_CHARACTERS,
  );
  if (token === undefined) throw new OAuthError(errors.missing_token);
  const { serviceToken, kind } = findServiceToken(token, request, { provider, service });
  await revokeToken(service, serviceToken, kind);
  // With a body, because some clients read one whatever the status is.
  return corsJsonResponse({});
}

/** Our refresh token contains the service's. Anything else is treated as an access token, whatever the hint says. */
function findServiceToken(
  token: string,
  request: Request,
  context: ServiceContext,
): { serviceToken: string; kind: TokenKind } {
  const opened = unseal("refresh", token, context);
  if (!opened) return { serviceToken: token, kind: "access_token" };
  if (comesFromOtherApp(request.headers.get("origin"), opened.content.appOrigin))
    throw new OAuthError(errors.invalid_refresh_token);
  return { serviceToken: opened.content.refreshToken, kind: "refresh_token" };
}
