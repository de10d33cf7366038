import { EmbeddedJWK } from "jose/jwk/embedded";
import { calculateJwkThumbprint } from "jose/jwk/thumbprint";
import { jwtVerify } from "jose/jwt/verify";
import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import type { SealingContext } from "../sealing/seal.ts";
import { seal, unseal } from "../sealing/seal.ts";
import { DPOP_ALGORITHMS } from "./dpop-algorithms.ts";

/**
 * DPoP (RFC 9449): the app proves that it holds the key that its refresh token is bound to, so that a stolen refresh
 * token is worth nothing [A29]. Access tokens are the service's own and cannot be bound by us.
 */

/**
 * Without a nonce, `iat` has to say that the proof is new. Clocks that are set over the network agree to within some
 * seconds, and whoever signs one sends it soon: a minute is two of our own client's time limits for a request. Other
 * clocks are not refused, but given a nonce.
 */
const MAX_AGE_SECONDS = 60;
const MAX_AHEAD_SECONDS = 5;

const MAX_PROOF_CHARACTERS = 8_192;

/**
 * The thumbprint of the key that signed the request's proof; `undefined` when there is no proof.
 *
 * @param endpoint our own address of the endpoint, from configuration: the request's Host could be anybody's
 * @throws {OAuthError} `invalid_dpop_proof`, `use_dpop_nonce`
 */
export async function readDpopProof(
  request: Request,
  endpoint: string,
  context: SealingContext,
): Promise<string | undefined> {
  const proof = request.headers.get("dpop");
  if (proof === null) return undefined;
  if (proof.length > MAX_PROOF_CHARACTERS) throw new OAuthError(reasons.invalid_dpop_proof);
  const verified = await verifyProof(proof, request.method, endpoint);
  if (!verified) throw new OAuthError(reasons.invalid_dpop_proof);
  // Last, and before anything is looked at that the request is about: nothing else in it is used up or told.
  if (!isNew(verified, context)) throw new OAuthError(reasons.use_dpop_nonce, undefined, seal("nonce", {}, context));
  return verified.thumbprint;
}

interface VerifiedProof {
  thumbprint: string;
  iat: number;
  nonce: unknown;
}

/** RFC 9449 §4.3, all but the time. `undefined`: it does not hold. */
async function verifyProof(proof: string, method: string, endpoint: string): Promise<VerifiedProof | undefined> {
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: "dpop+jwt",
      algorithms: DPOP_ALGORITHMS,
      requiredClaims: ["jti", "htm", "htu", "iat"],
    });
    const { jti, htm, htu, iat, nonce } = payload;
    if (typeof jti !== "string" || htm !== method) return undefined;
    if (typeof htu !== "string" || withoutQuery(htu) !== endpoint) return undefined;
    return { thumbprint: await calculateJwkThumbprint(protectedHeader.jwk!, "sha256"), iat: iat!, nonce };
  } catch {
    return undefined;
  }
}

/**
 * Whether the proof was made for now. With a nonce of ours, which is sealed and ends soon (RFC 9449 §8), it was, whatever
 * the clock of its computer says: nobody else can make one, and nobody can have it in advance. Replay is not tracked,
 * since nothing is stored here: for as long as a proof is new it is good again, for this endpoint and together with the
 * code or refresh token.
 */
function isNew({ iat, nonce }: VerifiedProof, context: SealingContext): boolean {
  if (nonce !== undefined) return typeof nonce === "string" && unseal("nonce", nonce, context)?.expired === false;
  const ageSeconds = Date.now() / 1_000 - iat;
  return -MAX_AHEAD_SECONDS <= ageSeconds && ageSeconds <= MAX_AGE_SECONDS;
}

/** RFC 9449 §4.3: compared after normalisation, without query and fragment. */
function withoutQuery(htu: string): string {
  const url = new URL(htu);
  return url.origin + url.pathname;
}
