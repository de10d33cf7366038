import { isExpiry } from "../../shared/expiry.ts";

/** The errors of this client. All other codes are the auth provider's (RFC 6749 §4.1.2.1, §5.2). */
export type ClientErrorCode =
  | "closed"
  | "popup_blocked"
  | "superseded"
  | "timeout"
  | "unreachable"
  | "no_provider"
  | "unknown_service"
  | "invalid_response"
  | "wrong_issuer"
  | "insecure_context"
  | "storage_unavailable"
  | "logged_out"
  | "session_expired"
  | "no_id_token"
  | "id_token_expired"
  | "use_dpop_nonce"
  | "revocation_failed";

const messages: Record<ClientErrorCode, string> = {
  closed:
    "The login window was closed before the login finished. A login that continues in another window still works.",
  popup_blocked: "The browser blocked the login window. Allow popups for this page and try again.",
  superseded: "A newer login has replaced this one.",
  timeout: "There was no response in time. Try again.",
  unreachable: "The auth provider could not be reached. Check your internet connection and try again.",
  no_provider: "The address of the auth provider is unknown. Set authProvider to its origin.",
  unknown_service: "The auth provider does not offer this service.",
  invalid_response: "The response from the auth provider is invalid.",
  wrong_issuer: "The response came from a different issuer than expected (RFC 9207).",
  insecure_context: "Logging in works only on https pages and on localhost.",
  storage_unavailable:
    "This browser blocks cookies and stored data, which a login needs. Allow them for this page and for the auth provider, and try again.",
  logged_out: "Nobody is logged in.",
  session_expired: "The login has expired. Log in again.",
  no_id_token: "There is no ID token, because the app did not ask for the scope openid.",
  id_token_expired: "The ID token has expired and cannot be renewed now. Log in again to get a new one.",
  use_dpop_nonce:
    "The auth provider rejected this browser's proof as too old. The clock of this computer may be wrong.",
  revocation_failed: "You are logged out here, but the token could not be revoked at the service and may still work.",
};

/**
 * A code of this client, or one that the auth provider sent (`access_denied`, `temporarily_unavailable`, …). `expired`: nobody
 * said no, but the time was over.
 */
export type AuthErrorCode = ClientErrorCode | "access_denied" | "expired" | (string & {});

/** Every error of this module: `code` for programs, `message` for people. */
export class AuthError extends Error {
  override readonly name = "AuthError";
  readonly code: AuthErrorCode;
  /** The HTTP status of the auth provider's answer, where there was one. */
  readonly status: number | undefined;

  constructor(code: AuthErrorCode, message: string, options: ErrorOptions & { status?: number } = {}) {
    super(message, options);
    this.code = code;
    this.status = options.status;
  }
}

/** An error in a form that can be stored. */
export interface StoredError {
  code: AuthErrorCode;
  message: string;
  status?: number;
}

/** An error of this client, with its message. */
export function clientError(code: ClientErrorCode, cause?: unknown): AuthError {
  return new AuthError(code, messages[code], cause === undefined ? {} : { cause });
}

const expiredMessage = "The login was not finished in time, so this page received nothing. Log in again.";
const deniedMessage = "Access was denied. This page received nothing.";

/** An error response of the auth provider (RFC 6749 §4.1.2.1, §5.2). */
export function responseError(error: string, description: unknown, status?: number): AuthError {
  if (isExpiry(description)) return new AuthError("expired", expiredMessage);
  const described = typeof description === "string" && description !== "" ? description : error;
  const message = error === "access_denied" ? deniedMessage : described;
  return new AuthError(error, message, status === undefined ? {} : { status });
}

export function hasCode(error: unknown, code: AuthErrorCode): boolean {
  return error instanceof AuthError && error.code === code;
}
