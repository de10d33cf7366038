import type { Audience } from "../endpoint.ts";
import { CORS_JSON_HEADERS } from "./headers.ts";

/** Programs, on any origin: always JSON (RFC 6749 §5.2). */
export const app: Audience = {
  errorResponse({ status, error, description, nonce }, _request, allow) {
    // RFC 6750 §3.1. Not at the token endpoint, where clients would then show the challenge in place of the error.
    const challenge = status === 401 ? { "WWW-Authenticate": `Bearer error="${error}"` } : {};
    const dpop = nonce === undefined ? {} : { "DPoP-Nonce": nonce };
    const headers = { ...CORS_JSON_HEADERS, ...allow, ...challenge, ...dpop };
    return new Response(JSON.stringify({ error, error_description: description }), { status, headers });
  },
};
