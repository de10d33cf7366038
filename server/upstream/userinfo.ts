import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import type { OfferedService } from "../provider/provider.ts";
import type { UserinfoClaim, UserinfoEndpoint } from "../provider/service.ts";
import { parseJsonObject } from "../request/json-object.ts";
import { authenticateClient } from "./client-authentication.ts";
import type { OutboundRequest } from "./fetch.ts";
import { callService } from "./fetch.ts";
import { hasExpectedValues, valueAt } from "./json-path.ts";
import { fillClientId, writeRequest } from "./service-request.ts";

/**
 * A user's profile. `sub` identifies one person for ever; `id` is the same value, for clients that read that. Both are
 * missing if the service identifies its users only by names.
 */
export type Userinfo = Partial<Record<UserinfoClaim | "id", string>> & {
  /** Whether the service has checked the address. Absent if nobody knows: apps find accounts by it. */
  email_verified?: boolean;
};

const CLAIMS: UserinfoClaim[] = ["sub", "username", "name", "avatar", "url", "email"];

const MAX_CLAIM_CHARACTERS = 2_048;

/**
 * Asks the service whom an access token belongs to.
 *
 * @throws {OAuthError} `invalid_token`, `insufficient_scope`, `service_…`, `no_userinfo`
 */
export async function fetchUserinfo(service: OfferedService, accessToken: string): Promise<Userinfo> {
  const { userinfo } = service;
  if (!userinfo) throw new OAuthError(errors.no_userinfo);
  const { status, text } = await callService(userinfoRequest(service, userinfo, accessToken));
  if (status === 401) throw new OAuthError(errors.invalid_token);
  // The token is valid but may not read the profile. `invalid_token` would make apps log the user out.
  if (status === 403) throw new OAuthError(errors.insufficient_scope);
  if (status >= 400) throw new OAuthError(errors.service_failed);
  const profile = parseJsonObject(text);
  if (!profile) throw new OAuthError(errors.service_unintelligible);
  if (!hasExpectedValues(profile, userinfo.success)) throw new OAuthError(errors.invalid_token);
  return { ...readClaims(profile, userinfo.claims), ...readEmailVerified(profile, userinfo) };
}

function userinfoRequest(service: OfferedService, userinfo: UserinfoEndpoint, accessToken: string): OutboundRequest {
  const { endpoint, method, body = "empty", scheme = "Bearer", tokenParameter, authMethod } = userinfo;
  const credentials = authMethod ? authenticateClient(service, authMethod) : { headers: {}, parameters: {} };
  // A service that reads the token from a parameter gets it only there.
  const authorization = tokenParameter ? {} : { Authorization: `${scheme} ${accessToken}`.trim() };
  return writeRequest({
    url: endpoint,
    method,
    headers: { ...fillClientId(userinfo.headers, service.clientId), ...credentials.headers, ...authorization },
    format: body,
    parameters: {
      ...fillClientId(userinfo.parameters, service.clientId),
      ...credentials.parameters,
      ...(tokenParameter ? { [tokenParameter]: accessToken } : {}),
    },
  });
}

/**
 * Reads the claims that the catalogue names. Other members of the service's profile are not passed on.
 *
 * @throws {OAuthError} `service_unintelligible` if there are none, or if `sub` is missing at a service that always has
 *   it: a name instead could later belong to another person
 */
export function readClaims(profile: unknown, paths: UserinfoEndpoint["claims"]): Userinfo {
  const read = CLAIMS.map((claim) => [claim, readClaim(profile, paths[claim])]);
  const claims = Object.fromEntries(read.filter(([, value]) => value !== undefined)) as Userinfo;
  const { sub } = claims;
  const isMissing = sub === undefined && (paths.sub !== undefined || Object.keys(claims).length === 0);
  if (isMissing) throw new OAuthError(errors.service_unintelligible);
  return sub === undefined ? claims : { ...claims, id: sub };
}

/** Never guessed: only what the service's record says about the service's own statement. */
function readEmailVerified(
  profile: unknown,
  { claims, emailVerified }: UserinfoEndpoint,
): { email_verified?: boolean } {
  if (emailVerified === undefined || readClaim(profile, claims.email) === undefined) return {};
  return { email_verified: hasExpectedValues(profile, emailVerified) };
}

/** The first path or template that has a value. */
function readClaim(profile: unknown, candidates: string[] = []): string | undefined {
  return candidates.map((candidate) => fill(candidate, profile)).find((value) => value !== undefined);
}

function fill(candidate: string, profile: unknown): string | undefined {
  if (!candidate.includes("{")) return textAt(candidate, profile);
  let complete = true;
  const filled = candidate.replace(/\{([^{}]+)\}/g, (_, path: string) => {
    const value = textAt(path, profile);
    if (value === undefined) complete = false;
    return value ?? "";
  });
  return complete ? filled : undefined;
}

/** Numbers become strings: some services have numeric ids, and `sub` is a string (OpenID Connect Core §5.1). */
function textAt(path: string, profile: unknown): string | undefined {
  const value = valueAt(path, profile);
  // A larger number has already been rounded, so two people could have the same.
  const text = Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === "string" && text !== "" && text.length <= MAX_CLAIM_CHARACTERS ? text : undefined;
}
