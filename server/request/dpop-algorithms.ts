/** The signature algorithms that a DPoP proof may use (RFC 9449 §5.1): asymmetric ones only. */
export const DPOP_ALGORITHMS = ["ES256", "ES384", "ES512", "Ed25519", "EdDSA", "PS256", "RS256"];
