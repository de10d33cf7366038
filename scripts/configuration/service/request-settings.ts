import { fillVariables } from "../../../catalogue/variables.ts";
import type {
  Installation,
  RefreshRequest,
  RevocationEndpoint,
  TokenRequest,
  TokenResponseFormat,
  UserinfoEndpoint,
} from "../../../server/provider/service.ts";
import { configuredValue, defined, type Settings } from "./settings.ts";

/** Converts the settings that describe requests and answers from the catalogue's names to those of the code. */

export function tokenRequestOf(request: Settings["token_request"]): TokenRequest | undefined {
  if (request === undefined) return undefined;
  const { method, body, headers, parameter_names: parameterNames } = request;
  return defined({ method, body, headers, parameterNames });
}

export function tokenResponseOf({
  token_response: response,
  scopes_fixed: scopesFixed,
  installation,
}: Settings): TokenResponseFormat | undefined {
  const fixed = scopesFixed || installation !== undefined;
  if (response === undefined && !fixed) return undefined;
  const { format, members, success, extra_members: extraMembers } = response ?? {};
  // An app cannot request fixed scopes, so there is nothing to compare the granted ones with.
  const read = fixed ? { ...members, scope: [] } : members;
  return defined({ format, members: read && defined(read), success, extraMembers });
}

/** Without the client's name in the service's addresses, nobody can be sent to its page there. */
export function installationOf({ installation, app_slug: slug }: Settings): Installation | undefined {
  if (installation === undefined) return undefined;
  const { url, ...others } = installation;
  return defined({ ...others, url: slug && url.replace("{app_slug}", slug) }) as Installation;
}

export function refreshRequestOf(request: Settings["refresh_request"]): RefreshRequest | undefined {
  if (request === undefined) return undefined;
  const { endpoint, parameters, parameter_names: parameterNames, redirect_uri: redirectUri } = request;
  return defined({
    endpoint,
    parameters,
    parameterNames,
    callbackParameters: request.callback_parameters,
    redirectUri,
  });
}

/** RFC 7009, except where the service differs. */
export function revocationOf(
  endpoint: string | undefined,
  request: Settings["revocation_request"],
  settings: Settings,
): RevocationEndpoint | undefined {
  if (endpoint === undefined) return undefined;
  return {
    endpoint,
    method: request?.method ?? "POST",
    authMethod: request?.auth_method ?? settings.token_endpoint_auth_method ?? "client_secret_post",
    body: request?.body ?? "form",
    tokenParameter: request?.parameter ?? "token",
    ...defined({
      tokenKind: request?.only,
      parameters: request?.parameters,
      parameterNames: request?.parameter_names,
      success: request?.success,
    }),
  };
}

/** OpenID Connect's claims, except where the service differs. */
export function userinfoOf(settings: Settings): UserinfoEndpoint | undefined {
  const { userinfo_endpoint: endpoint, userinfo_request: request, userinfo_claims: claims } = settings;
  const apiKey = configuredValue(undefined, settings.api_key);
  const parameters = request?.parameters && fillVariables(request.parameters, defined({ api_key: apiKey }));
  const incomplete = Object.values(parameters ?? {}).includes("{api_key}");
  if (endpoint === undefined || incomplete) return undefined;
  return {
    endpoint,
    method: request?.method ?? "GET",
    headers: request?.headers ?? {},
    claims: claims === undefined ? standardClaims : defined(claims),
    ...defined({
      scheme: request?.scheme,
      tokenParameter: request?.token_parameter,
      parameters,
      body: request?.body,
      authMethod: request?.auth_method,
      success: request?.success,
      emailVerified: settings.email_verified,
    }),
  };
}

/** OpenID Connect Core §5.1. */
const standardClaims: UserinfoEndpoint["claims"] = {
  sub: ["sub"],
  username: ["preferred_username", "nickname"],
  name: ["name"],
  avatar: ["picture"],
  url: ["profile"],
  email: ["email"],
};
