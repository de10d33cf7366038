/** What can go wrong here, in the browser. Everything else is an error code of OAuth (RFC 6749 §4.1.2.1, §5.2). */
const explanations = {
  closed: "The login window was closed before the login was finished. If it goes on elsewhere, it will still count.",
  popup_blocked: "The browser blocked the login window. Allow popups for this page, and try again.",
  superseded: "Another login was started after this one.",
  timeout: "There was no answer in time. Try again.",
  unreachable: "The auth provider could not be reached. Check the connection to the internet, and try again.",
  no_provider: "The address of the auth provider is not known. Set authProvider to its origin.",
  unknown_service: "The auth provider does not offer this service.",
  invalid_response: "The auth provider gave an answer that makes no sense.",
  wrong_issuer: "The answer does not come from the service that was asked (RFC 9207).",
  insecure_context: "Logging in needs a page on https, or on this computer.",
  storage_unavailable: "The browser does not let this page keep anything, so a login cannot leave the page and return.",
  logged_out: "Nobody is logged in.",
  session_expired: "The login has expired. Please log in again.",
  use_dpop_nonce:
    "The auth provider takes this browser's proof for an old one. The clock of this computer may be wrong.",
  revocation_failed: "You are logged out here, but the service could not be told, so the token is still good there.",
} as const;

export type ClientErrorCode = keyof typeof explanations;

/** A code of this client, or one that the auth provider sent (`access_denied`, `temporarily_unavailable`, …). */
export type AuthErrorCode = ClientErrorCode | "access_denied" | (string & {});

/** Every failure: `code` for programs, `message` for people. */
export class AuthError extends Error {
  override readonly name = "AuthError";
  readonly code: AuthErrorCode;
  /** The HTTP status of the auth provider's answer, where there was one. */
  readonly status: number | undefined;

  constructor(code: AuthErrorCode, message: string, { status, ...options }: ErrorOptions & { status?: number } = {}) {
    super(message, options);
    this.code = code;
    this.status = status;
  }
}

/** What of an error outlives the page. */
export interface Problem {
  code: AuthErrorCode;
  message: string;
  status?: number;
}

/** One of our own errors, with its explanation. */
export function failure(code: ClientErrorCode, cause?: unknown): AuthError {
  return new AuthError(code, explanations[code], cause === undefined ? {} : { cause });
}

const refusedText = "The answer was no: this page got nothing.";

/** An error response (RFC 6749 §4.1.2.1, §5.2) as one of ours. */
export function refusal(error: string, description: unknown, status?: number): AuthError {
  const explained = typeof description === "string" && description !== "" ? description : error;
  const message = error === "access_denied" ? refusedText : explained;
  return new AuthError(error, message, status === undefined ? {} : { status });
}

export function isFailure(error: unknown, code: AuthErrorCode): boolean {
  return error instanceof AuthError && error.code === code;
}
