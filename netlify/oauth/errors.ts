import type { Report } from "./question.ts";

/**
 * Every way a request can fail, as a closed list: an RFC error code for programs, a status, one sentence that says what
 * is wrong and one that says what to do. The sentences are ours and constant, so nothing a caller sent is ever echoed.
 *
 * Codes: RFC 6749 §4.1.2.1 and §5.2.
 */
const REASONS = {
  // The request itself.
  wrong_method: {
    status: 405,
    error: "invalid_request",
    text: "This address does not answer to that HTTP method.",
    advice: "See the Allow header for the methods that it does answer to.",
  },
  too_large: {
    status: 413,
    error: "invalid_request",
    text: "The request is larger than anything this address needs.",
    advice: "Send only the parameters that the documentation names.",
  },
  unreadable_body: {
    status: 400,
    error: "invalid_request",
    text: "The body could not be read.",
    advice: "Send application/x-www-form-urlencoded or application/json, each parameter once and as a string.",
  },
  duplicate_parameter: {
    status: 400,
    error: "invalid_request",
    text: "A parameter was sent more than once (RFC 6749 §3.1).",
    advice: "Send each parameter once.",
  },
  oversized_parameter: {
    status: 400,
    error: "invalid_request",
    text: "A parameter is too long or contains control characters.",
    advice: "Keep state, client_id, redirect_uri and scope under 2,048 characters each.",
  },
  unexpected_parameter: {
    status: 400,
    error: "invalid_request",
    text: "This address takes no authorization code: a code was sent to it by mistake, or by somebody who hopes to have it passed on.",
    advice: "Go back to the app and log in again.",
  },
  foreign_request: {
    status: 403,
    error: "access_denied",
    text: "Only this provider's own pages may send that request.",
    advice: "Go back to the app and log in again.",
  },

  // The provider and its services.
  not_here: {
    status: 421,
    error: "temporarily_unavailable",
    text: "This copy of the auth provider is not the published one, so nobody can log in through it.",
    advice: "Use the provider's own address.",
  },
  not_configured: {
    status: 503,
    error: "server_error",
    text: "This auth provider is not set up correctly.",
    advice: "Its owner can find out why with `npm run build`, which lists every fault of the configuration.",
  },
  unknown_service: {
    status: 404,
    error: "invalid_request",
    text: "This auth provider does not offer that service.",
    advice: "Its home page and /services.json list the services that it offers.",
  },
  service_not_set_up: {
    status: 503,
    error: "server_error",
    text: "That service is not set up at this auth provider: its client identifier or client secret is missing.",
    advice: "The owner adds both to services.json and .secret.json, or as environment variables.",
  },
  service_without_authorization_endpoint: {
    status: 404,
    error: "invalid_request",
    text: "This auth provider knows no authorization endpoint for that service, so only Madata's clients can use it.",
    advice: "The owner adds authorization_endpoint to the service in services.json.",
  },

  // The app.
  invalid_client_id: {
    status: 400,
    error: "invalid_request",
    text: "client_id must be the app's own URL: https (or http on localhost, 127.0.0.1 or [::1]), in canonical form.",
    advice: "Use what the browser shows as location.origin plus a slash, for example https://app.example/.",
  },
  app_not_allowed: {
    status: 403,
    error: "unauthorized_client",
    text: "The owner of this auth provider lets only certain apps use it, and this is not one of them.",
    advice: "Ask the owner to add the app's origin to ALLOWED_APPS, or use another provider.",
  },
  invalid_redirect_uri: {
    status: 400,
    error: "invalid_request",
    text: "redirect_uri must be a canonical URL with exactly the origin of client_id, without a fragment and without parameters of an authorization response.",
    advice: "Use a page of the app itself, for example https://app.example/callback.",
  },
  unattested_redirect_uri: {
    status: 400,
    error: "invalid_request",
    text: "No page of the app is known to have started this login, and then redirect_uri may carry no query.",
    advice: "Start the login from a page of the app that sends its origin as Referer, or use a redirect URI without a query.",
  },
  unsupported_response_type: {
    status: 400,
    error: "unsupported_response_type",
    text: "response_type must be code.",
    advice: "Use the authorization code grant with PKCE (RFC 6749 §4.1, RFC 7636).",
  },
  unsupported_response_mode: {
    status: 400,
    error: "invalid_request",
    text: "response_mode must be query or web_message.",
    advice: "Leave it out for query. fragment is refused because a redirect would carry it on to another site.",
  },
  invalid_code_challenge: {
    status: 400,
    error: "invalid_request",
    text: "PKCE is required: code_challenge (43 characters, base64url) with code_challenge_method=S256.",
    advice: "See RFC 7636 §4.2; plain is not accepted.",
  },
  invalid_scope: {
    status: 400,
    error: "invalid_scope",
    text: "scope is malformed, or asks for something that the owner of this provider does not allow.",
    advice: "Separate scopes by one space and ask only for those that /services.json lists.",
  },
  invalid_app_state: {
    status: 400,
    error: "invalid_request",
    text: "The login request does not name the app's address in a form that is safe to use.",
    advice: "Go back to the app and log in again; if it happens again, tell the app's developer.",
  },
  started_elsewhere: {
    status: 400,
    error: "invalid_request",
    text: "This login was started by a page that is neither the app nor the service.",
    advice: "Open the app yourself and log in from there.",
  },

  // The login in progress.
  invalid_state: {
    status: 400,
    error: "invalid_request",
    text: "This login could not be recognised: its state is missing, damaged, or belongs to another service or provider.",
    advice: "Go back to the app and log in again.",
  },
  expired: {
    status: 400,
    error: "invalid_request",
    text: "This login took too long.",
    advice: "Go back to the app and log in again.",
  },
  other_browser: {
    status: 400,
    error: "access_denied",
    text: "This login was not started in this browser, or the browser blocks cookies.",
    advice: "Go back to the app and log in again. If it happens again, allow cookies for this provider's address.",
  },
  wrong_issuer: {
    status: 400,
    error: "invalid_request",
    text: "The answer does not come from the service that was asked (RFC 9207).",
    advice: "Go back to the app and log in again.",
  },
  no_code: {
    status: 400,
    error: "invalid_request",
    text: "The service sent neither a code nor an error.",
    advice: "Go back to the app and log in again.",
  },
  not_what_was_shown: {
    status: 400,
    error: "access_denied",
    text: "What the page showed is not what was asked for, so nothing was handed over.",
    advice: "Close this window. Open the app yourself and log in from there.",
  },
  refused_at_service: {
    status: 400,
    error: "access_denied",
    text: "The service reports that access was refused, so there is nothing to hand over.",
    advice: "Go back to the app and log in again if that was a mistake.",
  },
  opener_lost: {
    status: 400,
    error: "access_denied",
    text: "The window of the app can no longer be reached, so nothing was handed over.",
    advice: "Go back to the app and log in again.",
  },

  // The token request.
  unsupported_grant_type: {
    status: 400,
    error: "unsupported_grant_type",
    text: "grant_type must be authorization_code or refresh_token.",
    advice: "See RFC 6749 §4.1.3 and §6.",
  },
  client_secret_given: {
    status: 400,
    error: "invalid_client",
    text: "Apps are public clients here and have no secret.",
    advice: "Leave client_secret out or empty.",
  },
  missing_token_parameter: {
    status: 400,
    error: "invalid_request",
    text: "code, client_id and code_verifier are required.",
    advice: "See RFC 6749 §4.1.3 and RFC 7636 §4.5.",
  },
  invalid_code_verifier: {
    status: 400,
    error: "invalid_grant",
    text: "code_verifier does not belong to the code_challenge of the authorization request.",
    advice: "Send the verifier that the challenge was made from (43 to 128 characters, RFC 7636 §4.1).",
  },
  invalid_code: {
    status: 400,
    error: "invalid_grant",
    text: "The code is unknown, damaged, expired or already used, or it belongs to another service.",
    advice: "Redeem a code once, within 60 seconds, at the token endpoint of its own service.",
  },
  code_of_other_client: {
    status: 400,
    error: "invalid_grant",
    text: "The code was issued to another client_id, redirect_uri or origin.",
    advice: "Send client_id and redirect_uri exactly as in the authorization request, from the same origin.",
  },

  missing_refresh_token: {
    status: 400,
    error: "invalid_request",
    text: "refresh_token and client_id are required.",
    advice: "See RFC 6749 §6.",
  },
  invalid_refresh_token: {
    status: 400,
    error: "invalid_grant",
    text: "The refresh token is unknown, damaged or expired, or it belongs to another service, client or origin.",
    advice: "Log in again.",
  },
  invalid_dpop_proof: {
    status: 400,
    error: "invalid_dpop_proof",
    text: "The DPoP proof is missing or not valid for this request, this moment or this key (RFC 9449 §4.3).",
    advice:
      "Send one DPoP header: typ dpop+jwt, the public key as jwk, htm POST, htu this endpoint without a query, a fresh iat and jti, signed by the key of the login.",
  },
  invalid_dpop_jkt: {
    status: 400,
    error: "invalid_request",
    text: "dpop_jkt must be the SHA-256 thumbprint of a public key (RFC 9449 §10, RFC 7638): 43 characters of base64url.",
    advice: "Leave it out if the app needs no refresh token.",
  },
  granted_too_much: {
    status: 400,
    error: "invalid_scope",
    text: "The service granted more than the user was shown, so the token was not handed over.",
    advice: "Ask for every scope that the app needs, so that the user can see it.",
  },

  // Revocation and profile.
  unsupported_token_type: {
    status: 400,
    error: "unsupported_token_type",
    text: "The service cannot end one token by itself (RFC 7009 §2.2.1): it could only end every app's access at once, or nothing.",
    advice: "Forget the token, and show the user the service's manage_url from /services.json.",
  },
  missing_token: {
    status: 400,
    error: "invalid_request",
    text: "token is required.",
    advice: "See RFC 7009 §2.1.",
  },
  token_in_url: {
    status: 400,
    error: "invalid_request",
    text: "An access token does not belong in a URL, which is written to logs (RFC 6750 §5.3).",
    advice: "Send it as Authorization: Bearer, and consider this one as lost.",
  },
  invalid_token: {
    status: 401,
    error: "invalid_token",
    text: "The access token is missing, malformed, expired or ended.",
    advice: "Send Authorization: Bearer with an access token of this service, or log in again.",
  },
  insufficient_scope: {
    status: 403,
    error: "insufficient_scope",
    text: "The service does not let this access token read the profile.",
    advice: "Ask for the scope that the service wants for it, often openid or profile, or try again later if it limits requests.",
  },
  no_userinfo: {
    status: 404,
    error: "invalid_request",
    text: "This auth provider does not know where that service tells who somebody is.",
    advice: "Ask the service's own API.",
  },

  // The service's answers.
  service_refused_grant: {
    status: 400,
    error: "invalid_grant",
    text: "The service does not accept the code or refresh token: it has expired, was ended or was already used.",
    advice: "Log in again.",
  },
  service_refused_provider: {
    status: 502,
    error: "server_error",
    text: "The service refuses this auth provider's own credentials or redirect URI.",
    advice: "The owner compares client identifier, client secret and redirect URI with the service's settings.",
  },
  service_unreachable: {
    status: 502,
    error: "temporarily_unavailable",
    text: "The service cannot be reached at the moment.",
    advice: "Try again in a minute.",
  },
  service_too_slow: {
    status: 504,
    error: "temporarily_unavailable",
    text: "The service did not answer in time.",
    advice: "Try again in a minute.",
  },
  service_failed: {
    status: 502,
    error: "temporarily_unavailable",
    text: "The service failed to answer.",
    advice: "Try again in a minute.",
  },
  service_unintelligible: {
    status: 502,
    error: "server_error",
    text: "The service's answer is not a token response.",
    advice: "Try again in a minute. If it happens again, tell the owner of this auth provider.",
  },
  broken: {
    status: 500,
    error: "server_error",
    text: "Something went wrong in this auth provider.",
    advice: "Try again. If it happens again, tell its owner.",
  },
} as const satisfies Record<string, { status: number; error: string; text: string; advice: string }>;

export type Reason = keyof typeof REASONS;

/** A request that ends here. `answer` names where the waiting app is told; it is set only after that place was checked. */
export class OAuthError extends Error {
  readonly reason: Reason;
  readonly answer: Report | undefined;

  constructor(reason: Reason, answer?: Report) {
    super(reason);
    this.reason = reason;
    this.answer = answer;
  }

  get status(): number {
    return REASONS[this.reason].status;
  }

  /** RFC 6749 error code. */
  get error(): string {
    return REASONS[this.reason].error;
  }

  get text(): string {
    return REASONS[this.reason].text;
  }

  get advice(): string {
    return REASONS[this.reason].advice;
  }

  /** `error_description` (RFC 6749 §5.2 allows only printable ASCII without `"` and `\`). */
  get description(): string {
    return `${this.text} ${this.advice}`.replaceAll("§", "section ").replaceAll(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, "'");
  }
}
