import * as errors from "../answers/error-catalogue.ts";
import type { ErrorDefinition } from "../answers/errors.ts";
import { OAuthError } from "../answers/errors.ts";
import type { Service, TokenResponseMember } from "../provider/service.ts";
import { parseJsonObject } from "../request/json-object.ts";
import { splitScopes } from "../request/scopes.ts";
import type { OutboundAnswer } from "./fetch.ts";
import { hasExpectedValues, valueAt } from "./json-path.ts";

/** A service's token response (RFC 6749 §5.1): only the members that we use. */
export interface TokenResponse {
  accessToken: string;
  tokenType: string;
  expiresInSeconds?: number;
  refreshToken?: string;
  /** What was granted. Absent: what was asked for (RFC 6749 §5.1). */
  scopes?: string[];
  /** Members of the service's own that apps need, such as the address of its API. */
  extraMembers?: Record<string, string>;
}

/** RFC 6749 appendix A.12 and A.17: visible ASCII and spaces. */
const TOKEN = /^[\x20-\x7E]{1,8192}$/;

const MAX_EXTRA_CHARACTERS = 2_048;

type FormatFields = Pick<Service, "tokenResponse" | "tokenResponseScopeSeparator" | "tokenErrorCodes">;

/** @throws {OAuthError} `service_…` */
export function readTokenResponse({ status, text }: OutboundAnswer, service: FormatFields): TokenResponse {
  const { format, success, extraMembers } = service.tokenResponse ?? {};
  const answer = format === "form" ? Object.fromEntries(new URLSearchParams(text)) : parseJsonObject(text);
  const find = (member: TokenResponseMember): unknown => findMember(answer, member, service);

  if (status >= 500) throw new OAuthError(errors.service_failed);
  // Checked before the status, because some services report errors with status 200.
  const error = find("error") ?? null;
  if (error !== null) throw new OAuthError(definitionOf(error, service));
  if (status >= 400) throw new OAuthError(errors.service_failed);
  if (!hasExpectedValues(answer, success)) throw new OAuthError(errors.service_refused_provider);

  const accessToken = find("access_token");
  if (!isToken(accessToken)) throw new OAuthError(errors.service_unintelligible);
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

/** The value of a member of RFC 6749 §5: the first of its paths at this service that has one. */
function findMember(answer: unknown, member: TokenResponseMember, { tokenResponse }: FormatFields): unknown {
  const paths = tokenResponse?.members?.[member] ?? [member];
  return paths.map((path) => valueAt(path, answer)).find((value) => value !== undefined && value !== null);
}

function isToken(value: unknown): value is string {
  return typeof value === "string" && TOKEN.test(value);
}

/** Only the error code is read, and compared with known codes. The service's own words are not passed on. */
function definitionOf(error: unknown, { tokenErrorCodes }: FormatFields): ErrorDefinition {
  const code = typeof error === "number" ? String(error) : error;
  const known = typeof code === "string" && Object.hasOwn(tokenErrorCodes, code) ? tokenErrorCodes[code] : code;
  switch (known) {
    case "invalid_grant":
      return errors.service_refused_grant;
    case "temporarily_unavailable":
    case "server_error":
      return errors.service_failed;
    default:
      return errors.service_refused_provider;
  }
}

/** A number, or its digits as a string, which some services send. */
function readSeconds(value: unknown): number | undefined {
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  const seconds = Math.floor(Number(value));
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : undefined;
}

/** A string, or a list of strings. */
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
