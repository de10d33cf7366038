import type { ErrorFormat } from "./errors.ts";
import { CORS_JSON_HEADERS } from "./headers.ts";

/** For endpoints that apps call: JSON that any origin can read (RFC 6749 §5.2). */
export const jsonErrors: ErrorFormat = {
  toResponse({ status, error, description, nonce }, _request, allow) {
    // RFC 6750 §3.1. The token endpoint never answers 401: clients would report the challenge instead of the error.
    const challenge = status === 401 ? { "WWW-Authenticate": `Bearer error="${error}"` } : {};
    const dpop = nonce === undefined ? {} : { "DPoP-Nonce": nonce };
    const headers = { ...CORS_JSON_HEADERS, ...allow, ...challenge, ...dpop };
    return new Response(JSON.stringify({ error, error_description: description }), { status, headers });
  },
};
