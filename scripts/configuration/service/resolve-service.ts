import { ofClientKind, otherClientIds } from "../../../catalogue/client-kinds.ts";
import type { Environment } from "../../../server/provider/environment.ts";
import { clientIdVariable, readVariable } from "../../../server/provider/environment.ts";
import type { Service } from "../../../server/provider/service.ts";
import type { Issue } from "../issues.ts";
import type { NamedEntry } from "./entry.ts";
import { iconOf } from "./icon.ts";
import {
  installationOf,
  refreshRequestOf,
  revocationOf,
  tokenRequestOf,
  tokenResponseOf,
  userinfoOf,
} from "./request-settings.ts";
import { missingTokenEndpointIssue, serviceIssues } from "./service-rules.ts";
import { configuredValue, defined, mergeSettings, type Settings } from "./settings.ts";

/** Makes the service that the functions read: settings under the code's names, with a default for each missing one. */
export function resolveService(
  { record: general, ...entry }: NamedEntry,
  env: Environment,
  publicPaths: ReadonlySet<string>,
): { service?: Service; issues: Issue[] } {
  const clientId = configuredValue(readVariable(env, clientIdVariable(entry.id)), entry.entry.client_id);
  const named = { ...entry, record: general && ofClientKind(general, clientId ?? "") };
  const settings = mergeSettings(named);
  const tokenEndpoint = settings.token_endpoint;
  if (tokenEndpoint === undefined) return { issues: [missingTokenEndpointIssue(named.key)] };

  const service: Service = {
    id: named.id,
    key: named.key,
    name: settings.name ?? named.key,
    clientId: clientId ?? "",
    tokenEndpoint,
    ...settingsWithDefaults(settings),
    ...optionalSettings(settings),
    ...defined({ otherClientIds: general && otherClientIds(general, clientId ?? "") }),
    ...defined({ icon: iconOf(settings, publicPaths), profileScopes: profileScopesOf(named.record, settings) }),
  };
  return { service, issues: serviceIssues(service, named.entry) };
}

/** The catalogue's default only says who the user is. The owner may have chosen a wider one, or allow less. */
function profileScopesOf(record: NamedEntry["record"], settings: Settings): string[] | undefined {
  const { default_scopes: chosen = [], allowed_scopes: allowed } = settings;
  const scopes = record?.default_scopes;
  if (scopes === undefined || scopes.join(" ") === chosen.join(" ")) return undefined;
  return scopes.every((scope) => allowed?.includes(scope) !== false) ? scopes : undefined;
}

function settingsWithDefaults(settings: Settings) {
  return {
    tokenEndpointAuthMethod: settings.token_endpoint_auth_method ?? "client_secret_post",
    codeChallengeMethod: settings.code_challenge_method ?? "S256",
    issuerRequired: settings.authorization_response_iss_parameter_supported ?? false,
    defaultScopes: settings.default_scopes ?? [],
    scopeSeparator: settings.scope_separator ?? " ",
    scopeDescriptions: settings.scope_descriptions ?? {},
    authorizationParameters: settings.authorization_parameters ?? {},
    tokenParameters: settings.token_parameters ?? {},
    tokenResponseScopeSeparator: settings.token_response_scope_separator ?? " ",
    tokenErrorCodes: settings.token_error_codes ?? {},
    scopesMerged: settings.scopes_merged ?? false,
    scopeAliases: settings.scope_aliases ?? {},
    identityScopes: settings.identity_scopes ?? [],
    refreshTokens: settings.refresh_tokens ?? "none",
    offlineParameters: settings.offline_parameters ?? {},
    offlineScopes: settings.offline_scopes ?? [],
    refreshWithoutDpop: settings.refresh_without_dpop ?? settings.refresh_for_every_app ?? false,
    refreshForEveryApp: settings.refresh_for_every_app ?? false,
    opener: settings.opener ?? "kept",
    madata: settings.madata ?? false,
  } satisfies Partial<Service>;
}

function optionalSettings(settings: Settings) {
  return defined({
    apiKey: configuredValue(undefined, settings.api_key),
    authorizationEndpoint: settings.authorization_endpoint,
    issuer: settings.issuer,
    allowedScopes: settings.allowed_scopes,
    scopesWithoutLimit: settings.scopes_without_limit,
    openidScopes: settings.openid_scopes && defined(settings.openid_scopes),
    idTokenClaims: settings.id_token_claims,
    responseMode: settings.response_mode,
    callbackParameters: settings.callback_parameters,
    authorizationParameterNames: settings.authorization_parameter_names,
    tokenRequest: tokenRequestOf(settings.token_request),
    tokenResponse: tokenResponseOf(settings),
    refreshRequest: refreshRequestOf(settings.refresh_request),
    codeLifetimeSeconds: settings.code_lifetime_seconds,
    accessTokenLifetimeSeconds: settings.access_token_lifetime_seconds,
    promptParameters: settings.prompt_parameters,
    loginHintParameter: settings.login_hint_parameter,
    manageUrl: settings.manage_url,
    revocation: revocationOf(settings.revocation_endpoint, settings.revocation_request, settings),
    grantRevocation: revocationOf(settings.grant_revocation_endpoint, settings.grant_revocation_request, settings),
    userinfo: userinfoOf(settings),
    installation: installationOf(settings),
  });
}
