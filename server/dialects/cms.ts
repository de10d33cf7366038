import type { Answer, Report } from "../../shared/page-messages.ts";
import * as errors from "../answers/error-catalogue.ts";
import type { AppError, ErrorDefinition } from "../answers/errors.ts";
import { OAuthError } from "../answers/errors.ts";
import type { OfferedService, Provider, ProviderSettings } from "../provider/provider.ts";
import { readApp, serviceById, serviceByKey } from "../provider/provider.ts";
import { pickParameters } from "../request/parameters.ts";
import { readScopes } from "../request/scopes.ts";
import type { CmsTransaction, KnownCms } from "../sealing/transaction.ts";

/**
 * The dialect of Decap CMS, Sveltia CMS and Static CMS, which is that of Netlify's own service: `/auth` in a popup, a
 * handshake, and one message, all of them strings. The CMS sends neither its address nor a state. It is identified when
 * it answers the handshake, because the browser writes the origin of a message.
 */

const PARAMETERS = ["provider", "site_id", "scope"] as const;

/** Our messages repeat this word, and the CMSes use it in regular expressions. */
const WORD = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const HOST = /^[A-Za-z0-9._[\]:-]{1,253}$/;

/** What the CMSes send instead of their own host while they run on the developer's computer. */
const PLACEHOLDER_HOSTS = ["demo.decapcms.org", "cms.netlify.com"];

/** Reads `GET /auth`. Anybody can write it. */
export function readCmsRequest(
  search: URLSearchParams,
  provider: Provider,
): { service: OfferedService; transaction: CmsTransaction } {
  const { provider: word, site_id: siteId, scope } = pickParameters(search, PARAMETERS);
  if (!isWord(word)) throw new OAuthError(errors.unknown_service);
  try {
    const service = serviceByKey(provider, word) ?? serviceById(provider, word);
    if (service.authorizationEndpoint === undefined) {
      throw new OAuthError(errors.service_without_authorization_endpoint);
    }
    const scopes = readScopes(scope, service);
    if (!scopes) throw new OAuthError(errors.invalid_scope);
    return { service, transaction: { dialect: "cms", scopes, word, ...readClaimedHost(siteId) } };
  } catch (error) {
    // The CMS gets the error as well, whichever it is: otherwise it would wait for ever.
    throw error instanceof OAuthError ? new OAuthError(error.definition, reportCmsError(word, error)) : error;
  }
}

function isWord(word: string | null | undefined): word is string {
  return typeof word === "string" && WORD.test(word);
}

/** An error of a request that names its service in the query. The CMS gets it as well, if its messages can name the service. */
export function cmsError(search: URLSearchParams, definition: ErrorDefinition): OAuthError {
  const word = search.get("provider");
  const error = new OAuthError(definition);
  return isWord(word) ? new OAuthError(definition, reportCmsError(word, error)) : error;
}

function readClaimedHost(siteId: string | undefined): { claimedHost?: string } {
  if (siteId === undefined || !HOST.test(siteId) || PLACEHOLDER_HOSTS.includes(siteId)) return {};
  // In the spelling of browsers, which our page compares it with.
  return URL.canParse(`https://${siteId}`) ? { claimedHost: new URL(`https://${siteId}`).host } : {};
}

/**
 * Identifies the CMS by the origin that the browser reported to our page. It must pass the rule for the URLs of apps.
 *
 * @throws {OAuthError} `not_what_was_shown`, `app_not_allowed`
 */
export function identifyCms(transaction: CmsTransaction, origin: string, provider: ProviderSettings): KnownCms {
  // A login that was started again still belongs to the CMS that answered the handshake.
  if (transaction.appOrigin !== undefined && transaction.appOrigin !== origin) {
    throw new OAuthError(errors.not_what_was_shown);
  }
  return { ...transaction, appOrigin: requireAppOrigin(origin, provider) };
}

function requireAppOrigin(origin: string, provider: ProviderSettings): string {
  try {
    const app = readApp(provider, origin);
    // Nothing but an origin: the message with the token is sent to it.
    if (app.origin === origin) return origin;
  } catch (error) {
    if (!(error instanceof OAuthError) || error.definition !== errors.invalid_client_id) throw error;
  }
  throw new OAuthError(errors.not_what_was_shown);
}

/** What our page sends to the window that opened it, and what a CMS sends back. */
export function handshakeFor(word: string): string {
  return `authorizing:${word}`;
}

export function deliverCmsToken(to: KnownCms, accessToken: string): Answer {
  return { message: successMessage(to.word, accessToken), targetOrigin: to.appOrigin };
}

export function deliverCmsError(to: KnownCms, error: AppError): Answer {
  return { message: errorMessage(to.word, error), targetOrigin: to.appOrigin };
}

/** The same for a CMS that is not known yet. */
export function reportCmsError(word: string, error: AppError): Report {
  return { message: errorMessage(word, error), handshake: handshakeFor(word) };
}

function successMessage(word: string, accessToken: string): string {
  return `authorization:${word}:success:${JSON.stringify({ token: accessToken, provider: word })}`;
}

/** Decap CMS and Static CMS show `message`. Sveltia CMS shows `error`, or its own text for an `errorCode` that it knows. */
function errorMessage(word: string, { error, description, reason = error }: AppError): string {
  const members = { message: description, error: description, errorCode: reason, provider: word };
  return `authorization:${word}:error:${JSON.stringify(members)}`;
}
