import { isAllowedApp, parseAllowedApps, parseAppUrl } from "../../shared/app-url.ts";
import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import {
  clientIdVariable,
  clientSecretVariable,
  parseProviderOrigin,
  parseSealingKeys,
  parseSwitch,
  previousSecretVariable,
  readVariable,
} from "./environment.ts";
import { isKeyMaterial, isUsableClientId, isUsableSecret } from "./placeholder.ts";
import type { Configuration, Service } from "./service.ts";

/** Environment variables, as the platform hands them to a function. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A service that this provider can log in to: it has a client id, and a secret or a key of our own to seal with. */
export interface OfferedService extends Service {
  clientSecret: string | undefined;
  /** What sealing keys are derived from: the first one seals, all of them open. Never empty. */
  keyMaterial: string[];
}

/** This auth provider: its own address, and the services it offers. */
export interface Provider {
  /** From configuration, never from a request: redirect URIs and issuers are built from it [A16]. */
  origin: string;
  /** Hosts whose pages are ours; with `x--` before one of them, the same project's deploys and previews. */
  ownHosts: string[];
  /** By canonical id. A `Map`, so that inherited names (`__proto__`, `constructor`) are no services [A41]. */
  services: ReadonlyMap<string, OfferedService>;
  /** Ids that are configured but lack a client id or a secret. */
  notSetUp: ReadonlySet<string>;
  /** Origins that may use this provider; empty: every app may ask, and the user decides. */
  allowedApps: string[];
  loopbackAppsAllowed: boolean;
  localDevelopment: boolean;
}

/**
 * Combines what was built in with what the platform provides at run time.
 *
 * `URL` the provider's own origin · `SITE_NAME` its project's name at the platform · `<ID>_CLIENT_ID`, `<ID>_CLIENT_SECRET` win over the files ·
 * `<ID>_CLIENT_SECRET_PREVIOUS` still opens what was sealed before a rotation · `SEALING_KEY` one or more keys ·
 * `ALLOWED_APPS` origins · `ALLOW_LOOPBACK=false` refuses apps on localhost.
 *
 * @throws {OAuthError} `not_configured` – a provider that is not sure about its settings answers nobody [A50]
 */
export function createProvider(configuration: Configuration, env: Environment): Provider {
  const sealingKeys = readSealingKeys(env.SEALING_KEY);
  const services = new Map<string, OfferedService>();
  const notSetUp = new Set<string>();
  for (const service of configuration.services) {
    const offered = offer(service, configuration.secrets, sealingKeys, env);
    if (offered) services.set(service.id, offered);
    else notSetUp.add(service.id);
  }
  const origin = readOrigin(readVariable(env, "URL"));
  return {
    origin,
    ownHosts: [new URL(origin).host, ...(env.SITE_NAME ? [`${env.SITE_NAME}.netlify.app`] : [])],
    services,
    notSetUp,
    allowedApps: readAllowedApps(env.ALLOWED_APPS),
    loopbackAppsAllowed: readSwitch(env.ALLOW_LOOPBACK),
    localDevelopment: configuration.localDevelopment,
  };
}

function offer(
  service: Service,
  secrets: Record<string, string>,
  sealingKeys: string[],
  env: Environment,
): OfferedService | undefined {
  const clientId = readVariable(env, clientIdVariable(service.id)) || service.clientId;
  const fromFile = Object.hasOwn(secrets, service.id) ? secrets[service.id] : undefined;
  const clientSecret = readVariable(env, clientSecretVariable(service.id)) || fromFile;
  const previousSecret = readVariable(env, previousSecretVariable(service.id));
  if (!isUsableClientId(clientId)) return undefined;

  const secretNeeded = service.tokenEndpointAuthMethod !== "none";
  if (secretNeeded && !isUsableSecret(clientSecret)) return undefined;

  const keyMaterial =
    sealingKeys.length > 0 || !secretNeeded ? sealingKeys : keyMaterialOf(clientSecret, previousSecret);
  if (keyMaterial.length === 0) return undefined;

  return { ...service, clientId, clientSecret: secretNeeded ? clientSecret : undefined, keyMaterial };
}

/**
 * Without a key of the owner's, the client secret is the key material: whoever knows it can redeem codes anyway. What
 * stands in its place where the service asks for none is nobody's secret. The one before it only opens, and never seals.
 */
function keyMaterialOf(clientSecret: string | undefined, previousSecret: string | undefined): string[] {
  return isKeyMaterial(clientSecret) ? [clientSecret, previousSecret].filter(isKeyMaterial) : [];
}

function readOrigin(value: string): string {
  const origin = parseProviderOrigin(value);
  if (origin === undefined) throw new OAuthError(reasons.not_configured);
  return origin;
}

function readSealingKeys(value: string | undefined): string[] {
  const { keys, weak } = parseSealingKeys(value ?? "");
  if (weak) throw new OAuthError(reasons.not_configured);
  return keys;
}

function readSwitch(value: string | undefined): boolean {
  const isOn = parseSwitch(value ?? "");
  if (isOn === undefined) throw new OAuthError(reasons.not_configured);
  return isOn;
}

function readAllowedApps(value: string | undefined): string[] {
  const { allowed, faults } = parseAllowedApps(value ?? "");
  if (faults.length > 0) throw new OAuthError(reasons.not_configured);
  return allowed;
}

/**
 * The service of a path, by its canonical id and nothing else.
 *
 * @throws {OAuthError} `unknown_service`, `service_not_set_up`
 */
export function serviceById(provider: Provider, id: string | undefined): OfferedService {
  const service = provider.services.get(id ?? "");
  if (service) return service;
  throw new OAuthError(provider.notSetUp.has(id ?? "") ? reasons.service_not_set_up : reasons.unknown_service);
}

/** The service that `services.json` spells like this: Madata's clients send their class name (`Github`). */
export function serviceByKey(provider: Provider, key: string): OfferedService | undefined {
  return [...provider.services.values()].find((service) => service.key === key);
}

/**
 * Reads the address of an app, by the one rule for such addresses and the owner's restrictions.
 *
 * @throws {OAuthError} `invalid_client_id`, `app_not_allowed`
 */
export function readApp(
  provider: Provider,
  address: string | undefined,
): { origin: string; hostname: string; loopback: boolean } {
  const app = parseAppUrl(address);
  if (!app || isOwnAddress(provider, app.origin)) throw new OAuthError(reasons.invalid_client_id);
  if (!letsIn(provider, app.origin)) throw new OAuthError(reasons.app_not_allowed);
  return app;
}

/**
 * Our own pages, those of old deploys and those of strangers' pull requests are no app: people would read our own name in
 * the question, and what holds for our pages (one cookie, one question) must not serve an app on the same origin [A15][A60].
 */
export function isOwnAddress({ ownHosts }: Provider, origin: string): boolean {
  const { host } = new URL(origin);
  return ownHosts.some((own) => host === own || host.endsWith(`--${own}`));
}

/** Whether the owner wants the app of this origin to get anything. */
export function letsIn(provider: Provider, origin: string): boolean {
  const app = parseAppUrl(origin);
  if (!app || (app.loopback && !provider.loopbackAppsAllowed)) return false;
  return isAllowedApp(app.origin, provider.allowedApps);
}

/** Our redirect URI at a service: one per service, so that a code for one can never arrive as another's [A22]. */
export function callbackUri(provider: Provider, service: Service): string {
  return `${provider.origin}/callback/${service.id}`;
}

/** RFC 8414 issuer: one per service. */
export function issuer(provider: Provider, service: Service): string {
  return `${provider.origin}/${service.id}`;
}

/** Our own endpoints for a service. The service stands in the path, because several clients append `?…` unseen. */
export function authorizationEndpoint(provider: Provider, service: Service): string {
  return `${provider.origin}/authorize/${service.id}`;
}

export function tokenEndpoint(provider: Provider, service: Service): string {
  return `${provider.origin}/token/${service.id}`;
}

export function revocationEndpoint(provider: Provider, service: Service): string {
  return `${provider.origin}/revoke/${service.id}`;
}

export function userinfoEndpoint(provider: Provider, service: Service): string {
  return `${provider.origin}/userinfo/${service.id}`;
}
