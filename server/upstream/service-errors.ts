import * as errors from "../answers/error-catalogue.ts";
import type { ErrorDefinition } from "../answers/errors.ts";

/**
 * Error codes of an authorization response that mean a failure (RFC 6749 §4.1.2.1, and codes that some services add).
 * They are only compared and never repeated: anybody can send a browser here with any code.
 */
const FAILURES = new Map<string, ErrorDefinition>([
  ["invalid_scope", errors.service_refused_scope],
  ["invalid_request", errors.service_refused_provider],
  ["invalid_client", errors.service_refused_provider],
  ["unauthorized_client", errors.service_refused_provider],
  ["unsupported_response_type", errors.service_refused_provider],
  ["redirect_uri_mismatch", errors.service_refused_provider],
  ["application_suspended", errors.service_refused_provider],
  ["server_error", errors.service_failed],
  ["temporarily_unavailable", errors.service_failed],
]);

/** `undefined` for `access_denied` and every other code: the user was asked and did not agree. */
export function errorReportedByService(code: string): ErrorDefinition | undefined {
  return FAILURES.get(code);
}
