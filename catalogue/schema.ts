/**
 * What a record of the catalogue may say, and what an owner may say about a service in `services.json`. Used only at build
 * time. Keys are spelled as in RFC 8414 and RFC 7591 if those have a word. The descriptions become the reference
 * (docs/services-reference.md).
 */
import { z } from "zod";
import { identityFields, noteFields, pageFields } from "./schema/about.ts";
import { clientKindFields, installationFields } from "./schema/kinds.ts";
import { authorizationFields, endpointFields, loginFields } from "./schema/login.ts";
import { ownerFields } from "./schema/owner.ts";
import { registrationFields } from "./schema/registration.ts";
import { grantedScopeFields, scopeFields } from "./schema/scopes.ts";
import { refreshFields, revocationFields, tokenFields } from "./schema/tokens.ts";
import { userinfoFields } from "./schema/userinfo.ts";
import type { EndpointOptions } from "./schema/values.ts";
import { urlSchemas } from "./schema/values.ts";

export type { EndpointOptions } from "./schema/values.ts";
export { issueWithPublicValue } from "./schema/values.ts";

export type ServiceRecord = z.infer<ReturnType<typeof serviceRecordSchema>>;

/** One record of the catalogue. */
export const serviceRecordSchema = cachedByOption(buildRecordSchema);

/** A service in `services.json`: fields of the catalogue's records, and fields of the owner's. */
export const entrySchema = cachedByOption(buildEntrySchema);

/** Building a schema takes longer than using it. */
function cachedByOption<Schema>(build: (options: EndpointOptions) => Schema): (options: EndpointOptions) => Schema {
  const built = new Map<boolean, Schema>();
  return (options) => {
    const known = built.get(options.insecureLoopback) ?? build(options);
    built.set(options.insecureLoopback, known);
    return known;
  };
}

function buildRecordSchema(options: EndpointOptions) {
  const urls = urlSchemas(options);
  const record = z.strictObject({
    ...identityFields(),
    ...endpointFields(urls),
    ...scopeFields(),
    ...authorizationFields(),
    ...tokenFields(),
    ...grantedScopeFields(),
    ...refreshFields(urls),
    ...revocationFields(urls),
    ...userinfoFields(urls),
    ...installationFields(urls),
    ...loginFields(),
    ...pageFields(urls),
    ...registrationFields(),
    ...noteFields(),
  });
  return record.extend(clientKindFields(record.omit({ name: true, key: true, url_variables: true }).partial()));
}

function buildEntrySchema(options: EndpointOptions) {
  return serviceRecordSchema(options)
    .omit({ key: true, url_variables: true, client_kinds: true })
    .omit({ registration_conditions: true, redirect_uri_rules: true, sources: true })
    .partial()
    .extend(ownerFields(urlSchemas(options)));
}
