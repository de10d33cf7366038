import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { jsonErrors } from "../answers/json-errors.ts";
import { answerPreflight, corsJsonResponse } from "../answers/responses.ts";
import type { Endpoint, PathParameters } from "../endpoint.ts";
import { redeemCode } from "../grants/authorization-code.ts";
import { refreshAccessToken } from "../grants/refresh-token.ts";
import { readTokenRequest } from "../grants/token-request.ts";
import type { Provider } from "../provider/provider.ts";
import { serviceById, tokenEndpoint } from "../provider/provider.ts";
import { readDpopProof } from "../request/dpop.ts";

/** The token endpoint (RFC 6749 §3.2) for apps, which are public clients. */
export const token: Endpoint = {
  name: "token",
  errorFormat: jsonErrors,
  methods: { POST: answerTokenRequest, OPTIONS: answerPreflight },
};

const GRANTS = new Map([
  ["authorization_code", redeemCode],
  ["refresh_token", refreshAccessToken],
]);

async function answerTokenRequest(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const service = serviceById(provider, path.service);
  const context = { provider, service };
  const parameters = await readTokenRequest(request);
  const grant = GRANTS.get(parameters.grant_type ?? "");
  if (!grant) throw new OAuthError(errors.unsupported_grant_type);
  const origin = request.headers.get("origin");
  const thumbprint = await readDpopProof(request, tokenEndpoint(context), context);
  return corsJsonResponse(await grant(parameters, { ...context, origin, thumbprint }));
}
