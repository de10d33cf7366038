import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { app } from "../answers/json-errors.ts";
import { corsJsonAnswer, preflight } from "../answers/responses.ts";
import type { Endpoint, PathParameters } from "../endpoint.ts";
import { redeemCode } from "../grants/authorization-code.ts";
import { refresh } from "../grants/refresh-token.ts";
import { readTokenRequest } from "../grants/token-request.ts";
import type { Provider } from "../provider/provider.ts";
import { serviceById, tokenEndpoint } from "../provider/provider.ts";
import { readDpopProof } from "../request/dpop.ts";

/** The token endpoint (RFC 6749 §3.2) for apps, which are public clients. */
export const token: Endpoint = {
  name: "token",
  audience: app,
  methods: { POST: answerTokenRequest, OPTIONS: preflight },
};

const GRANTS = new Map([
  ["authorization_code", redeemCode],
  ["refresh_token", refresh],
]);

async function answerTokenRequest(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const service = serviceById(provider, path.service);
  const parameters = await readTokenRequest(request);
  const grant = GRANTS.get(parameters.grant_type ?? "");
  if (!grant) throw new OAuthError(reasons.unsupported_grant_type);
  const origin = request.headers.get("origin");
  const thumbprint = await readDpopProof(request, tokenEndpoint(provider, service), { provider, service });
  return corsJsonAnswer(await grant(parameters, { provider, service, origin, thumbprint }));
}
