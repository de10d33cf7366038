import { EmbeddedJWK } from "jose/jwk/embedded";
import { calculateJwkThumbprint } from "jose/jwk/thumbprint";
import { jwtVerify } from "jose/jwt/verify";
import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import type { ServiceContext } from "../provider/provider.ts";
import { seal, unseal } from "../sealing/seal.ts";
import { DPOP_ALGORITHMS } from "./dpop-algorithms.ts";

/**
 * DPoP (RFC 9449): the app proves that it has the key that its refresh token is bound to, so a stolen refresh token is
 * useless. Access tokens belong to the service, so we cannot bind them.
 */

/**
 * Without a nonce, `iat` must show that the proof is new. Clocks that are set over the network differ by a few seconds,
 * and a proof is sent soon after it is signed: a minute is twice the time limit of our own client. An app with another
 * time is not rejected but gets a nonce.
 */
const MAX_AGE_SECONDS = 60;
const MAX_AHEAD_SECONDS = 5;

const MAX_PROOF_CHARACTERS = 8_192;

/**
 * Checks the request's proof and returns the thumbprint of its key; `undefined` if there is no proof.
 *
 * @param endpoint the address of our endpoint from configuration, because the caller can write any Host
 * @throws {OAuthError} `invalid_dpop_proof`, `use_dpop_nonce`
 */
export async function readDpopProof(
  request: Request,
  endpoint: string,
  context: ServiceContext,
): Promise<string | undefined> {
  const proof = request.headers.get("dpop");
  if (proof === null) return undefined;
  if (proof.length > MAX_PROOF_CHARACTERS) throw new OAuthError(errors.invalid_dpop_proof);
  const verified = await verifyProof(proof, request.method, endpoint);
  if (!verified) throw new OAuthError(errors.invalid_dpop_proof);
  // Checked last, but before the grant: a retry with the nonce must find the code still unused.
  if (!isNew(verified, context)) throw new OAuthError(errors.use_dpop_nonce, undefined, seal("nonce", {}, context));
  return verified.thumbprint;
}

interface VerifiedProof {
  thumbprint: string;
  iat: number;
  nonce: unknown;
}

/** All checks of RFC 9449 §4.3 except the time. `undefined`: the proof is not valid. */
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
 * Whether the proof was made just now. A proof with a valid nonce was, whatever the app's clock says: we seal nonces, they
 * expire soon (RFC 9449 §8), and nobody can have one in advance. Replay is not tracked, because nothing is stored here. As
 * long as a proof is new, it works again, but only at this endpoint and together with the code or refresh token.
 */
function isNew({ iat, nonce }: VerifiedProof, context: ServiceContext): boolean {
  if (nonce !== undefined) return typeof nonce === "string" && unseal("nonce", nonce, context)?.expired === false;
  const ageSeconds = Date.now() / 1_000 - iat;
  return -MAX_AHEAD_SECONDS <= ageSeconds && ageSeconds <= MAX_AGE_SECONDS;
}

/** RFC 9449 §4.3: `htu` is compared after normalisation, without query and fragment. */
function withoutQuery(htu: string): string {
  const url = new URL(htu);
  return url.origin + url.pathname;
}
