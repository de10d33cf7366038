import * as reasons from "../answers/error-catalogue.ts";
import type { Reason } from "../answers/errors.ts";

/**
 * Errors of an authorization response by which services say that something is wrong (RFC 6749 §4.1.2.1, and words that
 * some add). The words are compared, never repeated: whoever sends a browser here can write them.
 */
const ERRORS = new Map<string, Reason>([
  ["invalid_scope", reasons.service_refused_scope],
  ["invalid_request", reasons.service_refused_provider],
  ["invalid_client", reasons.service_refused_provider],
  ["unauthorized_client", reasons.service_refused_provider],
  ["unsupported_response_type", reasons.service_refused_provider],
  ["redirect_uri_mismatch", reasons.service_refused_provider],
  ["application_suspended", reasons.service_refused_provider],
  ["server_error", reasons.service_failed],
  ["temporarily_unavailable", reasons.service_failed],
]);

/** What went wrong at the service; `undefined` for `access_denied` and every other word, which mean that the person was
 * asked and did not agree. */
export function faultAtService(error: string): Reason | undefined {
  return ERRORS.get(error);
}
