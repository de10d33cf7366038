import { isAllowedApp, parseAllowedApps, parseAppUrl } from "../../shared/app-url.ts";
import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { type Credentials, type Missing, readCredentials } from "./credentials.ts";
import type { Environment } from "./environment.ts";
import { parseProviderOrigin, parseSealingKeys, parseSwitch, readVariable } from "./environment.ts";
import type { Configuration, Service } from "./service.ts";

/** A service that users can log in with: it has a client ID, and a client secret or a sealing key of the owner's. */
export type OfferedService = Omit<Service, keyof Credentials> & Credentials;

/** The provider's own settings. */
export interface ProviderSettings {
  /** Comes from configuration, never from a request: redirect URIs and issuers are built from it. */
  origin: string;
  /** Hosts whose pages are ours. With `…--` before one of them, they are the project's other deploys and previews. */
  ownHosts: string[];
  /** The origins of the apps that may use this provider. Empty: every app may ask, and the user decides. */
  allowedApps: string[];
  loopbackAppsAllowed: boolean;
  /** Anybody can try a login on our own page. */
  trialsAllowed: boolean;
  localDevelopment: boolean;
  /** `SIGNING_KEY` as the owner wrote it, read when the first ID token is asked for. Empty: there are no ID tokens. */
  signingKey: string;
}

/** The services that are set up, by canonical id. */
export interface OfferedServices {
  get(id: string): OfferedService | undefined;
  has(id: string): boolean;
  values(): Iterable<OfferedService>;
  /** Why a service in the configuration is not offered. */
  missing(id: string): Missing | undefined;
}

/** This auth provider: its settings, and the services it offers. */
export interface Provider extends ProviderSettings {
  services: OfferedServices;
  /** The ids of all services in the configuration, set up or not. */
  configured: ReadonlySet<string>;
}

/** The provider and the one service that a request is about. */
export interface ServiceContext {
  provider: ProviderSettings;
  service: OfferedService;
}

/**
 * Combines the built-in configuration with the environment of the host:
 *
 * - `URL`: the provider's own origin
 * - `SITE_NAME`: the name of its project at the host
 * - `<ID>_CLIENT_ID`, `<ID>_CLIENT_SECRET`: win over the files
 * - `<ID>_CLIENT_SECRET_PREVIOUS`: still opens what was sealed before the secret was changed
 * - `SEALING_KEY`: one or more keys
 * - `SIGNING_KEY`: one or more keys, for ID tokens; wins over the file
 * - `ALLOWED_APPS`: origins
 * - `ALLOW_LOOPBACK=false`: refuses apps on localhost
 * - `ALLOW_TRY=false`: refuses logins that no app asks for
 *
 * @throws {OAuthError} `not_configured`: with an unclear setting, the provider answers nobody
 */
export function createProvider(configuration: Configuration, env: Environment): Provider {
  const sealingKeys = readSealingKeys(env.SEALING_KEY);
  const origin = readProviderOrigin(readVariable(env, "URL"));
  return {
    origin,
    ownHosts: [new URL(origin).host, ...(env.SITE_NAME ? [`${env.SITE_NAME}.netlify.app`] : [])],
    services: offerServices(configuration, sealingKeys, env),
    configured: new Set(configuration.services.map(({ id }) => id)),
    allowedApps: readAllowedApps(env.ALLOWED_APPS),
    loopbackAppsAllowed: readSwitch(env.ALLOW_LOOPBACK),
    trialsAllowed: readSwitch(env.ALLOW_TRY),
    localDevelopment: configuration.localDevelopment,
    signingKey: readVariable(env, "SIGNING_KEY") || (configuration.signingKey ?? ""),
  };
}

/** Checks a service when it is first needed: a login is about one of perhaps many, and waits for this. */
function offerServices({ services, secrets }: Configuration, sealingKeys: string[], env: Environment): OfferedServices {
  // A `Map`, so that inherited names (`__proto__`, `constructor`) are not services.
  const unchecked = new Map(services.map((service) => [service.id, service]));
  const offered = new Map<string, OfferedService>();
  const missing = new Map<string, Missing>();

  function get(id: string): OfferedService | undefined {
    const service = unchecked.get(id);
    if (service !== undefined) {
      unchecked.delete(id);
      const credentials = credentialsOf(service, secrets, sealingKeys, env);
      if ("missing" in credentials) missing.set(id, credentials.missing);
      else offered.set(id, { ...service, ...credentials });
    }
    return offered.get(id);
  }

  return {
    get,
    has: (id) => get(id) !== undefined,
    values: () => services.flatMap(({ id }) => get(id) ?? []),
    missing: (id) => (get(id) ? undefined : missing.get(id)),
  };
}

function credentialsOf(
  service: Service,
  secrets: Record<string, string>,
  sealingKeys: string[],
  env: Environment,
): Credentials | { missing: Missing } {
  const fromFile = Object.hasOwn(secrets, service.id) ? secrets[service.id] : undefined;
  return readCredentials(service, fromFile, sealingKeys, env);
}

function readProviderOrigin(value: string): string {
  const origin = parseProviderOrigin(value);
  if (origin === undefined) throw new OAuthError(errors.not_configured);
  return origin;
}

function readSealingKeys(value: string | undefined): string[] {
  const { keys, weak } = parseSealingKeys(value ?? "");
  if (weak) throw new OAuthError(errors.not_configured);
  return keys;
}

function readSwitch(value: string | undefined): boolean {
  const isOn = parseSwitch(value ?? "");
  if (isOn === undefined) throw new OAuthError(errors.not_configured);
  return isOn;
}

function readAllowedApps(value: string | undefined): string[] {
  const { allowed, issues } = parseAllowedApps(value ?? "");
  if (issues.length > 0) throw new OAuthError(errors.not_configured);
  return allowed;
}

/**
 * Finds a service by its canonical id, which is part of the request's path.
 *
 * @throws {OAuthError} `unknown_service`, `service_not_set_up`, `other_client_kind`
 */
export function serviceById({ services, configured }: Provider, id = ""): OfferedService {
  const service = services.get(id);
  if (service) return service;
  if (!configured.has(id)) throw new OAuthError(errors.unknown_service);
  const isOtherKind = services.missing(id) === "build for this client ID";
  throw new OAuthError(isOtherKind ? errors.other_client_kind : errors.service_not_set_up);
}

/** Finds a service by its key in `services.json`: Madata's clients send the name of their class (`Github`). */
export function serviceByKey(provider: Provider, key: string): OfferedService | undefined {
  return [...provider.services.values()].find((service) => service.key === key);
}

/**
 * Reads the address of an app and checks it against the rule for app URLs and the owner's restrictions.
 *
 * @throws {OAuthError} `invalid_client_id`, `app_not_allowed`
 */
export function readApp(
  provider: ProviderSettings,
  address: string | undefined,
): { origin: string; hostname: string; loopback: boolean } {
  const app = parseAppUrl(address);
  if (!app || isOwnOrigin(provider, app.origin)) throw new OAuthError(errors.invalid_client_id);
  if (!mayUseProvider(provider, app.origin)) throw new OAuthError(errors.app_not_allowed);
  return app;
}

/**
 * Whether an origin is our own, or that of an old deploy or of a preview of somebody's pull request. Such an origin cannot
 * be an app: users would read our own name in the question, and our own pages have rights that no app may have.
 */
export function isOwnOrigin({ ownHosts }: ProviderSettings, origin: string): boolean {
  const { host } = new URL(origin);
  return ownHosts.some((own) => host === own || host.endsWith(`--${own}`));
}

/** Whether the owner allows the app of this origin. */
export function mayUseProvider(provider: ProviderSettings, origin: string): boolean {
  const app = parseAppUrl(origin);
  if (!app || (app.loopback && !provider.loopbackAppsAllowed)) return false;
  return isAllowedApp(app.origin, provider.allowedApps);
}

/** Our redirect URI at a service. Each service has its own, so that the code of one cannot arrive as the code of another. */
export function callbackUri({ provider, service }: ServiceContext): string {
  return `${provider.origin}/callback/${service.id}`;
}

/** Our issuer (RFC 8414): one per service. */
export function issuer({ provider, service }: ServiceContext): string {
  return `${provider.origin}/${service.id}`;
}

/** Our own endpoints. The service is part of the path, because several clients append `?…` to an address as it is. */
export function authorizationEndpoint({ provider, service }: ServiceContext): string {
  return `${provider.origin}/authorize/${service.id}`;
}

export function tokenEndpoint({ provider, service }: ServiceContext): string {
  return `${provider.origin}/token/${service.id}`;
}

export function revocationEndpoint({ provider, service }: ServiceContext): string {
  return `${provider.origin}/revoke/${service.id}`;
}

export function userinfoEndpoint({ provider, service }: ServiceContext): string {
  return `${provider.origin}/userinfo/${service.id}`;
}

/** The keys that our ID tokens verify with (RFC 7517). */
export function jwksUri(context: ServiceContext): string {
  return `${issuer(context)}/jwks.json`;
}
