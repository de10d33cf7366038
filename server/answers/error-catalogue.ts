import { tookTooLong } from "../../shared/expiry.ts";
import type { ErrorDefinition } from "./errors.ts";

/**
 * The error catalogue: every error that a request can end in. Each entry has an RFC error code for programs, a status,
 * one sentence that says what is wrong and one that says what to do. The sentences are constant: nothing that a caller
 * sent is ever repeated. The pages show them in the reader's language, by name (`client/languages/`).
 *
 * Each entry is an export of its own, so that what is built contains only those that it uses.
 *
 * Error codes: RFC 6749 §4.1.2.1 and §5.2.
 */

// The request itself.
export const wrong_method: ErrorDefinition = {
  name: "wrong_method",
  status: 405,
  error: "invalid_request",
  text: "This address does not support that HTTP method.",
  advice: "The Allow header lists the methods that it supports.",
};

export const too_large: ErrorDefinition = {
  name: "too_large",
  status: 413,
  error: "invalid_request",
  text: "The request is too large.",
  advice: "Send only the documented parameters.",
};

export const unreadable_body: ErrorDefinition = {
  name: "unreadable_body",
  status: 400,
  error: "invalid_request",
  text: "The body could not be read.",
  advice: "Send application/x-www-form-urlencoded or application/json, each parameter once and as a string.",
};

export const duplicate_parameter: ErrorDefinition = {
  name: "duplicate_parameter",
  status: 400,
  error: "invalid_request",
  text: "A parameter was sent more than once (RFC 6749 §3.1).",
  advice: "Send each parameter once.",
};

export const oversized_parameter: ErrorDefinition = {
  name: "oversized_parameter",
  status: 400,
  error: "invalid_request",
  text: "A parameter is too long or contains control characters.",
  advice: "Keep state, client_id, redirect_uri and scope under 2,048 characters each.",
};

export const oversized_login: ErrorDefinition = {
  name: "oversized_login",
  status: 400,
  error: "invalid_request",
  text: "client_id, redirect_uri, state and scope are together too long for the browser to store during the login.",
  advice: "Keep them under 3,800 bytes together: shorten state and redirect_uri, and keep in the app what they carry.",
};

export const unexpected_parameter: ErrorDefinition = {
  name: "unexpected_parameter",
  status: 400,
  error: "invalid_request",
  text: "This address does not accept authorization codes. One was sent here by mistake, or by someone hoping to have it passed on.",
  advice: "Go back to the app and log in again.",
};

export const foreign_request: ErrorDefinition = {
  name: "foreign_request",
  status: 403,
  error: "access_denied",
  text: "Only this provider's own pages may send this request.",
  advice: "Go back to the app and log in again.",
};

// The provider and its services.
export const not_here: ErrorDefinition = {
  name: "not_here",
  status: 421,
  error: "temporarily_unavailable",
  text: "This is not the live version of the auth provider, so nobody can log in through it.",
  advice: "Use the provider's main address.",
};

export const not_configured: ErrorDefinition = {
  name: "not_configured",
  status: 503,
  error: "server_error",
  text: "This auth provider is not set up correctly.",
  advice: "Its owner can run `npm run doctor` to see what is wrong.",
};

export const unknown_service: ErrorDefinition = {
  name: "unknown_service",
  status: 404,
  error: "invalid_request",
  text: "This auth provider does not offer that service.",
  advice: "Its home page and /services.json list the services it offers.",
};

export const service_not_set_up: ErrorDefinition = {
  name: "service_not_set_up",
  status: 503,
  error: "server_error",
  text: "That service is not set up here: its client identifier or client secret is missing.",
  advice: "The owner can add both in services.json and .secret.json, or as environment variables.",
};

export const other_client_kind: ErrorDefinition = {
  name: "other_client_kind",
  status: 503,
  error: "server_error",
  text: "This auth provider was built for another kind of app at the service than its client identifier belongs to.",
  advice:
    "Its owner should compare the client identifier with the app that was meant, at the service and in services.json or the environment variable, and deploy again.",
};

export const trial_not_offered: ErrorDefinition = {
  name: "trial_not_offered",
  status: 403,
  error: "access_denied",
  text: "The owner of this auth provider does not offer to try a login here.",
  advice: "Log in from an app.",
};

export const service_without_authorization_endpoint: ErrorDefinition = {
  name: "service_without_authorization_endpoint",
  status: 404,
  error: "invalid_request",
  text: "This auth provider has no authorization endpoint for that service, so only Madata's clients can use it.",
  advice: "The owner can add authorization_endpoint to the service in services.json.",
};

// The app.
/** Any program on a device can claim a custom scheme (RFC 8252 §7.1), so developers are told what to use instead. */
const USE_YOUR_OWN_ADDRESS =
  "Use location.origin plus a slash as client_id, for example https://app.example/, and a page of that origin as redirect_uri, for example https://app.example/callback. An app's own scheme (com.example.app:) is not accepted: a program on a computer listens on http://127.0.0.1 with any port (RFC 8252 §7.3), an app on a phone claims an https link (§7.2), and a browser extension uses what identity.getRedirectURL() returns.";

export const invalid_client_id: ErrorDefinition = {
  name: "invalid_client_id",
  status: 400,
  error: "invalid_request",
  text: "client_id must be the app's own URL: https (or http on localhost or a name below it, 127.0.0.1 or [::1]), in canonical form.",
  advice: USE_YOUR_OWN_ADDRESS,
};

// A CMS's configuration. These sentences name its settings.
export const base_url_without_service: ErrorDefinition = {
  name: "base_url_without_service",
  status: 404,
  error: "invalid_request",
  text: "base_url in the configuration of this CMS does not lead to a service of this auth provider.",
  advice:
    "In its backend section, write this provider's address and the service's ID, as in base_url: https://auth.example.com/codeberg, and remove auth_endpoint.",
};

export const base_url_with_path: ErrorDefinition = {
  name: "base_url_with_path",
  status: 404,
  error: "invalid_request",
  text: "base_url in the configuration of this CMS must be the address of this auth provider and nothing more.",
  advice:
    "In its backend section, remove the path, as in base_url: https://auth.example.com, and write auth_endpoint: auth.",
};

export const invalid_app_id: ErrorDefinition = {
  name: "invalid_app_id",
  status: 400,
  error: "invalid_request",
  text: "app_id in the configuration of this CMS must be the address of your site. It is not the client ID of a service.",
  advice: "In its backend section, write the origin with a slash, as in app_id: https://app.example/.",
};

export const auth_type_without_pkce: ErrorDefinition = {
  name: "auth_type_without_pkce",
  status: 400,
  error: "unsupported_response_type",
  text: "auth_type in the configuration of this CMS must be pkce. Tokens in addresses are not supported.",
  advice: "In its backend section, write auth_type: pkce.",
};

export const app_not_allowed: ErrorDefinition = {
  name: "app_not_allowed",
  status: 403,
  error: "unauthorized_client",
  text: "The owner of this auth provider allows only certain apps, and this is not one of them.",
  advice: "Ask the owner to add the app's origin to ALLOWED_APPS, or use another provider.",
};

export const invalid_redirect_uri: ErrorDefinition = {
  name: "invalid_redirect_uri",
  status: 400,
  error: "invalid_request",
  text: "redirect_uri must be a canonical URL with exactly the origin of client_id, without a fragment and without parameters of an authorization response.",
  advice: USE_YOUR_OWN_ADDRESS,
};

export const unattested_redirect_uri: ErrorDefinition = {
  name: "unattested_redirect_uri",
  status: 400,
  error: "invalid_request",
  text: "We cannot tell whether a page of the app started this login, so redirect_uri may not contain a query or anything else that could be another address.",
  advice:
    "Start the login from a page of the app that sends its origin as Referer, or use a plain path, for example https://app.example/callback.",
};

export const unsupported_response_type: ErrorDefinition = {
  name: "unsupported_response_type",
  status: 400,
  error: "unsupported_response_type",
  text: "response_type must be code.",
  advice: "Use the authorization code grant with PKCE (RFC 6749 §4.1, RFC 7636).",
};

export const unsupported_response_mode: ErrorDefinition = {
  name: "unsupported_response_mode",
  status: 400,
  error: "invalid_request",
  text: "response_mode must be query or web_message.",
  advice: "Omit it to use query. fragment is not supported because a redirect would pass it on to another site.",
};

export const invalid_code_challenge: ErrorDefinition = {
  name: "invalid_code_challenge",
  status: 400,
  error: "invalid_request",
  text: "PKCE is required: code_challenge (43 characters, base64url) with code_challenge_method=S256.",
  advice: "See RFC 7636 §4.2; plain is not accepted.",
};

export const invalid_scope: ErrorDefinition = {
  name: "invalid_scope",
  status: 400,
  error: "invalid_scope",
  text: "scope is malformed or contains a scope that the owner of this provider does not allow.",
  advice: "Separate scopes with one space, and request only those that /services.json lists.",
};

// ID tokens. All of these tell the developer why `openid` is refused.
const WITHOUT_OPENID = "Without openid in scope, the login works and gives an access token only.";

export const openid_without_key: ErrorDefinition = {
  name: "openid_without_key",
  status: 400,
  error: "invalid_scope",
  text: "This auth provider issues no ID tokens, because its owner has set up no key to sign them with (SIGNING_KEY).",
  advice: `The owner can make one with npm run add-key and deploy again. ${WITHOUT_OPENID}`,
};

export const openid_without_sub: ErrorDefinition = {
  name: "openid_without_sub",
  status: 400,
  error: "invalid_scope",
  text: "There are no ID tokens for this service, because it does not say who a user is by an identifier that never changes.",
  advice: WITHOUT_OPENID,
};

export const openid_on_loopback: ErrorDefinition = {
  name: "openid_on_loopback",
  status: 400,
  error: "invalid_scope",
  text: "An app on localhost or another loopback address gets no ID token, because every program on every computer can be that app.",
  advice: `Use a provider on the same computer (npm run dev) for tests, or an https address for the app. ${WITHOUT_OPENID}`,
};

export const openid_with_path: ErrorDefinition = {
  name: "openid_with_path",
  status: 400,
  error: "invalid_scope",
  text: "An ID token is for a whole origin, because the pages of an origin can pass for each other, and this client_id has a path.",
  advice: `Use location.origin plus a slash as client_id. ${WITHOUT_OPENID}`,
};

export const unsupported_max_age: ErrorDefinition = {
  name: "unsupported_max_age",
  status: 400,
  error: "invalid_request",
  text: "max_age cannot be promised: services do not say when the user has logged in (OpenID Connect Core §3.1.2.1).",
  advice: "Omit max_age. With services that support it, prompt=login asks for a new login.",
};

export const request_not_supported: ErrorDefinition = {
  name: "request_not_supported",
  status: 400,
  error: "request_not_supported",
  text: "Request objects are not supported (OpenID Connect Core §6.1).",
  advice: "Send the parameters themselves.",
};

export const request_uri_not_supported: ErrorDefinition = {
  name: "request_uri_not_supported",
  status: 400,
  error: "request_uri_not_supported",
  text: "Nothing that an app names is fetched (OpenID Connect Core §6.2).",
  advice: "Send the parameters themselves.",
};

export const unusable_id_token_hint: ErrorDefinition = {
  name: "unusable_id_token_hint",
  status: 400,
  error: "login_required",
  text: "id_token_hint is no ID token of this issuer, so it names nobody who could log in here (OpenID Connect Core §3.1.2.1).",
  advice: "Send an ID token of this issuer, or omit id_token_hint.",
};

export const login_required: ErrorDefinition = {
  name: "login_required",
  status: 400,
  error: "login_required",
  text: "The app asked for a login without any page (prompt=none), but nobody is logged in here without a click (OpenID Connect Core §3.1.2.6).",
  advice: "Go back to the app and log in there.",
};

export const invalid_target: ErrorDefinition = {
  name: "invalid_target",
  status: 400,
  error: "invalid_target",
  text: "Tokens from this provider are only for the service's own API (RFC 8707).",
  advice: "Omit resource, and send the token only to the service.",
};

export const invalid_app_state: ErrorDefinition = {
  name: "invalid_app_state",
  status: 400,
  error: "invalid_request",
  text: "The login request does not give the app's address in a safe form.",
  advice: "Go back to the app and log in again. If it happens again, tell the app's developer.",
};

export const started_elsewhere: ErrorDefinition = {
  name: "started_elsewhere",
  status: 400,
  error: "invalid_request",
  text: "This login was started by a page that belongs to neither the app nor the service.",
  advice: "Open the app yourself and log in from there.",
};

// The login in progress.
export const invalid_state: ErrorDefinition = {
  name: "invalid_state",
  status: 400,
  error: "invalid_request",
  text: "This login could not be recognised: its state is missing, damaged, or belongs to another service or provider.",
  advice: "Go back to the app and log in again.",
};

export const expired: ErrorDefinition = {
  name: "expired",
  status: 400,
  error: "invalid_request",
  text: tookTooLong,
  advice: "Go back to the app and log in again.",
};

export const other_browser: ErrorDefinition = {
  name: "other_browser",
  status: 400,
  error: "access_denied",
  text: "This login was not started in this browser, is over, is too old, or was one of too many at once. Or this browser blocks cookies.",
  advice: "Go back to the app and log in again. If it happens again, allow cookies for this provider's address.",
};

export const wrong_issuer: ErrorDefinition = {
  name: "wrong_issuer",
  status: 400,
  error: "invalid_request",
  text: "The answer did not come from the expected service (RFC 9207).",
  advice: "Go back to the app and log in again.",
};

export const no_code: ErrorDefinition = {
  name: "no_code",
  status: 400,
  error: "invalid_request",
  text: "The service sent neither a code nor an error.",
  advice: "Go back to the app and log in again.",
};

export const not_what_was_shown: ErrorDefinition = {
  name: "not_what_was_shown",
  status: 400,
  error: "access_denied",
  text: "The page showed something other than what was requested, so nothing was handed over.",
  advice: "Close this window. Open the app yourself and log in from there.",
};

export const refused_at_service: ErrorDefinition = {
  name: "refused_at_service",
  status: 400,
  error: "access_denied",
  text: "The service says that access was refused, so nothing was handed over.",
  advice: "If that was a mistake, go back to the app and log in again.",
};

export const opener_lost: ErrorDefinition = {
  name: "opener_lost",
  status: 400,
  error: "access_denied",
  text: "The app's window can no longer be reached, so nothing was handed over.",
  advice: "Go back to the app and log in again.",
};

// The token request.
export const unsupported_grant_type: ErrorDefinition = {
  name: "unsupported_grant_type",
  status: 400,
  error: "unsupported_grant_type",
  text: "grant_type must be authorization_code or refresh_token.",
  advice: "See RFC 6749 §4.1.3 and §6.",
};

export const client_secret_given: ErrorDefinition = {
  name: "client_secret_given",
  status: 400,
  error: "invalid_client",
  text: "Apps are public clients here and have no secret.",
  advice: "Omit client_secret or leave it empty. If a tool requires one, use the word public.",
};

export const missing_token_parameter: ErrorDefinition = {
  name: "missing_token_parameter",
  status: 400,
  error: "invalid_request",
  text: "code, client_id and code_verifier are required.",
  advice: "See RFC 6749 §4.1.3 and RFC 7636 §4.5.",
};

export const invalid_code_verifier: ErrorDefinition = {
  name: "invalid_code_verifier",
  status: 400,
  error: "invalid_grant",
  text: "code_verifier does not match the code_challenge of the authorization request.",
  advice: "Send the verifier that the challenge was made from (43 to 128 characters, RFC 7636 §4.1).",
};

export const invalid_code: ErrorDefinition = {
  name: "invalid_code",
  status: 400,
  error: "invalid_grant",
  text: "The code is unknown, damaged, expired or already used, or it belongs to another service.",
  advice: "Redeem a code once, within 60 seconds, at the token endpoint of its own service.",
};

export const code_of_other_client: ErrorDefinition = {
  name: "code_of_other_client",
  status: 400,
  error: "invalid_grant",
  text: "The code was issued to another client_id, redirect_uri or origin.",
  advice: "Send client_id and redirect_uri exactly as in the authorization request, from the same origin.",
};

export const other_user: ErrorDefinition = {
  name: "other_user",
  status: 400,
  error: "invalid_grant",
  text: "Somebody else has logged in than the user whom id_token_hint names (OpenID Connect Core §3.1.2.2).",
  advice: "Log in as that user, or omit id_token_hint.",
};

export const missing_refresh_token: ErrorDefinition = {
  name: "missing_refresh_token",
  status: 400,
  error: "invalid_request",
  text: "refresh_token and client_id are required.",
  advice: "See RFC 6749 §6.",
};

export const invalid_refresh_token: ErrorDefinition = {
  name: "invalid_refresh_token",
  status: 400,
  error: "invalid_grant",
  text: "The refresh token is unknown, damaged or expired, or it belongs to another service, client or origin.",
  advice: "Log in again.",
};

export const invalid_dpop_proof: ErrorDefinition = {
  name: "invalid_dpop_proof",
  status: 400,
  error: "invalid_dpop_proof",
  text: "The DPoP proof is missing or not valid for this request or this key (RFC 9449 §4.3).",
  advice:
    "Send one DPoP header: typ dpop+jwt, the public key as jwk, htm POST, htu this endpoint without a query, a fresh iat and jti, signed by the key of the login.",
};

export const use_dpop_nonce: ErrorDefinition = {
  name: "use_dpop_nonce",
  status: 400,
  error: "use_dpop_nonce",
  text: "The time (iat) in the DPoP proof is too far from the server's time, or its nonce is not from this provider or has expired (RFC 9449 §8).",
  advice: "Send the request again at once, with a new proof whose nonce claim is the value of the DPoP-Nonce header.",
};

export const invalid_dpop_jkt: ErrorDefinition = {
  name: "invalid_dpop_jkt",
  status: 400,
  error: "invalid_request",
  text: "dpop_jkt must be the SHA-256 thumbprint of a public key (RFC 9449 §10, RFC 7638): 43 characters of base64url.",
  advice: "Leave it out if the app needs no refresh token.",
};

export const granted_too_much: ErrorDefinition = {
  name: "granted_too_much",
  status: 400,
  error: "invalid_scope",
  text: "The service granted more than the user was shown, so the token was not handed over.",
  advice: "Request every scope that the app needs, so that the user sees it.",
};

export const service_refused_scope: ErrorDefinition = {
  name: "service_refused_scope",
  status: 400,
  error: "invalid_scope",
  text: "The service does not know a scope that the app requested, or does not grant it to this auth provider.",
  advice: "Request other scopes, or ask the owner of this provider to enable them in the service's settings.",
};

// Revocation and profile.
export const unsupported_token_type: ErrorDefinition = {
  name: "unsupported_token_type",
  status: 400,
  error: "unsupported_token_type",
  text: "The service cannot revoke a single token (RFC 7009 §2.2.1). It can end every app's access at once, or nothing.",
  advice: "Forget the token, and show the user the service's manage_url from /services.json.",
};

export const missing_token: ErrorDefinition = {
  name: "missing_token",
  status: 400,
  error: "invalid_request",
  text: "token is required.",
  advice: "See RFC 7009 §2.1.",
};

export const token_in_url: ErrorDefinition = {
  name: "token_in_url",
  status: 400,
  error: "invalid_request",
  text: "An access token must not be sent in a URL, because URLs are written to logs (RFC 6750 §5.3).",
  advice: "Send it as Authorization: Bearer, and treat this token as leaked.",
};

export const invalid_token: ErrorDefinition = {
  name: "invalid_token",
  status: 401,
  error: "invalid_token",
  text: "The access token is missing, malformed, expired or revoked.",
  advice: "Send Authorization: Bearer with an access token of this service, or log in again.",
};

export const insufficient_scope: ErrorDefinition = {
  name: "insufficient_scope",
  status: 403,
  error: "insufficient_scope",
  text: "The service does not let this access token read the profile.",
  advice:
    "Request the scope that the service requires, often openid or profile. If the service limits requests, try again later.",
};

export const no_userinfo: ErrorDefinition = {
  name: "no_userinfo",
  status: 404,
  error: "invalid_request",
  text: "This auth provider knows no userinfo endpoint for that service.",
  advice: "Use the service's own API.",
};

export const no_id_tokens: ErrorDefinition = {
  name: "no_id_tokens",
  status: 404,
  error: "invalid_request",
  text: "This auth provider issues no ID tokens for that service, so there are no keys to verify them with.",
  advice: "The owner can make a key with npm run add-key, for services that identify a user for ever.",
};

export const unknown_user: ErrorDefinition = {
  name: "unknown_user",
  status: 502,
  error: "server_error",
  text: "The service did not say in a usable form who the user is, so there is no ID token.",
  advice: "Try again in a minute. If it happens again, tell the owner of this auth provider.",
};

// The service's answers.
export const not_installed: ErrorDefinition = {
  name: "not_installed",
  status: 400,
  error: "access_denied",
  text: "This auth provider's app at the service is not installed on any account that you can reach, so nothing there is open to it.",
  advice: "Install it at the service, choose what it may use, and log in again.",
};

export const service_refused_grant: ErrorDefinition = {
  name: "service_refused_grant",
  status: 400,
  error: "invalid_grant",
  text: "The service rejected the code or refresh token: it has expired, was revoked or was already used.",
  advice: "Log in again.",
};

export const service_refused_provider: ErrorDefinition = {
  name: "service_refused_provider",
  status: 502,
  error: "server_error",
  text: "The service rejected this auth provider's credentials or redirect URI.",
  advice: "The owner should compare client identifier, client secret and redirect URI with the service's settings.",
};

export const service_unreachable: ErrorDefinition = {
  name: "service_unreachable",
  status: 502,
  error: "temporarily_unavailable",
  text: "The service cannot be reached at the moment.",
  advice: "Try again in a minute.",
};

export const service_too_slow: ErrorDefinition = {
  name: "service_too_slow",
  status: 504,
  error: "temporarily_unavailable",
  text: "The service did not answer in time.",
  advice: "Try again in a minute.",
};

export const service_failed: ErrorDefinition = {
  name: "service_failed",
  status: 502,
  error: "temporarily_unavailable",
  text: "The service failed to answer.",
  advice: "Try again in a minute.",
};

export const service_unintelligible: ErrorDefinition = {
  name: "service_unintelligible",
  status: 502,
  error: "server_error",
  text: "The service's answer is not a token response.",
  advice: "Try again in a minute. If it happens again, tell the owner of this auth provider.",
};

export const broken: ErrorDefinition = {
  name: "broken",
  status: 500,
  error: "server_error",
  text: "Something went wrong in this auth provider.",
  advice: "Try again. If it happens again, tell its owner.",
};
