import type { ServiceRecord } from "../../../catalogue/schema.ts";
import { isPlaceholder } from "../../../server/provider/placeholder.ts";
import type { Entry, NamedEntry } from "./entry.ts";

/** The catalogue's record, overridden by the owner's entry. */
export type Settings = { [Key in keyof (ServiceRecord & Entry)]?: (ServiceRecord & Entry)[Key] | undefined };

export function mergeSettings({ entry, record }: NamedEntry): Settings {
  return {
    ...inheritedFrom(record, entry),
    ...entry,
    ...defined({ token_endpoint: entry.token_endpoint ?? entry.url ?? record?.token_endpoint }),
    scope_descriptions: { ...record?.scope_descriptions, ...entry.scope_descriptions },
    authorization_parameters: { ...record?.authorization_parameters, ...entry.authorization_parameters },
    token_parameters: { ...record?.token_parameters, ...entry.fields, ...entry.token_parameters },
    token_error_codes: { ...record?.token_error_codes, ...entry.token_error_codes },
  };
}

/**
 * The part of the record that still applies. An owner with other endpoints (a self-managed GitLab) has another issuer.
 * Madata's root is only for fixed public endpoints, unless the owner sets it explicitly. The old format's `url` comes from
 * Madata, so it changes nothing here.
 */
function inheritedFrom(record: ServiceRecord | undefined, entry: Entry): Partial<ServiceRecord> {
  if (record === undefined) return {};
  const { authorization_endpoint = record.authorization_endpoint, token_endpoint = record.token_endpoint } = entry;
  const ownEndpoints =
    authorization_endpoint !== record.authorization_endpoint || token_endpoint !== record.token_endpoint;
  if (!ownEndpoints) return withOwnProfile(record, entry);

  // Tokens of one host must not be sent to another, so its other endpoints do not apply either.
  const {
    issuer,
    authorization_response_iss_parameter_supported,
    manage_url,
    refresh_request,
    revocation_endpoint,
    grant_revocation_endpoint,
    userinfo_endpoint,
    installation,
    email_verified,
    ...others
  } = record;
  return { ...others, madata: false };
}

/** What the catalogue knows about checked addresses is about its own userinfo endpoint and claims, and no others. */
function withOwnProfile(record: ServiceRecord, entry: Entry): Partial<ServiceRecord> {
  const isOwn = entry.userinfo_endpoint ?? entry.userinfo_request ?? entry.userinfo_claims;
  if (isOwn === undefined) return record;
  const { email_verified, ...others } = record;
  return others;
}

/** The environment overrides the file, even with a placeholder, because it also does at run time. */
export function configuredValue(fromEnvironment: string | undefined, fromFile: string | undefined): string | undefined {
  const value = fromEnvironment || fromFile;
  return value === undefined || isPlaceholder(value) ? undefined : value;
}

/** Removes the members that are `undefined`. */
export function defined<T extends object>(object: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
