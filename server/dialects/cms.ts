import type { Answer, Report } from "../../shared/question.ts";
import { readScopes } from "../../shared/scopes.ts";
import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import type { OfferedService, Provider } from "../provider/provider.ts";
import { readApp, serviceById, serviceByKey } from "../provider/provider.ts";
import { pickParameters } from "../request/parameters.ts";
import type { CmsTransaction, KnownCms } from "../sealing/transaction.ts";

/**
 * The dialect of Decap CMS, Sveltia CMS and Static CMS, as Netlify's own service has spoken it: `/auth` in a popup, a
 * handshake, and one message, all of them strings. The CMS names neither its address nor a state; who it is shows when
 * it answers the handshake, because the browser writes the origin of a message [A8].
 */

const PARAMETERS = ["provider", "site_id", "scope"] as const;

/** It goes into messages as it is, and the CMSes put it into regular expressions. */
const WORD = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const HOST = /^[A-Za-z0-9._[\]:-]{1,253}$/;

/** What every CMS says in place of its own host while it runs on the developer's computer. */
const HOSTS_OF_NOBODY = ["demo.decapcms.org", "cms.netlify.com"];

/** Reads `GET /auth`. Anybody can write it. */
export function readCmsRequest(
  search: URLSearchParams,
  provider: Provider,
): { service: OfferedService; transaction: CmsTransaction } {
  const { provider: word, site_id: siteId, scope } = pickParameters(search, PARAMETERS);
  if (word === undefined || !WORD.test(word)) throw new OAuthError(reasons.unknown_service);
  try {
    const service = serviceByKey(provider, word) ?? serviceById(provider, word);
    if (service.authorizationEndpoint === undefined)
      throw new OAuthError(reasons.service_without_authorization_endpoint);
    // Some services separate by commas, so some CMSes do.
    const scopes = readScopes(scope?.replaceAll(",", " "), service);
    if (!scopes) throw new OAuthError(reasons.invalid_scope);
    return { service, transaction: { dialect: "cms", scopes, word, ...claimOf(siteId) } };
  } catch (error) {
    // The CMS is told as well, whoever it is: its button would wait for ever.
    throw error instanceof OAuthError ? new OAuthError(error.reason, reportToCms(word, error)) : error;
  }
}

function claimOf(siteId: string | undefined): { claimedHost?: string } {
  if (siteId === undefined || !HOST.test(siteId) || HOSTS_OF_NOBODY.includes(siteId)) return {};
  // As browsers spell it: our page shows nothing else.
  return URL.canParse(`https://${siteId}`) ? { claimedHost: new URL(`https://${siteId}`).host } : {};
}

/**
 * The CMS, as the browser has named it to our page: under the one rule for the addresses of apps.
 *
 * @throws {OAuthError} `not_what_was_shown`, `app_not_allowed`
 */
export function nameCms(transaction: CmsTransaction, origin: string, provider: Provider): KnownCms {
  // Started again, it is still the login of the one that has answered the handshake.
  if (transaction.appOrigin !== undefined && transaction.appOrigin !== origin)
    throw new OAuthError(reasons.not_what_was_shown);
  return { ...transaction, appOrigin: readOrigin(origin, provider) };
}

function readOrigin(origin: string, provider: Provider): string {
  try {
    const app = readApp(provider, origin);
    // An address, and nothing more than that: this is what the message is sent to.
    if (app.origin === origin) return origin;
  } catch (error) {
    if (!(error instanceof OAuthError) || error.reason !== reasons.invalid_client_id) throw error;
  }
  throw new OAuthError(reasons.not_what_was_shown);
}

/** What our page says to the window that opened it, and what a CMS says back. */
export function handshakeOf(word: string): string {
  return `authorizing:${word}`;
}

export function deliverCmsToken(to: KnownCms, accessToken: string): Answer {
  return { message: successMessage(to.word, accessToken), targetOrigin: to.appOrigin };
}

export function deliverCmsRefusal(to: KnownCms, error: { error: string; description: string }): Answer {
  return { message: errorMessage(to.word, error), targetOrigin: to.appOrigin };
}

/** The same, while nobody knows yet which CMS it is. */
export function reportToCms(word: string, error: { error: string; description: string }): Report {
  return { message: errorMessage(word, error), handshake: handshakeOf(word) };
}

function successMessage(word: string, accessToken: string): string {
  return `authorization:${word}:success:${JSON.stringify({ token: accessToken, provider: word })}`;
}

/** Decap CMS and Static CMS show `message`; Sveltia CMS shows `error`, or its own words for an `errorCode` that it knows. */
function errorMessage(word: string, { error, description }: { error: string; description: string }): string {
  const members = { message: description, error: description, errorCode: error, provider: word };
  return `authorization:${word}:error:${JSON.stringify(members)}`;
}
