import type { z } from "zod";
import type { entrySchema, ServiceRecord } from "../../netlify/oauth/catalogue/schema.ts";
import { fillVariables } from "../../netlify/oauth/catalogue/variables.ts";
import { isPlaceholder } from "../../netlify/oauth/placeholder.ts";
import type {
  RefreshRequest,
  RevocationEndpoint,
  TokenRequest,
  TokenResponseFormat,
  UserinfoEndpoint,
} from "../../netlify/oauth/service.ts";

/**
 * The parts of a service's settings that describe requests and answers, from the words of the catalogue and of
 * `services.json` into those of the code.
 */

type Entry = z.infer<ReturnType<typeof entrySchema>>;

/** The catalogue's record with the owner's entry over it. */
export type Settings = { [Key in keyof (ServiceRecord & Entry)]?: (ServiceRecord & Entry)[Key] | undefined };

export function tokenRequestOf(request: Settings["token_request"]): TokenRequest | undefined {
  if (request === undefined) return undefined;
  const { method, body, headers, parameter_names: parameterNames } = request;
  return defined({ method, body, headers, parameterNames });
}

export function tokenResponseOf({ token_response: response, scopes_fixed: fixed }: Settings): TokenResponseFormat | undefined {
  if (response === undefined && !fixed) return undefined;
  const { format, members, success, extra_members: extraMembers } = response ?? {};
  // Scopes that nobody could ask for cannot be compared with those that were asked for.
  const read = fixed ? { ...members, scope: [] } : members;
  return defined({ format, members: read && defined(read), success, extraMembers });
}

export function refreshRequestOf(request: Settings["refresh_request"]): RefreshRequest | undefined {
  if (request === undefined) return undefined;
  const { endpoint, parameters, parameter_names: parameterNames } = request;
  return defined({ endpoint, parameters, parameterNames });
}

/** RFC 7009, as far as the service does not differ. */
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
    }),
  };
}

/** OpenID Connect's claims, as far as the service does not differ. */
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

/** The environment wins over the file, also with a placeholder: at run time it would win too. */
export function configuredValue(fromEnvironment: string | undefined, fromFile: string | undefined): string | undefined {
  const value = fromEnvironment || fromFile;
  return value === undefined || isPlaceholder(value) ? undefined : value;
}

/** Without the members that are `undefined`. */
export function defined<T extends object>(object: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
