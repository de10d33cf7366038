import { calculateJwkThumbprint } from "jose/jwk/thumbprint";
import { EmbeddedJWK } from "jose/jwk/embedded";
import { jwtVerify } from "jose/jwt/verify";
import { DPOP_ALGORITHMS } from "./dpop-algorithms.ts";
import { OAuthError } from "./errors.ts";
import * as reasons from "./reasons.ts";

/**
 * DPoP (RFC 9449): the app proves that it holds the key that its refresh token is bound to, so that a stolen refresh
 * token is worth nothing [A29]. Access tokens are the service's own and cannot be bound by us.
 */

/** A proof is good for as long before and after its `iat`: clocks of users' computers go wrong. */
const PROOF_TOLERANCE_SECONDS = 300;

const MAX_PROOF_CHARACTERS = 8_192;

/**
 * The thumbprint of the key that signed the request's proof; `undefined` when there is no proof.
 *
 * @param endpoint our own address of the endpoint, from configuration: the request's Host could be anybody's
 * @throws {OAuthError} `invalid_dpop_proof`
 */
export async function readDpopProof(request: Request, endpoint: string): Promise<string | undefined> {
  const proof = request.headers.get("dpop");
  if (proof === null) return undefined;
  if (proof.length > MAX_PROOF_CHARACTERS) throw new OAuthError(reasons.invalid_dpop_proof);
  try {
    return await verifyProof(proof, request.method, endpoint);
  } catch {
    throw new OAuthError(reasons.invalid_dpop_proof);
  }
}

/** RFC 9449 §4.3. Replay is not tracked, since nothing is stored here: a proof is good for this endpoint only, for a
 * few minutes, and only together with the code or refresh token. */
async function verifyProof(proof: string, method: string, endpoint: string): Promise<string> {
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
    typ: "dpop+jwt",
    algorithms: DPOP_ALGORITHMS,
    requiredClaims: ["jti", "htm", "htu", "iat"],
  });
  const { jti, htm, htu } = payload;
  if (typeof jti !== "string" || htm !== method) throw new Error("other request");
  if (typeof htu !== "string" || withoutQuery(htu) !== endpoint) throw new Error("other endpoint");
  if (Math.abs(Date.now() / 1_000 - payload.iat!) > PROOF_TOLERANCE_SECONDS) throw new Error("other time");
  return await calculateJwkThumbprint(protectedHeader.jwk!, "sha256");
}

/** RFC 9449 §4.3: compared after normalisation, without query and fragment. */
function withoutQuery(htu: string): string {
  const url = new URL(htu);
  return url.origin + url.pathname;
}
