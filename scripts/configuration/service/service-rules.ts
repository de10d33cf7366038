import { loadCatalogue } from "../../../catalogue/load.ts";
import unsupported from "../../../catalogue/unsupported.json" with { type: "json" };
import type { Service } from "../../../server/provider/service.ts";
import { servicesFile } from "../files/file-names.ts";
import { idOf } from "../files/keys.ts";
import { type Issue, pathOf } from "../issues.ts";
import { findNearest } from "../nearest.ts";
import type { Entry } from "./entry.ts";

/** Rules about combinations of settings, which the schema of a single field cannot check. */

export function serviceIssues(service: Service, entry: Entry): Issue[] {
  const pathTo = (field: string) => pathOf(servicesFile, [service.key, field]);
  const issues: Issue[] = [];
  if (entry.url !== undefined && entry.token_endpoint !== undefined && entry.url !== entry.token_endpoint) {
    const message = '"url" is the old name of "token_endpoint", and the two differ';
    issues.push({ path: pathTo("url"), message, advice: 'Delete "url".' });
  }
  // Without an issuer there is nothing to compare iss with, so a forged response would pass.
  if (service.issuerRequired && service.issuer === undefined) {
    const advice = 'Write "issuer": "https://…", or delete "authorization_response_iss_parameter_supported".';
    issues.push({ path: pathTo("issuer"), message: "is missing, although the service is said to send iss", advice });
  }
  if (service.tokenRequest?.method === "GET" && service.tokenEndpointAuthMethod === "client_secret_post") {
    const message = "GET would put the client secret into a URL, and servers log URLs";
    const advice = 'Write "token_endpoint_auth_method": "client_secret_basic", or delete "method".';
    issues.push({ path: pathTo("token_request"), message, advice });
  }
  if (service.refreshForEveryApp && entry.refresh_without_dpop === false) {
    const message = 'includes "refresh_without_dpop", which is false';
    issues.push({ path: pathTo("refresh_for_every_app"), message, advice: "Delete one of the two." });
  }
  const missingScope = service.defaultScopes.find((scope) => service.allowedScopes?.includes(scope) === false);
  if (missingScope !== undefined) {
    const message = `does not include "${missingScope}", which is requested by default`;
    const advice = `Add "${missingScope}", or write "default_scopes": ${JSON.stringify(service.allowedScopes)}.`;
    issues.push({ path: pathTo("allowed_scopes"), message, advice });
  }
  const { defaultScopes, scopesWithoutLimit } = service;
  if (scopesWithoutLimit && defaultScopes.every((scope) => scopesWithoutLimit.includes(scope))) {
    const message = `has no scope that limits what a token can do, so ${service.name} would grant everything`;
    issues.push({ path: pathTo("default_scopes"), message, advice: "Add a scope, or delete the field." });
  }
  return [...issues, ...appSlugIssues(service, entry)];
}

/** The owner means an app that people install, and the client ID belongs to another kind, which could reach more. */
function appSlugIssues(service: Service, { app_slug: slug }: Entry): Issue[] {
  if (slug === undefined || service.installation !== undefined || service.clientId === "") return [];
  const path = pathOf(servicesFile, [service.key, "app_slug"]);
  const message = `names an app that people install at ${service.name}, but the client ID does not belong to such an app`;
  return [{ path, message, advice: 'Write the client ID of that app, or delete "app_slug".' }];
}

export function missingTokenEndpointIssue(key: string): Issue {
  const path = pathOf(servicesFile, [key, "token_endpoint"]);
  const left = Object.entries(unsupported).find(([id]) => id === idOf(key));
  if (left !== undefined) {
    const [, { name, reason }] = left;
    return {
      path,
      message: `is missing, and the catalogue does not offer ${name}`,
      advice: `${reason} Delete the entry.`,
    };
  }
  const catalogued = [...loadCatalogue().values()].map((record) => record.key);
  const nearest = findNearest(key, catalogued);
  return {
    path,
    message: `is missing, and the catalogue does not know "${key}"`,
    advice: nearest ? `Did you mean "${nearest}"?` : 'Write "token_endpoint": "https://…".',
  };
}
