import * as errors from "../answers/error-catalogue.ts";
import type { ErrorDefinition } from "../answers/errors.ts";
import { OAuthError } from "../answers/errors.ts";
import { redirectToPage } from "../answers/responses.ts";
import type { OfferedService, Provider, ProviderSettings, ServiceContext } from "../provider/provider.ts";
import { readApp, serviceByKey } from "../provider/provider.ts";
import { parseJsonObject } from "../request/json-object.ts";
import { pickParameters } from "../request/parameters.ts";
import { readReferer } from "../request/referer.ts";
import { readScopes } from "../request/scopes.ts";
import { bindBrowser } from "../sealing/browser-binding.ts";
import { ticketLifetimeSeconds } from "../sealing/lifetimes.ts";
import { MAX_SEALED_CHARACTERS, seal } from "../sealing/seal.ts";
import type { MadataTransaction } from "../sealing/transaction.ts";
import { errorReportedByService } from "../upstream/service-errors.ts";
import { deliverMadataError } from "./delivery.ts";

/**
 * The dialect of Madata's and Mavo's clients. The app opens the *service* itself, with our root as redirect URI and
 * `state={"url":…,"backend":…}`, and the code arrives at our root. Nothing ties it to a browser or an app: whoever made
 * the link wrote everything in `state`. That is why the dialect is off unless the owner wants it for a service, and why
 * nothing is exchanged before the user has confirmed that very origin.
 */

const RESPONSE_PARAMETERS = ["code", "state", "error"] as const;

/** Long enough for a whole `location.href`; too short for nested JSON that costs time to parse. */
const MAX_STATE_CHARACTERS = 4_096;

/** The part of Madata's `state` that identifies an app. */
type MadataApp = Pick<MadataTransaction, "appOrigin" | "backend">;

/** Handles an authorization response that arrives at the provider's root. */
export function handleRootCallback(request: Request, provider: Provider): Response {
  const search = new URL(request.url).searchParams;
  const { code, state, error } = pickParameters(search, RESPONSE_PARAMETERS, MAX_SEALED_CHARACTERS);
  const app = readMadataState(state, provider);

  const service = serviceByKey(provider, app.backend);
  // Only if the owner switched it on. The app names the service here, so each further service is another one that the
  // code of a different service could be sent to.
  if (!service?.madata) throw madataError(errors.unknown_service, app);
  if (code === undefined) {
    const definition = error === undefined ? errors.no_code : errorReportedByService(error);
    if (definition) throw madataError(definition, app);
  }
  const start = startOf(request, app.appOrigin, service);
  if (start === "elsewhere") throw madataError(errors.started_elsewhere, app);
  return askUser(request, app, code, start, { provider, service });
}

function askUser(
  request: Request,
  app: MadataApp,
  code: string | undefined,
  start: "known" | "unknown",
  context: ServiceContext,
): Response {
  const { provider, service } = context;
  const { browser, setCookie } = bindBrowser(request, provider);
  const transaction: MadataTransaction = { dialect: "madata", ...app, scopes: null };
  // The client registered and sent our root without a slash, and the service compares strings.
  const serviceCode = code === undefined ? {} : { serviceCode: { code, redirectUri: provider.origin } };
  const question = {
    ticket: seal("ticket", { transaction, browser, ...serviceCode }, context),
    origin: app.appOrigin,
    service: service.id,
    scopes: null,
    scopesMerged: service.scopesMerged,
    offline: false,
    delivery: "message" as const,
    refused: code === undefined,
    unknownStart: start === "unknown",
    lifetimeSeconds: ticketLifetimeSeconds(service),
    // Only the app knows what it asked the service for.
    canStartAgain: false,
  };
  return redirectToPage(provider, "/confirm", question, [setCookie]);
}

/** An error that the app's window gets as well, so that its login does not wait for ever. */
function madataError(definition: ErrorDefinition, app: MadataApp): OAuthError {
  return new OAuthError(definition, deliverMadataError(app, "access_denied"));
}

/**
 * Reads Madata's `state`. Anybody can write it.
 *
 * @throws {OAuthError} `invalid_app_state`, `app_not_allowed`
 */
export function readMadataState(state: string | undefined, provider: ProviderSettings): MadataApp {
  const { url, backend } = parseState(state);
  if (typeof backend !== "string" || backend === "" || backend.length > 64) {
    throw new OAuthError(errors.invalid_app_state);
  }
  if (typeof url !== "string") throw new OAuthError(errors.invalid_app_state);
  try {
    // Only the origin is kept: apps have document ids and worse in their addresses.
    return { appOrigin: readApp(provider, url).origin, backend };
  } catch (error) {
    if (error instanceof OAuthError && error.definition === errors.invalid_client_id) {
      throw new OAuthError(errors.invalid_app_state);
    }
    throw error;
  }
}

function parseState(state: string | undefined): Record<string, unknown> {
  if (state === undefined || state.length > MAX_STATE_CHARACTERS) throw new OAuthError(errors.invalid_app_state);
  const object = parseJsonObject(state);
  if (!object) throw new OAuthError(errors.invalid_app_state);
  return object;
}

/**
 * Whether a request to `/authorize` comes from one of Madata's clients whose `oAuth` address was pointed at us. It sends
 * the *service's* client id, which is not the address of an app, and as redirect URI our root or none.
 */
export function isMadataRequest(
  parameters: { client_id?: string; redirect_uri?: string },
  { provider, service }: ServiceContext,
): boolean {
  const { client_id: clientId, redirect_uri: redirectUri = provider.origin } = parameters;
  const isRoot = redirectUri === provider.origin || redirectUri === `${provider.origin}/`;
  return isRoot && clientId === service.clientId;
}

/** Reads such a request: Madata's parameters, with our cookie and our PKCE. */
export function readMadataRequest(
  parameters: { state?: string; scope?: string },
  { provider, service }: ServiceContext,
): MadataTransaction {
  const app = readMadataState(parameters.state, provider);
  // The owner's switch is for both ways to use the dialect.
  if (!service.madata) throw madataError(errors.unknown_service, app);
  if (app.backend !== service.key) throw new OAuthError(errors.invalid_app_state);
  // Some clients name no scope and rely on the service's own default, which need not be ours.
  const scopes = parameters.scope === undefined ? null : readScopes(parameters.scope, service);
  if (scopes === undefined) throw new OAuthError(errors.invalid_scope);
  return { dialect: "madata", ...app, scopes };
}

/**
 * Which page led the browser here, as far as the browser says. `known`: the app itself (a service that asks nothing
 * redirects at once), or the host where the service asks for consent. `unknown`: none that the browser names, or another
 * host of the service's site, which may have pages of users (`sites.google.com`). `elsewhere`: any other page.
 */
function startOf(request: Request, appOrigin: string, service: OfferedService): "known" | "unknown" | "elsewhere" {
  const referer = readReferer(request);
  if (referer === null) return "unknown";
  if (referer.origin === appOrigin) return "known";
  const { origin, hostname } = new URL(service.authorizationEndpoint ?? service.tokenEndpoint);
  if (referer.origin === origin) return "known";
  return siteOf(referer.hostname) === siteOf(hostname) ? "unknown" : "elsewhere";
}

/** Suffixes below which anybody can have a name: those of countries, and of hosting services. */
const COUNTRY_SUFFIX = /^(?:ac|co|com|edu|gob|gov|ne|net|or|org)\.[a-z]{2}$/;
const SHARED_SUFFIXES = [
  "appspot.com",
  "azurewebsites.net",
  "fly.dev",
  "github.io",
  "gitlab.io",
  "herokuapp.com",
  "netlify.app",
  "onrender.com",
  "pages.dev",
  "vercel.app",
  "web.app",
  "workers.dev",
];

/**
 * The last two labels, or three below a shared suffix. Under a suffix that is missing above, strangers count as one site.
 * That gives them no more than sending no `Referer`: the question, with its warning.
 */
function siteOf(hostname: string): string {
  const labels = hostname.split(".");
  const lastTwo = labels.slice(-2).join(".");
  const isShared = COUNTRY_SUFFIX.test(lastTwo) || SHARED_SUFFIXES.includes(lastTwo);
  return isShared ? labels.slice(-3).join(".") : lastTwo;
}
