/**
 * A service (GitHub, Google, …): the catalogue's record merged with the owner's settings, validated at build time
 * (`scripts/configuration/configuration.ts`). All differences between services are fields of this type; the protocol code
 * knows no service by name.
 */
export interface Service {
  /** Canonical id, `[a-z0-9-]+`: the only spelling in paths, issuer, redirect URI and environment variables. */
  id: string;
  /** The spelling in `services.json`. Madata's clients look up their class name here (`Github`). */
  key: string;
  /** The name that people read: "GitHub". */
  name: string;
  /** Our public client identifier at the service; empty while the owner has not configured one. */
  clientId: string;
  /**
   * Client identifiers of another kind, for which the service's record differs from this one. A pattern for all of it. The
   * client identifier may come at run time, so it is compared there.
   */
  otherClientIds?: string;
  /** A public API key that Madata's clients read from `/services.json` (Google). */
  apiKey?: string;
  /** Path or https URL of a logo. */
  icon?: string;

  /**
   * RFC 6749 §3.1. Absent in the oldest format, which has only a token endpoint. Only Madata's clients can use such a
   * service, because they open its authorization endpoint themselves.
   */
  authorizationEndpoint?: string;
  /** RFC 6749 §3.2. */
  tokenEndpoint: string;
  /** Our client authentication at the token endpoint (RFC 7591 §2). */
  tokenEndpointAuthMethod: "client_secret_basic" | "client_secret_post" | "none";
  /** The PKCE that we use with the service (RFC 7636); `none` if it breaks the service, or may break it. */
  codeChallengeMethod: "S256" | "plain" | "none";
  /** The `iss` of the service's authorization responses (RFC 9207), if it is known. */
  issuer?: string;
  /** The service promises `iss`, so a response without it is rejected (RFC 9207 §2.4). */
  issuerRequired: boolean;

  /** Scopes to ask for if the app names none. Empty: the parameter is left out. */
  defaultScopes: string[];
  /** The scopes that say who the user is, if the owner has chosen others for `defaultScopes`. */
  profileScopes?: string[];
  /** The only scopes that the owner allows. Absent: an app may ask for any scope, and the user decides. */
  allowedScopes?: string[];
  /** Scopes with which alone the service grants everything, as it does for scopes that it does not know. */
  scopesWithoutLimit?: string[];
  /** Separates scopes in the authorization request. */
  scopeSeparator: string;
  /** The meaning of scopes in English, for the confirmation page. */
  scopeDescriptions: Record<string, string>;
  /** The service also grants everything that the user has allowed any app of this provider before. */
  scopesMerged: boolean;
  /** Scopes that the token response spells differently: from its spelling to the one in the authorization request. */
  scopeAliases: Record<string, string>;
  /** Scopes that the service adds to every grant and that only say who the user is. */
  identityScopes: string[];
  /** Access is chosen when our client is installed at the service, and the scopes that apps ask for are ignored. */
  installation?: Installation;
  /** Constant additional parameters of the authorization request. */
  authorizationParameters: Record<string, string>;
  /** For each `prompt` that an app can ask for: the parameters of the authorization request that pass it on. */
  promptParameters?: Record<string, Record<string, string>>;
  /** The service's name for `login_hint`, if it has one. */
  loginHintParameter?: string;
  /** Constant additional parameters of the token request (`fields` in the oldest format). */
  tokenParameters: Record<string, string>;
  /** Parameters of the authorization request that have other names at the service. */
  authorizationParameterNames?: ParameterNames;
  /** How the token request differs from a form with the names of RFC 6749 §4.1.3. */
  tokenRequest?: TokenRequest;
  /** How the token response differs from RFC 6749 §5. */
  tokenResponse?: TokenResponseFormat;
  /** How a refresh differs from the token request. */
  refreshRequest?: RefreshRequest;
  /** Separates scopes in the token response, besides spaces and commas. */
  tokenResponseScopeSeparator: string;
  /** The authorization response arrives as a POST (OAuth 2.0 Form Post Response Mode). */
  responseMode?: "form_post";
  /** Parameters that the service adds to its authorization response. The token request repeats them, and the app gets them. */
  callbackParameters?: string[];
  /** The service's own error codes, each with the code of RFC 6749 §5.2 that it means. */
  tokenErrorCodes: Record<string, string>;
  /** How long the service's code is valid, if that is known. It must last until the user has answered our question. */
  codeLifetimeSeconds?: number;

  /** Whether the service issues refresh tokens, and whether it replaces them at every use. */
  refreshTokens: "none" | "reusable" | "rotating";
  /** The shortest lifetime of an access token, for services that do not state it. */
  accessTokenLifetimeSeconds?: number;
  /** What the authorization request must contain to get a refresh token. */
  offlineParameters: Record<string, string>;
  offlineScopes: string[];
  /** The owner gives refresh tokens to apps without DPoP. Such a token works for anybody who gets hold of it. */
  refreshWithoutDpop: boolean;
  /** The owner gives refresh tokens to apps that have not asked for one, because they cannot ask. */
  refreshForEveryApp: boolean;

  /** Revokes one token (RFC 7009, or the service's own way). */
  revocation?: RevocationEndpoint;
  /** Revokes everything that the user has allowed this provider, and so logs the user out of every app. */
  grantRevocation?: RevocationEndpoint;
  /** Says whom an access token belongs to. */
  userinfo?: UserinfoEndpoint;
  /** The service's scopes that `openid`, `profile` and `email` stand for, where the rule in `openid.ts` does not fit. */
  openidScopes?: Partial<Record<OpenidScope, string[]>>;
  /** Constant claims that the owner adds to every ID token. Never one that the protocol or a profile has. */
  idTokenClaims?: Record<string, unknown>;

  /** `cut`: the service sends `Cross-Origin-Opener-Policy: same-origin`, so a popup loses its opener there. */
  opener: "kept" | "cut";
  /** Madata's dialect is on: an app may open the service itself and have the code sent to our root. */
  madata: boolean;
  /** The service's page where users see and end the access of apps. */
  manageUrl?: string;
}

export interface Installation {
  /** What an app can do, in English, for the confirmation page. */
  description: string;
  /** The service's page where people install our client, and choose. Absent: the owner has not named the client. */
  url?: string;
  /** Says how many installations the user of a token can reach. */
  check?: { endpoint: string; count: string };
}

/** From the standard name of a parameter to the service's name; `null`: the parameter must not be sent. */
export type ParameterNames = Record<string, string | null>;

/** Where parameters are sent: in the body, in the URL, or nowhere. */
export type BodyFormat = "form" | "json" | "query" | "empty";

export interface TokenRequest {
  /** `GET` puts the parameters into the URL, so it is rejected together with `client_secret_post`: URLs are logged. */
  method?: "GET" | "POST";
  body?: "form" | "json";
  /** `{client_id}` is replaced by our client identifier. */
  headers?: Record<string, string>;
  parameterNames?: ParameterNames;
}

export interface RefreshRequest {
  endpoint?: string;
  parameters?: Record<string, string>;
  /** In addition to those of the token request. */
  parameterNames?: ParameterNames;
  /** Parameters of the authorization response that every refresh repeats. */
  callbackParameters?: string[];
  /** The service wants the redirect URI in a refresh, too. */
  redirectUri?: true;
}

export interface TokenResponseFormat {
  /** `application/x-www-form-urlencoded` instead of JSON. */
  format?: "form";
  /** The paths of each member. The first path with a value wins. */
  members?: Partial<Record<TokenResponseMember, string[]>>;
  /** Paths, and the value that a successful response has there. */
  success?: Record<string, string | number | boolean>;
  /** Members of the service's own that are passed on to apps. */
  extraMembers?: string[];
}

export type TokenResponseMember = "access_token" | "token_type" | "expires_in" | "refresh_token" | "scope" | "error";

export interface RevocationEndpoint {
  /** https URL. `{client_id}` is replaced by our client identifier, `{token}` by the token. */
  endpoint: string;
  method: "GET" | "POST" | "DELETE";
  /** `bearer`: the token itself in an Authorization header. */
  authMethod: "client_secret_basic" | "client_secret_post" | "none" | "bearer";
  body: BodyFormat;
  /** The name of the parameter with the token. */
  tokenParameter: string;
  /** Only tokens of this kind can be revoked, or only such a token revokes no more than itself. */
  tokenKind?: "access_token" | "refresh_token";
  /** Constant additional parameters. `{client_id}` is replaced by our client identifier. */
  parameters?: Record<string, string>;
  /** The service's names for our client identifier and secret. */
  parameterNames?: ParameterNames;
  /** Paths, and the value that a successful answer has there. */
  success?: Record<string, string | number | boolean>;
}

export interface UserinfoEndpoint {
  endpoint: string;
  method: "GET" | "POST";
  /** `{client_id}` is replaced by our client identifier, here and in `parameters`. */
  headers: Record<string, string>;
  /** The scheme of the Authorization header. Absent: `Bearer` (RFC 6750 §2.1). Empty: the token alone. */
  scheme?: string;
  /** The service reads the token from this parameter instead of a header. */
  tokenParameter?: string;
  parameters?: Record<string, string>;
  body?: BodyFormat;
  /** The service also wants our own credentials. */
  authMethod?: "client_secret_basic" | "client_secret_post";
  /** Paths, and the value that a successful answer has there. */
  success?: Record<string, string | number | boolean>;
  /**
   * The paths of each claim: names and array indexes joined by dots. The first path with a value wins. In a text with
   * paths in braces, each path is replaced by its value. Without `sub`, the service identifies users only by names, and a
   * name can pass to another person.
   */
  claims: Partial<Record<UserinfoClaim, string[]>>;
  /**
   * Paths, and the value that each has if the service has checked the e-mail address. Empty: it only ever names addresses
   * that it has checked. Absent: unknown.
   */
  emailVerified?: Record<string, string | number | boolean>;
}

export type UserinfoClaim = "sub" | "username" | "name" | "avatar" | "url" | "email";

/** The scopes of OpenID Connect Core §5.4 that are ours at every service. */
export type OpenidScope = "openid" | "profile" | "email";

/** What `npm run build` writes into the functions. Nothing in it comes from a request. */
export interface Configuration {
  services: Service[];
  /** Client secrets from `.secret.json` by service id; only in a production build. Environment variables win. */
  secrets: Record<string, string>;
  /** `SIGNING_KEY` from `.secret.json`; only in a production build. The environment variable wins. */
  signingKey?: string;
  /** Set by `npm run dev` and by tests: services on loopback addresses may use http, and it runs only on this computer. */
  localDevelopment: boolean;
}
