/**
 * A service (GitHub, Google, …) as requests see it: the catalogue's record and the owner's settings, merged and
 * validated at build time (`scripts/configuration/configuration.ts`). All differences between services are fields of this
 * type; the protocol code knows no service by name.
 */
export interface Service {
  /** Canonical id, `[a-z0-9-]+`: the only spelling in paths, issuer, redirect URI and environment variables. */
  id: string;
  /** The spelling in `services.json`. Madata's clients look up their class name here (`Github`). */
  key: string;
  /** What people read: "GitHub". */
  name: string;
  /** Our public client identifier at the service; empty while the owner has not configured one. */
  clientId: string;
  /** A public API key that Madata's clients read from `/services.json` (Google). */
  apiKey?: string;
  /** Path or https URL of a logo. */
  icon?: string;

  /** RFC 6749 §3.1. Absent in the oldest format, which describes a token endpoint only: such a service can only be
   * used by Madata's clients, which open the authorization endpoint by themselves. */
  authorizationEndpoint?: string;
  /** RFC 6749 §3.2. */
  tokenEndpoint: string;
  /** Our client authentication at the token endpoint (RFC 7591 §2). */
  tokenEndpointAuthMethod: "client_secret_basic" | "client_secret_post" | "none";
  /** Our own PKCE towards the service (RFC 7636); `none` where the service breaks on it, or may. */
  codeChallengeMethod: "S256" | "plain" | "none";
  /** The `iss` that the service puts into authorization responses (RFC 9207), where it is known. */
  issuer?: string;
  /** The service announces `iss`, so a response without it is refused (RFC 9207 §2.4). */
  issuerRequired: boolean;

  /** Scopes asked for when the app names none. Empty: the parameter is left out. */
  defaultScopes: string[];
  /** The owner's allow-list; absent: an app may ask for any scope, and the user decides. */
  allowedScopes?: string[];
  /** Between scopes in the authorization request. */
  scopeSeparator: string;
  /** What the services' scopes mean, in English words, for the confirmation page. */
  scopeDescriptions: Record<string, string>;
  /** The service grants, on top of what is asked for, whatever the user has allowed any app of this provider before. */
  scopesMerged: boolean;
  /** Scopes that the service spells otherwise in its token response: its spelling, and the one that was asked for. */
  scopeAliases: Record<string, string>;
  /** Scopes that the service adds to every grant by itself, and that only tell who the user is. */
  identityScopes: string[];
  /** Constant extra parameters of the authorization request. */
  authorizationParameters: Record<string, string>;
  /** What an app can ask for by `prompt`, and the parameters of the authorization request that say so. */
  promptParameters?: Record<string, Record<string, string>>;
  /** What the service calls `login_hint`, where it takes one. */
  loginHintParameter?: string;
  /** Constant extra parameters of the token request (called `fields` in the oldest format). */
  tokenParameters: Record<string, string>;
  /** Parameters of the authorization request that the service names otherwise. */
  authorizationParameterNames?: ParameterNames;
  /** How the token request differs from a form with the names of RFC 6749 §4.1.3. */
  tokenRequest?: TokenRequest;
  /** How the token response differs from RFC 6749 §5. */
  tokenResponse?: TokenResponseFormat;
  /** How a refresh differs from the token request. */
  refreshRequest?: RefreshRequest;
  /** Between scopes in the token response, besides spaces and commas. */
  tokenResponseScopeSeparator: string;
  /** The service's answer arrives as a POST (OAuth 2.0 Form Post Response Mode). */
  responseMode?: "form_post";
  /** Parameters that the service adds to its answer: the token request repeats them, and the app is given them. */
  callbackParameters?: string[];
  /** The service's own words for RFC 6749 §5.2 error codes, where it does not use those. */
  tokenErrorCodes: Record<string, string>;
  /** How long the service's authorization code lives, where that is known: the person reads our question meanwhile. */
  codeLifetimeSeconds?: number;

  /** Whether the service issues refresh tokens, and whether it replaces them at every use. */
  refreshTokens: "none" | "reusable" | "rotating";
  /** How long an access token is good for, at least, where the service does not say. */
  accessTokenLifetimeSeconds?: number;
  /** What the authorization request must carry for a refresh token to be issued. */
  offlineParameters: Record<string, string>;
  offlineScopes: string[];
  /** The owner lets apps without DPoP have refresh tokens, which then work for whoever holds them [A29]. */
  refreshWithoutDpop: boolean;

  /** Ends one token (RFC 7009, or the service's own way). */
  revocation?: RevocationEndpoint;
  /** Ends everything that the user has allowed this provider, and with it every other app's login. */
  grantRevocation?: RevocationEndpoint;
  /** Tells whom an access token belongs to. */
  userinfo?: UserinfoEndpoint;

  /** `cut`: the service's pages send `Cross-Origin-Opener-Policy: same-origin`, so a popup loses its opener there. */
  opener: "kept" | "cut";
  /** Madata's root dialect is on: an app may open the service by itself and let the code arrive at our root. */
  madata: boolean;
  /** The service's own page where a user sees and ends the access of apps. */
  manageUrl?: string;
}

/** The service's own name for a parameter; `null`: it must not be sent. */
export type ParameterNames = Record<string, string | null>;

/** How members travel: in the body, in the URL, or not at all. */
export type BodyFormat = "form" | "json" | "query" | "empty";

export interface TokenRequest {
  /** `GET` puts the parameters into the URL, so it never goes together with `client_secret_post` [A17]. */
  method?: "GET" | "POST";
  body?: "form" | "json";
  /** `{client_id}` stands for our client identifier. */
  headers?: Record<string, string>;
  parameterNames?: ParameterNames;
}

export interface RefreshRequest {
  endpoint?: string;
  parameters?: Record<string, string>;
  /** On top of the token request's. */
  parameterNames?: ParameterNames;
}

export interface TokenResponseFormat {
  /** `application/x-www-form-urlencoded` in place of JSON. */
  format?: "form";
  /** Where each member stands: the first path that leads to something wins. */
  members?: Partial<Record<TokenResponseMember, string[]>>;
  /** Paths and what must stand there in a response that is no error. */
  success?: Record<string, string | number | boolean>;
  /** Members of the service's own that apps are given as well. */
  extraMembers?: string[];
}

export type TokenResponseMember = "access_token" | "token_type" | "expires_in" | "refresh_token" | "scope" | "error";

export interface RevocationEndpoint {
  /** https URL; `{client_id}` stands for our client identifier, `{token}` for the token. */
  endpoint: string;
  method: "GET" | "POST" | "DELETE";
  /** `bearer`: the token itself, in an Authorization header. */
  authMethod: "client_secret_basic" | "client_secret_post" | "none" | "bearer";
  body: BodyFormat;
  /** What the service calls the token in the body. */
  tokenParameter: string;
  /** Only tokens of this kind can be ended there. */
  tokenKind?: "refresh_token";
  /** Further constant parameters; `{client_id}` stands for our client identifier. */
  parameters?: Record<string, string>;
  /** What the service calls our client identifier and secret. */
  parameterNames?: ParameterNames;
}

export interface UserinfoEndpoint {
  endpoint: string;
  method: "GET" | "POST";
  /** `{client_id}` stands for our client identifier, here and in `parameters`. */
  headers: Record<string, string>;
  /** Of the Authorization header: `Bearer` (RFC 6750 §2.1) unless the service differs; empty for the bare token. */
  scheme?: string;
  /** The service reads the token from a parameter of this name, and not from a header. */
  tokenParameter?: string;
  parameters?: Record<string, string>;
  body?: BodyFormat;
  /** The service tells it to us only, not to whoever has the token. */
  authMethod?: "client_secret_basic" | "client_secret_post";
  /** Paths and what must stand there in an answer that is no error. */
  success?: Record<string, string | number | boolean>;
  /**
   * Where each claim stands in the answer: paths of names and array indexes joined by dots, the first one that leads to
   * something wins; a path in braces is put into the text around it. No `sub`: the service knows its users by names
   * only, and names change hands.
   */
  claims: Partial<Record<UserinfoClaim, string[]>>;
}

export type UserinfoClaim = "sub" | "username" | "name" | "avatar" | "url" | "email";

/** What `npm run build` writes into the functions. Nothing in it comes from a request. */
export interface Configuration {
  services: Service[];
  /** Client secrets from `.secret.json` by service id; only in a production build. Environment variables win. */
  secrets: Record<string, string>;
  /** The mark of `npm run dev` and of the tests: loopback services over http are allowed, and nothing else runs. */
  localDevelopment: boolean;
}
