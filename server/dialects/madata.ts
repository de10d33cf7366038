import * as reasons from "../answers/error-catalogue.ts";
import type { Reason } from "../answers/errors.ts";
import { OAuthError } from "../answers/errors.ts";
import { redirectToPage } from "../answers/responses.ts";
import type { OfferedService, Provider } from "../provider/provider.ts";
import { readApp, serviceByKey } from "../provider/provider.ts";
import { MAX_SEALED_CHARACTERS, pickParameters } from "../request/parameters.ts";
import { readReferer } from "../request/referer.ts";
import { bindBrowser } from "../sealing/browser-binding.ts";
import { seal, ticketLifetimeSeconds } from "../sealing/seal.ts";
import type { MadataTransaction } from "../sealing/transaction.ts";
import { faultAtService } from "../upstream/service-errors.ts";
import { deliverMadataRefusal } from "./delivery.ts";

/**
 * The dialect of Madata's and Mavo's clients, as they speak it today. The app opens the *service* by itself, with our
 * root as redirect URI and `state={"url":…,"backend":…}`, and the code arrives here. Nothing binds that to a browser or
 * to an app: everything in `state` is the word of whoever made the link [A1][A4], which is why the dialect is on only
 * for services whose owner wants it, and why nothing is exchanged before a person has said Yes to that very origin.
 */

const RESPONSE_PARAMETERS = ["code", "state", "error"] as const;

/** A whole `location.href` fits; nested JSON does not. */
const MAX_STATE_CHARACTERS = 4_096;

/** An authorization response that arrived at the provider's root. */
export function arriveAtRoot(request: Request, provider: Provider): Response {
  const search = new URL(request.url).searchParams;
  const parameters = pickParameters(search, RESPONSE_PARAMETERS, MAX_SEALED_CHARACTERS);
  const { appOrigin, backend } = readMadataState(parameters.state, provider);
  const refusal = (reason: Reason) => madataRefusal(reason, { appOrigin, backend });

  const service = serviceByKey(provider, backend);
  // Only where the owner switched it on: the app chooses the service by name here, so every further one would widen the
  // ways to have one service's code sent to another [A23].
  if (!service?.madata) throw refusal(reasons.unknown_service);
  if (parameters.code === undefined) {
    const fault = parameters.error === undefined ? reasons.no_code : faultAtService(parameters.error);
    if (fault) throw refusal(fault);
  }
  const start = startOf(request, appOrigin, service);
  if (start === "elsewhere") throw refusal(reasons.started_elsewhere);

  const { browser, setCookie } = bindBrowser(request, provider);
  const transaction: MadataTransaction = { dialect: "madata", appOrigin, backend, scopes: null };
  const ticket = seal(
    "ticket",
    {
      transaction,
      browser,
      // The client registered and sent our root without a slash, and the service compares strings.
      ...(parameters.code === undefined
        ? {}
        : { serviceCode: { code: parameters.code, redirectUri: provider.origin } }),
    },
    { provider, service },
  );
  const question = {
    ticket,
    origin: appOrigin,
    service: service.id,
    scopes: null,
    scopesMerged: service.scopesMerged,
    offline: false,
    delivery: "message" as const,
    refused: parameters.code === undefined,
    unknownStart: start === "unknown",
    lifetimeSeconds: ticketLifetimeSeconds(service),
    // Only the app knows what it has asked the service for.
    canStartAgain: false,
  };
  return redirectToPage(provider, "/confirm", question, [setCookie]);
}

/** A refusal that the app's window is told as well, so that its login does not wait for ever. */
export function madataRefusal(reason: Reason, to: { appOrigin: string; backend: string }): OAuthError {
  return new OAuthError(reason, deliverMadataRefusal(to, "access_denied"));
}

/**
 * Reads Madata's `state`. Anybody can write it.
 *
 * @throws {OAuthError} `invalid_app_state`, `app_not_allowed`
 */
export function readMadataState(state: string | undefined, provider: Provider): { appOrigin: string; backend: string } {
  const { url, backend } = parseState(state);
  if (typeof backend !== "string" || backend === "" || backend.length > 64)
    throw new OAuthError(reasons.invalid_app_state);
  if (typeof url !== "string") throw new OAuthError(reasons.invalid_app_state);
  try {
    // Cut to the origin at once: apps keep document ids and worse in their addresses [A68].
    return { appOrigin: readApp(provider, url).origin, backend };
  } catch (error) {
    if (error instanceof OAuthError && error.reason === reasons.invalid_client_id)
      throw new OAuthError(reasons.invalid_app_state);
    throw error;
  }
}

/**
 * Madata over `/authorize`: a client whose `oAuth` address was pointed at us sends the *service's* client id, which is no
 * app's address, and its own `state`; as redirect URI our root or none.
 */
export function isMadataRequest(
  parameters: { client_id?: string; redirect_uri?: string },
  provider: Provider,
  service: OfferedService,
): boolean {
  const { client_id: clientId, redirect_uri: redirectUri = provider.origin } = parameters;
  const isRoot = redirectUri === provider.origin || redirectUri === `${provider.origin}/`;
  return isRoot && clientId === service.clientId;
}

function parseState(state: string | undefined): Record<string, unknown> {
  if (state === undefined || state.length > MAX_STATE_CHARACTERS) throw new OAuthError(reasons.invalid_app_state);
  try {
    const value: unknown = JSON.parse(state);
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new OAuthError(reasons.invalid_app_state);
    // Own members only: `{"__proto__":{"url":…}}` has none of these [A41].
    const own = (name: string): unknown =>
      Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    return { url: own("url"), backend: own("backend") };
  } catch {
    throw new OAuthError(reasons.invalid_app_state);
  }
}

/**
 * Who led the browser here, as far as the browser says [A19]: the app itself (a service that asks nothing redirects at
 * once) or the very host that asks for consent; nobody that it names, or another host of the service's site, where users'
 * own pages may be (`sites.google.com`); or some other page.
 */
function startOf(request: Request, appOrigin: string, service: OfferedService): "known" | "unknown" | "elsewhere" {
  const referer = readReferer(request);
  if (referer === null) return "unknown";
  if (referer.origin === appOrigin) return "known";
  const { origin, hostname } = new URL(service.authorizationEndpoint ?? service.tokenEndpoint);
  if (referer.origin === origin) return "known";
  return siteOf(referer.hostname) === siteOf(hostname) ? "unknown" : "elsewhere";
}

/** Suffixes under which strangers have names beside each other: those of countries, and of hosts for anybody's pages. */
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

/** Two labels, or three under a shared suffix. Where one is missing above, strangers count as neighbours, which gives them
 * no more than sending no `Referer` would: the question, with its warning. */
function siteOf(hostname: string): string {
  const labels = hostname.split(".");
  const lastTwo = labels.slice(-2).join(".");
  const isShared = COUNTRY_SUFFIX.test(lastTwo) || SHARED_SUFFIXES.includes(lastTwo);
  return isShared ? labels.slice(-3).join(".") : lastTwo;
}
