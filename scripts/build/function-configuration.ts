import type { Configuration, Service } from "../../server/provider/service.ts";

/** What the provider itself needs to know of a service, in every function. */
const ALWAYS = ["id", "clientId", "tokenEndpointAuthMethod"] as const satisfies (keyof Service)[];

const OUTBOUND_TOKEN_REQUEST = [
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
] as const satisfies (keyof Service)[];

/**
 * What each endpoint reads of a service; its function is built with that and no more. The tests of the handlers fail as
 * soon as one reads anything else (`test/tools/as-built.ts`), so that no rule is ever skipped for want of its field.
 */
const FIELDS_READ = {
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
  confirm: [...OUTBOUND_TOKEN_REQUEST, "revocation", "grantRevocation"],
  token: [
    ...OUTBOUND_TOKEN_REQUEST,
    "refreshRequest",
    "refreshTokens",
    "refreshWithoutDpop",
    "accessTokenLifetimeSeconds",
    "revocation",
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
} as const satisfies Record<string, readonly (keyof Service)[]>;

export type FunctionName = keyof typeof FIELDS_READ;

/** Whether the function of this endpoint is built with that field of a service. */
export function isBuiltIn(field: keyof Service, name: FunctionName): boolean {
  return ([...ALWAYS, ...FIELDS_READ[name]] as (keyof Service)[]).includes(field);
}

/** The configuration as one function gets it: of each service only what the endpoint reads. */
export function configurationFor(name: FunctionName, configuration: Configuration): Configuration {
  return { ...configuration, services: configuration.services.map((service) => reduceService(service, name)) };
}

function reduceService(service: Service, name: FunctionName): Service {
  const fields = Object.entries(service).filter(([field]) => isBuiltIn(field as keyof Service, name));
  return Object.fromEntries(fields) as unknown as Service;
}
