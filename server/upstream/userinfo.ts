import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import type { OfferedService } from "../provider/provider.ts";
import type { UserinfoClaim, UserinfoEndpoint } from "../provider/service.ts";
import { authenticateClient } from "./client-authentication.ts";
import type { OutboundRequest } from "./fetch.ts";
import { callService, parseJsonObject } from "./fetch.ts";
import { meets, valueAt } from "./json-path.ts";
import { fillClientId, writeRequest } from "./service-request.ts";

/**
 * Who somebody is. `sub` stays theirs for ever and becomes nobody else's; `id` is the same value, for clients that look
 * there. Both are missing at services that know their users by a name only.
 */
export type Userinfo = Partial<Record<UserinfoClaim | "id", string>>;

const CLAIMS: UserinfoClaim[] = ["sub", "username", "name", "avatar", "url", "email"];

const MAX_CLAIM_CHARACTERS = 2_048;

/**
 * Asks the service whom an access token belongs to. The address is fixed by configuration [A12].
 *
 * @throws {OAuthError} `invalid_token`, `insufficient_scope`, `service_…`, `no_userinfo`
 */
export async function fetchUserinfo(service: OfferedService, accessToken: string): Promise<Userinfo> {
  const { userinfo } = service;
  if (!userinfo) throw new OAuthError(reasons.no_userinfo);
  const { status, text } = await callService(userinfoRequest(service, userinfo, accessToken));
  if (status === 401) throw new OAuthError(reasons.invalid_token);
  // A good token that may not do this; an app that took it for a bad one would log people out for nothing.
  if (status === 403) throw new OAuthError(reasons.insufficient_scope);
  if (status >= 400) throw new OAuthError(reasons.service_failed);
  const profile = parseJsonObject(text);
  if (!profile) throw new OAuthError(reasons.service_unintelligible);
  if (!meets(userinfo.success, profile)) throw new OAuthError(reasons.invalid_token);
  return readClaims(profile, userinfo.claims);
}

function userinfoRequest(service: OfferedService, userinfo: UserinfoEndpoint, accessToken: string): OutboundRequest {
  const { endpoint, method, body = "empty", scheme = "Bearer", tokenParameter, authMethod } = userinfo;
  const credentials = authMethod ? authenticateClient(service, authMethod) : { headers: {}, parameters: {} };
  // A service that reads the token elsewhere gets it there only.
  const authorization = tokenParameter ? {} : { Authorization: `${scheme} ${accessToken}`.trim() };
  return writeRequest({
    url: endpoint,
    method,
    headers: { ...fillClientId(userinfo.headers, service.clientId), ...credentials.headers, ...authorization },
    format: body,
    members: {
      ...fillClientId(userinfo.parameters, service.clientId),
      ...credentials.parameters,
      ...(tokenParameter ? { [tokenParameter]: accessToken } : {}),
    },
  });
}

/**
 * Reads the claims that the catalogue names out of a service's profile. Other members stay here [A54].
 *
 * @throws {OAuthError} `service_unintelligible` when it holds none, or lacks the `sub` that the service always tells:
 *   a name in its place can be changed, and then be somebody else's [A32]
 */
export function readClaims(profile: unknown, paths: UserinfoEndpoint["claims"]): Userinfo {
  const read = CLAIMS.map((claim) => [claim, readClaim(profile, paths[claim])]);
  const claims = Object.fromEntries(read.filter(([, value]) => value !== undefined)) as Userinfo;
  const { sub } = claims;
  const isMissing = sub === undefined && (paths.sub !== undefined || Object.keys(claims).length === 0);
  if (isMissing) throw new OAuthError(reasons.service_unintelligible);
  return sub === undefined ? claims : { ...claims, id: sub };
}

/** The first path or template that leads to a text. */
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

/** Numbers become text: some services' ids are numbers, and `sub` is a string (OpenID Connect Core §5.1). */
function textAt(path: string, profile: unknown): string | undefined {
  const value = valueAt(path, profile);
  // A larger number has been rounded already, and two people would share it.
  const text = Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === "string" && text !== "" && text.length <= MAX_CLAIM_CHARACTERS ? text : undefined;
}
