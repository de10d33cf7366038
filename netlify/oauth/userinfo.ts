import { OAuthError } from "./errors.ts";
import type { UserinfoClaim, UserinfoEndpoint } from "./service.ts";

/** Who somebody is. Only `sub` is certain; `id` is the same value, for clients that look there. */
export type Userinfo = { sub: string; id: string } & Partial<Record<Exclude<UserinfoClaim, "sub">, string>>;

const CLAIMS: UserinfoClaim[] = ["username", "name", "avatar", "url", "email"];

const MAX_CLAIM_CHARACTERS = 2_048;

/**
 * Reads the claims that the catalogue names out of a service's profile. Other members stay here [A54].
 *
 * @throws {OAuthError} `service_unintelligible` when there is no `sub`: nobody can be told apart without it
 */
export function readClaims(profile: unknown, paths: UserinfoEndpoint["claims"]): Userinfo {
  const sub = readClaim(profile, paths.sub);
  if (sub === undefined) throw new OAuthError("service_unintelligible");
  const others = CLAIMS.map((claim) => [claim, readClaim(profile, paths[claim])]).filter(([, value]) => value !== undefined);
  return { sub, id: sub, ...Object.fromEntries(others) };
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
  const value = path.split(".").reduce(member, profile);
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text !== "" && text.length <= MAX_CLAIM_CHARACTERS ? text : undefined;
}

/** Own members only [A41]. */
function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
