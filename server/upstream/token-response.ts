import { splitScopes } from "../../shared/scopes.ts";
import * as reasons from "../answers/error-catalogue.ts";
import type { Reason } from "../answers/errors.ts";
import { OAuthError } from "../answers/errors.ts";
import type { Service, TokenResponseMember } from "../provider/service.ts";
import type { OutboundAnswer } from "./fetch.ts";
import { parseJsonObject } from "./fetch.ts";
import { meets, valueAt } from "./json-path.ts";

/** A service's token response (RFC 6749 §5.1): the members that we understand, and no others. */
export interface TokenResponse {
  accessToken: string;
  tokenType: string;
  expiresInSeconds?: number;
  refreshToken?: string;
  /** What was granted; absent when the service does not say: then it is what was asked for (RFC 6749 §5.1). */
  scopes?: string[];
  /** Members of the service's own that apps cannot do without, such as the address of its API. */
  extraMembers?: Record<string, string>;
}

/** RFC 6749 appendix A.12 and A.17: visible ASCII and spaces. */
const TOKEN = /^[\x20-\x7E]{1,8192}$/;

const MAX_EXTRA_CHARACTERS = 2_048;

/** @throws {OAuthError} `service_…` */
export function readTokenResponse({ status, text }: OutboundAnswer, service: Service): TokenResponse {
  const { format, success, extraMembers } = service.tokenResponse ?? {};
  const answer = format === "form" ? Object.fromEntries(new URLSearchParams(text)) : parseJsonObject(text);
  const find = (member: TokenResponseMember): unknown => findMember(answer, member, service);

  if (status >= 500) throw new OAuthError(reasons.service_failed);
  // Some services report errors with status 200, so the member decides, not the status.
  const error = find("error") ?? null;
  if (error !== null) throw new OAuthError(reasonOf(error, service));
  if (status >= 400) throw new OAuthError(reasons.service_failed);
  if (!meets(success, answer)) throw new OAuthError(reasons.service_refused_provider);

  const accessToken = find("access_token");
  if (!isToken(accessToken)) throw new OAuthError(reasons.service_unintelligible);
  const tokenType = find("token_type");
  const refreshToken = find("refresh_token");
  const expiresInSeconds = readSeconds(find("expires_in"));
  const scopes = readGrantedScopes(find("scope"), service.tokenResponseScopeSeparator);
  return {
    accessToken,
    tokenType: typeof tokenType === "string" && /^[A-Za-z0-9._~-]{1,32}$/.test(tokenType) ? tokenType : "Bearer",
    ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }),
    ...(isToken(refreshToken) ? { refreshToken } : {}),
    ...(scopes ? { scopes } : {}),
    ...(extraMembers ? { extraMembers: pickTexts(answer, extraMembers) } : {}),
  };
}

/** Where the service puts a member of RFC 6749 §5: the first of its paths that leads to something. */
function findMember(answer: unknown, member: TokenResponseMember, { tokenResponse }: Service): unknown {
  const paths = tokenResponse?.members?.[member] ?? [member];
  return paths.map((path) => valueAt(path, answer)).find((value) => value !== undefined && value !== null);
}

function isToken(value: unknown): value is string {
  return typeof value === "string" && TOKEN.test(value);
}

/** The service's own words stay out of our answers: only its error code is looked at, against a closed list. */
function reasonOf(error: unknown, { tokenErrorCodes }: Service): Reason {
  const code = typeof error === "number" ? String(error) : error;
  const known = typeof code === "string" && Object.hasOwn(tokenErrorCodes, code) ? tokenErrorCodes[code] : code;
  switch (known) {
    case "invalid_grant":
      return reasons.service_refused_grant;
    case "temporarily_unavailable":
    case "server_error":
      return reasons.service_failed;
    default:
      return reasons.service_refused_provider;
  }
}

/** A number or, as some services send it, the same in digits. */
function readSeconds(value: unknown): number | undefined {
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  const seconds = Math.floor(Number(value));
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : undefined;
}

/** A text, or a list of texts. */
function readGrantedScopes(value: unknown, separator: string): string[] | undefined {
  if (typeof value !== "string" && !Array.isArray(value)) return undefined;
  const texts = [value].flat().filter((text) => typeof text === "string");
  return texts.flatMap((text) => text.split(separator)).flatMap(splitScopes);
}

function pickTexts(answer: unknown, names: string[]): Record<string, string> {
  const found = names.map((name) => [name, valueAt(name, answer)] as const);
  return Object.fromEntries(found.filter((entry): entry is [string, string] => isShortText(entry[1])));
}

function isShortText(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_EXTRA_CHARACTERS;
}
