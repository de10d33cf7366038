import { isObject, isText } from "../page/values.ts";
import { clientError } from "./errors.ts";
import type { Address } from "./provider.ts";
import { clientId, issuer } from "./provider.ts";

/** A signed statement of the auth provider about who the user is, for one app (OpenID Connect Core §2). */
export interface IdToken {
  idToken: string;
  /** Milliseconds since 1970, by this computer's clock, which may be wrong. */
  idTokenExpiresAtMs: number;
}

/**
 * Reads the ID token of a token response. It has come from the token endpoint itself, so TLS takes the place of checking the
 * signature (§3.1.3.7 point 6). Whoever gets it from this app must check that.
 *
 * @throws {AuthError} `invalid_response` for a token of another issuer or for another app (§3.1.3.7 points 2 and 3)
 */
export function readIdToken(idToken: string, address: Address): IdToken {
  const { iss, aud, iat, exp } = readPayload(idToken);
  const isOurs = iss === issuer(address) && aud === clientId();
  if (!isOurs || typeof iat !== "number" || typeof exp !== "number") throw clientError("invalid_response");
  return { idToken, idTokenExpiresAtMs: Date.now() + (exp - iat) * 1_000 };
}

/** Only ASCII is of interest here, so the bytes need no decoding. */
function readPayload(idToken: string): Record<string, unknown> {
  try {
    const payload = idToken.split(".")[1] ?? "";
    const claims: unknown = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    return isObject(claims) ? claims : {};
  } catch {
    return {};
  }
}

/** Whether a stored value can be that of an ID token, or of none. */
export function isIdTokenOrNone({ idToken, idTokenExpiresAtMs }: Record<string, unknown>): boolean {
  return idToken === undefined || (isText(idToken) && typeof idTokenExpiresAtMs === "number");
}
