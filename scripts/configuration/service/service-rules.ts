import { loadCatalogue } from "../../../catalogue/load.ts";
import type { Service } from "../../../server/provider/service.ts";
import { type Fault, pathOf } from "../issues.ts";
import { servicesFile } from "../files/file-names.ts";
import { nearestOf } from "../nearest.ts";
import type { Entry } from "./entry.ts";

/** The rules that no field can keep or break by itself: they are about what the settings of a service come to. */

export function faultsOfService(service: Service, entry: Entry): Fault[] {
  const pathTo = (field: string) => pathOf(servicesFile, [service.key, field]);
  const faults: Fault[] = [];
  if (entry.url !== undefined && entry.token_endpoint !== undefined && entry.url !== entry.token_endpoint) {
    const reason = '"url" is the old name of "token_endpoint", and the two differ';
    faults.push({ path: pathTo("url"), reason, advice: 'Delete "url".' });
  }
  // Without it there is nothing to compare, and the check would pass for everybody [A50].
  if (service.issuerRequired && service.issuer === undefined) {
    const advice = 'Write "issuer": "https://…", or delete "authorization_response_iss_parameter_supported".';
    faults.push({ path: pathTo("issuer"), reason: "is missing, although the service promises iss", advice });
  }
  if (service.tokenRequest?.method === "GET" && service.tokenEndpointAuthMethod === "client_secret_post") {
    const reason = "GET would put the client secret into a URL, which is logged on the way";
    const advice = 'Write "token_endpoint_auth_method": "client_secret_basic", or delete "method".';
    faults.push({ path: pathTo("token_request"), reason, advice });
  }
  const refusedScope = service.defaultScopes.find((scope) => service.allowedScopes?.includes(scope) === false);
  if (refusedScope !== undefined) {
    const reason = `leaves out "${refusedScope}", which is asked for by default`;
    const advice = `Add "${refusedScope}", or write "default_scopes": ${JSON.stringify(service.allowedScopes)}.`;
    faults.push({ path: pathTo("allowed_scopes"), reason, advice });
  }
  return faults;
}

export function faultOfMissingTokenEndpoint(key: string): Fault {
  const catalogued = [...loadCatalogue().values()].map((record) => record.key);
  const nearest = nearestOf(key, catalogued);
  return {
    path: pathOf(servicesFile, [key, "token_endpoint"]),
    reason: `is missing, and the catalogue does not know "${key}"`,
    advice: nearest ? `Did you mean "${nearest}"?` : 'Write "token_endpoint": "https://…".',
  };
}
