import type { Service } from "./service.ts";

/**
 * The fields of a service that each endpoint reads. The build writes only these into the endpoint's function, and the
 * endpoint's code is typed with only these, so the compiler reports a field that is read but not listed here.
 */

type Fields = readonly (keyof Service)[];

/** Every function has these. */
export const COMMON_FIELDS = ["id", "clientId", "tokenEndpointAuthMethod"] as const satisfies Fields;

export type CommonField = (typeof COMMON_FIELDS)[number];

/** For the token request to the service, and for revoking a token that can do more than the user was shown. */
const TOKEN_REQUEST_FIELDS = [
  "tokenEndpoint",
  "tokenParameters",
  "tokenRequest",
  "tokenResponse",
  "tokenResponseScopeSeparator",
  "tokenErrorCodes",
  "scopeAliases",
  "identityScopes",
  "scopesMerged",
  "offlineScopes",
  "revocation",
] as const satisfies Fields;

export type TokenRequestField = (typeof TOKEN_REQUEST_FIELDS)[number];

export const ENDPOINT_FIELDS = {
  authorize: [
    "key",
    "authorizationEndpoint",
    "authorizationParameters",
    "authorizationParameterNames",
    "promptParameters",
    "loginHintParameter",
    "codeChallengeMethod",
    "responseMode",
    "defaultScopes",
    "allowedScopes",
    "scopeDescriptions",
    "scopeSeparator",
    "refreshTokens",
    "refreshWithoutDpop",
    "offlineParameters",
    "offlineScopes",
    "grantRevocation",
    "manageUrl",
    "opener",
    "madata",
  ],
  callback: [
    "key",
    "authorizationEndpoint",
    "tokenEndpoint",
    "issuer",
    "issuerRequired",
    "callbackParameters",
    "responseMode",
    "codeLifetimeSeconds",
    "scopesMerged",
    "madata",
  ],
  confirm: [...TOKEN_REQUEST_FIELDS, "grantRevocation"],
  token: [
    ...TOKEN_REQUEST_FIELDS,
    "refreshRequest",
    "refreshTokens",
    "refreshWithoutDpop",
    "accessTokenLifetimeSeconds",
  ],
  revoke: ["revocation"],
  userinfo: ["userinfo"],
  metadata: [
    "authorizationEndpoint",
    "promptParameters",
    "allowedScopes",
    "defaultScopes",
    "scopeDescriptions",
    "refreshTokens",
    "revocation",
    "userinfo",
  ],
  services: [
    "key",
    "name",
    "icon",
    "manageUrl",
    "apiKey",
    "authorizationEndpoint",
    "allowedScopes",
    "defaultScopes",
    "refreshTokens",
    "revocation",
    "grantRevocation",
    "opener",
    "madata",
  ],
} as const satisfies Record<string, Fields>;

export type EndpointName = keyof typeof ENDPOINT_FIELDS;

/** The fields that the endpoint of this name reads. */
export type FieldOf<Name extends EndpointName> = (typeof ENDPOINT_FIELDS)[Name][number];
