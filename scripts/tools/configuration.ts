/**
 * Reads and checks everything that an owner configures, at build time and in one place, so that requests do not pay
 * for it. All mistakes are reported together; a configuration with any mistake offers no service at all [A50].
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform, type TransformFailure } from "esbuild";
import { z } from "zod";
import { parseAllowedApps } from "../../netlify/oauth/app-url.ts";
import { loadCatalogue } from "../../netlify/oauth/catalogue/index.ts";
import {
  entrySchema,
  serviceRecordSchema,
  type EndpointOptions,
  type ServiceRecord,
} from "../../netlify/oauth/catalogue/schema.ts";
import { defaultVariables, fillVariables, matchesPattern } from "../../netlify/oauth/catalogue/variables.ts";
import { isPlaceholder, MIN_SECRET_CHARACTERS } from "../../netlify/oauth/placeholder.ts";
import { MIN_SEALING_KEY_CHARACTERS } from "../../netlify/oauth/provider.ts";
import type { Configuration, Service } from "../../netlify/oauth/service.ts";
import { iconPath } from "./icons.ts";
import {
  configuredValue,
  defined,
  refreshRequestOf,
  revocationOf,
  tokenRequestOf,
  tokenResponseOf,
  userinfoOf,
  type Settings,
} from "./service-settings.ts";

export interface Fault {
  /** Where: `services.json → Github.client_id`. */
  path: string;
  reason: string;
  /** What to type. */
  advice: string;
}

export interface ConfigurationReport {
  configuration: Configuration;
  faults: Fault[];
  /** Services that are not offered, and why: not mistakes. */
  notices: Fault[];
}

export interface ConfigurationSources {
  /** `services.json`, parsed. */
  services: unknown;
  /** `.secret.json`, parsed; `undefined`: there is none. */
  secrets: unknown;
  env: Readonly<Record<string, string | undefined>>;
  /** The build is for the published site. */
  production: boolean;
  /** The build runs on this computer only: http on loopback is accepted. */
  localDevelopment: boolean;
}

export interface ReadOptions {
  directory: string;
  env: Readonly<Record<string, string | undefined>>;
  localDevelopment?: boolean;
  /** Entries besides those of `services.json`: the pretend service of local development. */
  extraServices?: Record<string, unknown>;
}

type Environment = ConfigurationSources["env"];
type Entry = z.infer<ReturnType<typeof entrySchema>>;
type Variables = Record<string, string>;

interface NamedEntry {
  key: string;
  id: string;
  entry: Entry;
  record: ServiceRecord | undefined;
}

const servicesFile = "services.json";
const secretsFile = ".secret.json";

/** Inherited by every object, so a look-up of these would find something that nobody configured [A41]. */
const inheritedNames = ["__proto__", "constructor", "prototype"];

export async function readConfiguration(options: ReadOptions): Promise<ConfigurationReport> {
  const { directory, env, localDevelopment = false, extraServices } = options;
  const services = await readJson(directory, servicesFile);
  const secrets = await readJson(directory, secretsFile, { optional: true });
  const unreadable = [...services.faults, ...secrets.faults];
  if (unreadable.length > 0) return nothingUsable(unreadable, localDevelopment);

  return resolveConfiguration({
    services: isObject(services.value) ? { ...services.value, ...extraServices } : services.value,
    secrets: secrets.value,
    env,
    production: env["CONTEXT"] === "production",
    localDevelopment,
  });
}

export function resolveConfiguration(sources: ConfigurationSources): ConfigurationReport {
  const { env, production, localDevelopment } = sources;
  const entries = parseServices(sources.services, { insecureLoopback: localDevelopment });
  const secrets = parseSecrets(sources.secrets, entries.keys);
  const resolved = entries.valid.map((entry) => ({ ...resolveService(entry, env), entry }));

  const services = resolved.map(({ service }) => service).filter((service) => service !== undefined);
  const faults = [
    ...faultsOfBuild(sources),
    ...faultsOfEnvironment(env),
    ...entries.faults,
    ...resolved.flatMap((each) => each.faults),
    ...secrets.faults,
  ];
  const notices = resolved.flatMap(({ service, entry }) =>
    service === undefined ? [] : noticesOf(service, entry, secrets.byId, env),
  );
  if (faults.length > 0) return nothingUsable(faults, localDevelopment, notices);

  // A preview build gets no secret: its code may be anybody's pull request [A11].
  const builtIn = production || localDevelopment ? secrets.byId : {};
  return { configuration: { services, secrets: builtIn, localDevelopment }, faults, notices };
}

export function formatFaults(faults: Fault[]): string {
  return faults.map(({ path, reason, advice }) => `${path}\n  ${reason}\n  → ${advice}`).join("\n\n");
}

/** With faults, nothing may be used: neither the faulty part nor the rest, whose meaning may depend on it [A50]. */
function nothingUsable(faults: Fault[], localDevelopment: boolean, notices: Fault[] = []): ConfigurationReport {
  return { configuration: { services: [], secrets: {}, localDevelopment }, faults, notices };
}

// ---------------------------------------------------------------------------------------------------- services.json

function parseServices(services: unknown, options: EndpointOptions) {
  if (!isObject(services)) return { keys: [], valid: [], faults: [notAnObject(servicesFile, '{ "Github": { … } }')] };

  const keys = Object.keys(services);
  const named = keys.filter((key) => faultOfKey(servicesFile, key) === undefined);
  const catalogue = loadCatalogue();
  const parsed = named.map((key) => parseEntry(key, services[key], catalogue, options));
  return {
    keys: named,
    valid: parsed.map(({ valid }) => valid).filter((valid) => valid !== undefined),
    faults: [
      ...keys.map((key) => faultOfKey(servicesFile, key)).filter((fault) => fault !== undefined),
      ...faultsOfCollidingKeys(servicesFile, named),
      ...parsed.flatMap(({ faults }) => faults),
    ],
  };
}

function parseEntry(
  key: string,
  value: unknown,
  catalogue: Map<string, ServiceRecord>,
  options: EndpointOptions,
): { valid?: NamedEntry; faults: Fault[] } {
  const path = pathOf(servicesFile, [key]);
  const inherited = faultsOfInheritedNames(path, value);
  if (inherited.length > 0) return { faults: inherited };

  const schema = entrySchema(options);
  const result = schema.safeParse(withoutGrantType(value));
  if (!result.success) return { faults: result.error.issues.flatMap((issue) => faultsOf(issue, key, schema.shape)) };

  const id = idOf(key);
  const { record, faults } = withVariables(key, catalogue.get(id), result.data);
  return faults.length > 0 ? { faults } : { valid: { key, id, entry: result.data, record }, faults };
}

/** The record with the owner's variables in its URLs: they decide where the client secret is sent [A12]. */
function withVariables(
  key: string,
  record: ServiceRecord | undefined,
  entry: Entry,
): { record: ServiceRecord | undefined; faults: Fault[] } {
  const given = entry.variables ?? {};
  const faults = faultsOfVariables(key, record, given);
  if (record?.url_variables === undefined || faults.length > 0) return { record, faults };

  const defaults = defaultVariables(record);
  const variables = { ...defaults, ...given };
  const missing = Object.keys(record.url_variables).filter((name) => !Object.hasOwn(variables, name));
  if (missing.length > 0) return withoutVariables(key, record, entry, missing);

  const filled = fillVariables(record, variables);
  const isElsewhere = Object.entries(variables).some(([name, value]) => value !== defaults[name]);
  // What belongs to the usual host alone, and Madata's root, which is for fixed public endpoints [A23].
  const { issuer, authorization_response_iss_parameter_supported, ...others } = filled;
  const usable = isElsewhere ? { ...others, madata: false } : filled;
  return { record: usable, faults: faultsOfFilledRecord(key, usable) };
}

function faultsOfVariables(key: string, record: ServiceRecord | undefined, given: Variables): Fault[] {
  const declared = record?.url_variables ?? {};
  return Object.entries(given).flatMap(([name, value]) => {
    const path = pathOf(servicesFile, [key, "variables", name]);
    const variable = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (variable === undefined) {
      const known = Object.keys(declared).join(", ");
      const advice = known === "" ? 'Delete "variables".' : `Delete it. The known variables are ${known}.`;
      return [{ path, reason: `the catalogue's "${key}" has no variable "${name}"`, advice }];
    }
    if (matchesPattern(value, variable.pattern)) return [];
    const advice = `Write something like "${name}": ${JSON.stringify(variable.example)}.`;
    return [{ path, reason: `does not look like ${JSON.stringify(variable.example)}`, advice }];
  });
}

/** Variables without a value matter only where the owner has not written all endpoints out. */
function withoutVariables(
  key: string,
  record: ServiceRecord,
  entry: Entry,
  missing: string[],
): { record: ServiceRecord | undefined; faults: Fault[] } {
  const ownTokenEndpoint = entry.token_endpoint ?? entry.url;
  if (entry.authorization_endpoint !== undefined && ownTokenEndpoint !== undefined) return { record, faults: [] };
  const faults = missing.map((name) => {
    const example = JSON.stringify({ [name]: record.url_variables![name]!.example });
    return {
      path: pathOf(servicesFile, [key, "variables", name]),
      reason: `is missing: ${record.name} runs on many hosts, and only you know which one is meant`,
      advice: `Write something like "variables": ${example}.`,
    };
  });
  return { record, faults };
}

/** The pattern is about one value; whether a usable URL comes of it, only the URL can tell. */
function faultsOfFilledRecord(key: string, record: ServiceRecord): Fault[] {
  const result = serviceRecordSchema({ insecureLoopback: false }).safeParse(record);
  if (result.success) return [];
  const [issue] = result.error.issues;
  const reason = `makes the catalogue's ${String(issue?.path[0])} unusable: it ${reasonOf(issue!)}`;
  const advice = "Write the plain name of the host, as your browser shows it.";
  return [{ path: pathOf(servicesFile, [key, "variables"]), reason, advice }];
}

/** Old files say `"grant_type": "authorization_code"`. It is sent anyway, and would be wrong for a refresh. */
function withoutGrantType(value: unknown): unknown {
  if (!isObject(value)) return value;
  const copy = { ...value };
  for (const name of ["fields", "token_parameters"]) {
    const parameters = copy[name];
    if (!isObject(parameters)) continue;
    const { grant_type: _sentAnyway, ...others } = parameters;
    copy[name] = others;
  }
  return copy;
}

/** The canonical id: `Google Sheets` → `google-sheets`. Keys are ASCII, so lower-casing has no surprises [A41]. */
export function idOf(key: string): string {
  return key
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

function faultOfKey(file: string, key: string): Fault | undefined {
  const path = pathOf(file, [key]);
  if (Object.hasOwn(Object.prototype, key) || inheritedNames.includes(key.toLowerCase())) {
    return { path, reason: `"${key}" is a name that JavaScript reserves`, advice: 'Name the service, as in "Github".' };
  }
  if (!/^[\x20-\x7E]*[A-Za-z0-9][\x20-\x7E]*$/.test(key)) {
    const reason = "the key needs a letter or digit, and may hold plain ASCII characters only";
    return { path, reason, advice: 'Use a key such as "Github", and "name" for what people should read.' };
  }
  return undefined;
}

function faultsOfCollidingKeys(file: string, keys: string[]): Fault[] {
  return keys.flatMap((key, index) => {
    const earlier = keys.slice(0, index).find((other) => idOf(other) === idOf(key));
    if (earlier === undefined) return [];
    const reason = `"${earlier}" and "${key}" are the same service: both have the id "${idOf(key)}"`;
    return [{ path: pathOf(file, [key]), reason, advice: `Delete or rename one of "${earlier}" and "${key}".` }];
  });
}

/** `JSON.parse` makes `__proto__` an ordinary key; one assignment later it would be the prototype [A41]. */
function faultsOfInheritedNames(path: string, value: unknown): Fault[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((key) => {
    const inner = `${path}.${key}`;
    if (!inheritedNames.includes(key)) return faultsOfInheritedNames(inner, Reflect.get(value, key));
    return [{ path: inner, reason: `"${key}" is a name that JavaScript reserves`, advice: `Delete "${key}".` }];
  });
}

/** One of zod's issues, in words. Values are never quoted: somebody may have put a secret into the wrong place. */
function faultsOf(issue: z.core.$ZodIssue, key: string, shape: Record<string, z.ZodType>): Fault[] {
  if (issue.code === "unrecognized_keys" && issue.path.length === 0) {
    return issue.keys.map((name) => faultOfUnknownKey(key, name, Object.keys(shape)));
  }
  const path = pathOf(servicesFile, [key, ...issue.path]);
  return [{ path, reason: reasonOf(issue), advice: adviceFor(issue.path[0], shape) }];
}

function reasonOf({ message }: z.core.$ZodIssue): string {
  return message.endsWith("received undefined") ? "is missing" : message.replace(/^Invalid (input|option): /, "");
}

function faultOfUnknownKey(key: string, name: string, known: string[]): Fault {
  const path = pathOf(servicesFile, [key, name]);
  if (/secret/i.test(name)) {
    const advice = `Move it to ${secretsFile}: { ${JSON.stringify(key)}: { "client_secret": "…" } }.`;
    const reason = `${servicesFile} is public, so it must not hold a secret (replace this one if it was published)`;
    return { path, reason, advice };
  }
  const nearest = nearestOf(name, known);
  const advice = nearest ? `Did you mean "${nearest}"?` : `Delete it. The known keys are ${known.join(", ")}.`;
  return { path, reason: `"${name}" is not a known key`, advice };
}

function adviceFor(field: PropertyKey | undefined, shape: Record<string, z.ZodType>): string {
  const example = typeof field === "string" ? exampleOf(shape[field]) : undefined;
  if (example === undefined) return 'Write { "client_id": "…" }.';
  return `Write something like ${JSON.stringify(field)}: ${JSON.stringify(example)}.`;
}

function exampleOf(schema: unknown): unknown {
  const examples = schema instanceof z.ZodType ? schema.meta()?.["examples"] : undefined;
  if (Array.isArray(examples)) return examples[0];
  return schema instanceof z.ZodOptional ? exampleOf(schema.unwrap()) : undefined;
}

// -------------------------------------------------------------------------------------------- catalogue and entry

function resolveService(named: NamedEntry, env: Environment): { service?: Service; faults: Fault[] } {
  const settings = merge(named);
  const tokenEndpoint = settings.token_endpoint;
  if (tokenEndpoint === undefined) return { faults: [faultOfMissingTokenEndpoint(named.key)] };

  const clientId = configuredValue(env[`${prefixOf(named.id)}_CLIENT_ID`], settings.client_id);
  const service: Service = {
    id: named.id,
    key: named.key,
    name: settings.name ?? named.key,
    clientId: clientId ?? "",
    tokenEndpoint,
    tokenEndpointAuthMethod: settings.token_endpoint_auth_method ?? "client_secret_post",
    codeChallengeMethod: settings.code_challenge_method ?? "S256",
    issuerRequired: settings.authorization_response_iss_parameter_supported ?? false,
    defaultScopes: settings.default_scopes ?? [],
    scopeSeparator: settings.scope_separator ?? " ",
    scopeDescriptions: settings.scope_descriptions ?? {},
    authorizationParameters: settings.authorization_parameters ?? {},
    tokenParameters: settings.token_parameters ?? {},
    tokenResponseScopeSeparator: settings.token_response_scope_separator ?? " ",
    tokenErrorCodes: settings.token_error_codes ?? {},
    scopesMerged: settings.scopes_merged ?? false,
    scopeAliases: settings.scope_aliases ?? {},
    refreshTokens: settings.refresh_tokens ?? "none",
    offlineParameters: settings.offline_parameters ?? {},
    offlineScopes: settings.offline_scopes ?? [],
    refreshWithoutDpop: settings.refresh_without_dpop ?? false,
    opener: settings.opener ?? "kept",
    madata: settings.madata ?? false,
    ...defined({
      apiKey: configuredValue(undefined, settings.api_key),
      icon: settings.icon ?? (settings.simple_icons_slug && iconPath(settings.simple_icons_slug)),
      authorizationEndpoint: settings.authorization_endpoint,
      issuer: settings.issuer,
      allowedScopes: settings.allowed_scopes,
      responseMode: settings.response_mode,
      callbackParameters: settings.callback_parameters,
      authorizationParameterNames: settings.authorization_parameter_names,
      tokenRequest: tokenRequestOf(settings.token_request),
      tokenResponse: tokenResponseOf(settings),
      refreshRequest: refreshRequestOf(settings.refresh_request),
      codeLifetimeSeconds: settings.code_lifetime_seconds,
      manageUrl: settings.manage_url,
      revocation: revocationOf(settings.revocation_endpoint, settings.revocation_request, settings),
      grantRevocation: revocationOf(settings.grant_revocation_endpoint, settings.grant_revocation_request, settings),
      userinfo: userinfoOf(settings),
    }),
  };
  return { service, faults: faultsOfService(service, named.entry) };
}

/** The catalogue's record, overridden by the owner's entry. */
function merge({ entry, record }: NamedEntry): Settings {
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

/** What of the record still holds. An owner who names other endpoints (a self-managed GitLab) has another issuer,
 * and Madata's root is for fixed public endpoints only, unless the owner says otherwise [A23]. The oldest format's
 * `url` comes from Madata, so it changes nothing there. */
function inheritedFrom(record: ServiceRecord | undefined, entry: Entry): Partial<ServiceRecord> {
  if (record === undefined) return {};
  const { authorization_endpoint = record.authorization_endpoint, token_endpoint = record.token_endpoint } = entry;
  const ownEndpoints =
    authorization_endpoint !== record.authorization_endpoint || token_endpoint !== record.token_endpoint;
  if (!ownEndpoints) return record;

  // Nor may tokens of one host be shown to another.
  const {
    issuer,
    authorization_response_iss_parameter_supported,
    manage_url,
    refresh_request,
    revocation_endpoint,
    grant_revocation_endpoint,
    userinfo_endpoint,
    ...others
  } = record;
  return { ...others, madata: false };
}

function faultsOfService(service: Service, entry: Entry): Fault[] {
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
  if (service.clientId !== service.clientId.trim()) {
    faults.push({ path: pathTo("client_id"), reason: "has spaces around it", advice: "Copy the client ID again." });
  }
  return faults;
}

function faultOfMissingTokenEndpoint(key: string): Fault {
  const catalogued = [...loadCatalogue().values()].map((record) => record.key);
  const nearest = nearestOf(key, catalogued);
  return {
    path: pathOf(servicesFile, [key, "token_endpoint"]),
    reason: `is missing, and the catalogue does not know "${key}"`,
    advice: nearest ? `Did you mean "${nearest}"?` : 'Write "token_endpoint": "https://…".',
  };
}

// ------------------------------------------------------------------------------------------------------ .secret.json

const secretEntrySchema = z.strictObject({ client_secret: z.string() });

function parseSecrets(secrets: unknown, keys: string[]): { byId: Record<string, string>; faults: Fault[] } {
  if (secrets === undefined) return { byId: {}, faults: [] };
  const example = '{ "Github": { "client_secret": "…" } }';
  if (!isObject(secrets)) return { byId: {}, faults: [notAnObject(secretsFile, example)] };

  const names = Object.keys(secrets);
  const parsed = names.map((name) => parseSecret(name, secrets[name], keys));
  const found = parsed.flatMap(({ id, secret }) => (id === undefined || secret === undefined ? [] : [[id, secret]]));
  return {
    byId: Object.fromEntries(found),
    faults: [...faultsOfCollidingKeys(secretsFile, names), ...parsed.flatMap(({ faults }) => faults)],
  };
}

function parseSecret(name: string, value: unknown, keys: string[]): { id?: string; secret?: string; faults: Fault[] } {
  const reserved = faultOfKey(secretsFile, name);
  if (reserved) return { faults: [reserved] };

  const inherited = faultsOfInheritedNames(pathOf(secretsFile, [name]), value);
  if (inherited.length > 0) return { faults: inherited };

  const advice = `Write ${JSON.stringify(name)}: { "client_secret": "…" }.`;
  const result = secretEntrySchema.safeParse(value);
  if (!result.success) return { faults: result.error.issues.map((issue) => faultOfSecret(name, issue, advice)) };

  const secret = result.data.client_secret;
  if (isPlaceholder(secret)) return { faults: [] };

  const path = pathOf(secretsFile, [name, "client_secret"]);
  const id = idOf(name);
  if (!keys.some((key) => idOf(key) === id)) return { faults: [faultOfUnknownSecret(name, keys)] };
  if (secret !== secret.trim()) {
    return { faults: [{ path, reason: "has spaces around it", advice: "Copy the secret again." }] };
  }
  if (secret.length < MIN_SECRET_CHARACTERS) {
    const reason = `is shorter than ${MIN_SECRET_CHARACTERS} characters, so it is cut off or can be guessed`;
    return { faults: [{ path, reason, advice: "Copy the whole secret from the service, or create a new one there." }] };
  }
  return { id, secret, faults: [] };
}

function faultOfSecret(name: string, issue: z.core.$ZodIssue, advice: string): Fault {
  const path = pathOf(secretsFile, [name, ...issue.path]);
  if (issue.code !== "unrecognized_keys") return { path, reason: reasonOf(issue), advice };
  return { path, reason: `"${issue.keys.join('", "')}" is not a known key: only "client_secret" is`, advice };
}

function faultOfUnknownSecret(name: string, keys: string[]): Fault {
  const nearest = nearestOf(name, keys);
  return {
    path: pathOf(secretsFile, [name]),
    reason: `${servicesFile} has no service "${name}"`,
    advice: nearest ? `Did you mean "${nearest}"?` : `Add "${name}" to ${servicesFile}, or delete it here.`,
  };
}

// ------------------------------------------------------------------------------------------------------- environment

function faultsOfBuild({ production, localDevelopment }: ConfigurationSources): Fault[] {
  if (!production || !localDevelopment) return [];
  const reason = "a production build must not carry the mark of local development, which accepts plain http";
  return [{ path: "CONTEXT", reason, advice: "Build with either CONTEXT=production or local development." }];
}

function faultsOfEnvironment(env: Environment): Fault[] {
  return [...faultsOfSealingKey(env["SEALING_KEY"]), ...faultsOfAllowedApps(env), ...faultsOfLoopbackSwitch(env)];
}

function faultsOfSealingKey(value = ""): Fault[] {
  const keys = value.split(/[\s,]+/).filter((key) => key !== "");
  const weak = keys.some((key) => key.length < MIN_SEALING_KEY_CHARACTERS || isPlaceholder(key));
  if (!weak) return [];
  const reason = `has a key that is shorter than ${MIN_SEALING_KEY_CHARACTERS} characters, or a placeholder`;
  return [{ path: "SEALING_KEY", reason, advice: 'Set it to what "openssl rand -base64 48" prints.' }];
}

function faultsOfAllowedApps(env: Environment): Fault[] {
  return parseAllowedApps(env["ALLOWED_APPS"] ?? "").faults.map((fault) => {
    const [reason = fault, advice = ""] = fault.split(/(?<=\.) (?=Write )/);
    return { path: "ALLOWED_APPS", reason, advice };
  });
}

/** Anything but `false` leaves the door open, so a misspelled `False` must not pass silently [A50]. */
function faultsOfLoopbackSwitch(env: Environment): Fault[] {
  const value = env["ALLOW_LOOPBACK"] ?? "";
  if (["", "true", "false"].includes(value)) return [];
  return [{ path: "ALLOW_LOOPBACK", reason: "is neither true nor false", advice: "Set it to true or false." }];
}

function prefixOf(id: string): string {
  return id.toUpperCase().replaceAll("-", "_");
}

// ----------------------------------------------------------------------------------------------------------- notices

function noticesOf(service: Service, named: NamedEntry, secrets: Record<string, string>, env: Environment): Fault[] {
  return [
    noticeOfCredentials(service, named, secrets, env),
    noticeOfMissingAuthorizationEndpoint(service),
    noticeOfSpelling(service, named),
  ].filter((notice) => notice !== undefined);
}

function noticeOfCredentials(
  service: Service,
  { entry, record }: NamedEntry,
  secrets: Record<string, string>,
  env: Environment,
): Fault | undefined {
  const prefix = prefixOf(service.id);
  if (service.clientId === "") {
    const registration = entry.console_url ?? record?.console_url ?? "the service";
    const advice = `Register an OAuth app at ${registration}; write its client ID here, or set ${prefix}_CLIENT_ID.`;
    const path = pathOf(servicesFile, [service.key, "client_id"]);
    return { path, reason: "not configured yet, so not offered", advice };
  }
  if (service.tokenEndpointAuthMethod === "none") {
    if ((env["SEALING_KEY"] ?? "").trim() !== "") return undefined;
    const reason = `${service.name} has no secret to derive keys from: not offered unless SEALING_KEY is set`;
    const advice = 'Set SEALING_KEY to what "openssl rand -base64 48" prints.';
    return { path: "SEALING_KEY", reason, advice };
  }
  const secret = env[`${prefix}_CLIENT_SECRET`] || (secrets[service.id] ?? "");
  if (!isPlaceholder(secret)) return undefined;
  return {
    path: pathOf(secretsFile, [service.key, "client_secret"]),
    reason: `not offered unless ${prefix}_CLIENT_SECRET is set where the functions run`,
    advice: `Set ${prefix}_CLIENT_SECRET, or write the client secret into ${secretsFile} of a private repository.`,
  };
}

function noticeOfMissingAuthorizationEndpoint(service: Service): Fault | undefined {
  if (service.authorizationEndpoint !== undefined || service.madata) return undefined;
  return {
    path: pathOf(servicesFile, [service.key, "authorization_endpoint"]),
    reason: "only Madata's clients could use it",
    advice: 'Set "madata": true, or add "authorization_endpoint": "https://…".',
  };
}

/** Madata's clients look up their class name, letter by letter. */
function noticeOfSpelling(service: Service, { record }: NamedEntry): Fault | undefined {
  if (!service.madata || record === undefined || record.key === service.key) return undefined;
  return {
    path: pathOf(servicesFile, [service.key]),
    reason: `Madata's clients look for "${record.key}" and will not find "${service.key}"`,
    advice: `Rename "${service.key}" to "${record.key}".`,
  };
}

// ------------------------------------------------------------------------------------------------------------- tools

async function readJson(
  directory: string,
  file: string,
  { optional = false } = {},
): Promise<{ value?: unknown; faults: Fault[] }> {
  let text: string;
  try {
    text = await readFile(join(directory, file), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (optional && code === "ENOENT") return { faults: [] };
    return { faults: [{ path: file, reason: `cannot be read (${code})`, advice: `Run this where ${file} is.` }] };
  }

  // Some editors begin a file with a byte order mark.
  text = text.replace(/^\uFEFF/, "");
  try {
    return { value: JSON.parse(text), faults: [] };
  } catch {
    // The parser's own message quotes the text, and the text may hold a secret.
    const { line, column } = await findSyntaxError(text);
    const reason = `is not valid JSON: line ${line}, column ${column}`;
    const advice = `Look at line ${line} for a missing or superfluous comma, quote or bracket.`;
    return { faults: [{ path: file, reason, advice }] };
  }
}

/** `JSON.parse` does not always say where; esbuild does. Lines and columns count from 1. */
async function findSyntaxError(text: string): Promise<{ line: number; column: number }> {
  try {
    await transform(text, { loader: "json", logLevel: "silent" });
  } catch (error) {
    const location = (error as TransformFailure).errors[0]?.location;
    if (location) return { line: location.line, column: location.column + 1 };
  }
  return { line: text.split("\n").length, column: 1 };
}

function notAnObject(file: string, example: string): Fault {
  return { path: file, reason: "is not a JSON object", advice: `Write ${example}.` };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pathOf(file: string, keys: PropertyKey[]): string {
  const written = keys.map((key) => (/^[\w-]+$/.test(String(key)) ? String(key) : JSON.stringify(String(key))));
  return `${file} → ${written.join(".")}`;
}

/** The candidate that somebody most likely meant; `undefined` when none is near. */
function nearestOf(name: string, candidates: string[]): string | undefined {
  const bare = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(bare(name), bare(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= Math.max(1, name.length / 3) ? best.candidate : undefined;
}

/** Levenshtein: how many letters must be inserted, deleted or replaced. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = row[column]! + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, row[column + 1]! + 1, next[column]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
