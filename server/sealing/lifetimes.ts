import type { SealedKind } from "./transaction.ts";

/** How long everything that we seal is valid, and the cookies that keep a login together. */

/** The lifetime of each kind of sealed value. */
export const LIFETIME_SECONDS: Record<SealedKind, number> = {
  /** The start page and the waiting window: until the user clicks. */
  request: 600,
  /** A login in progress: until the user comes back from the service. */
  state: 900,
  /** The question: until the user answers. A service's code may end earlier (`ticketLifetimeSeconds`). */
  ticket: 600,
  /** The app's authorization code. RFC 6749 §4.1.2 recommends ten minutes at most. */
  code: 60,
  /** The app's refresh token, from the login on. Neither use nor rotation extends it. */
  refresh: 90 * 24 * 3_600,
  /** The nonce of a DPoP proof (RFC 9449 §8). */
  nonce: 60,
};

/** The clocks of two function instances may differ by this much. */
export const CLOCK_TOLERANCE_SECONDS = 30;

/** From the start of a login to its last step in the same browser, if every step is taken at the last moment. */
export const LONGEST_LOGIN_SECONDS = (["request", "state", "ticket"] as const)
  .map((kind) => LIFETIME_SECONDS[kind] + CLOCK_TOLERANCE_SECONDS)
  .reduce((sum, seconds) => sum + seconds);

/**
 * The lifetime of cookies. Each start of a login sets them again, so later steps need not. Twice the longest login: an
 * answer that is late is then rejected as expired, which the waiting app hears, and not as another browser's.
 */
export const COOKIE_LIFETIME_SECONDS = 2 * LONGEST_LOGIN_SECONDS;

/** When a value that is sealed now expires, in seconds since 1970. */
export function expiryOf(kind: SealedKind): number {
  return nowSeconds() + LIFETIME_SECONDS[kind];
}

/** How long the user has to answer: at most until the service's own code expires. */
export function ticketLifetimeSeconds({ codeLifetimeSeconds }: { codeLifetimeSeconds?: number }): number {
  return Math.min(LIFETIME_SECONDS.ticket, codeLifetimeSeconds ?? LIFETIME_SECONDS.ticket);
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
