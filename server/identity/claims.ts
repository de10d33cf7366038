import type { OpenidScope, Service, UserinfoClaim } from "../provider/service.ts";
import type { Userinfo } from "../upstream/userinfo.ts";

/** The standard claims about a user (OpenID Connect Core §5.1), which have other names in the catalogue. */

/** What an ID token says besides the claims about the user. `nonce` only if the app has sent one. */
export const PROTOCOL_CLAIMS = ["iss", "sub", "aud", "iat", "exp", "nonce", "at_hash"];

type ProfileClaim = Exclude<UserinfoClaim, "sub">;

/** Core §5.1: the name of each claim, and §5.4: the scope that asks for it. */
const STANDARD_CLAIMS: Record<ProfileClaim, { name: string; scope: OpenidScope }> = {
  name: { name: "name", scope: "profile" },
  username: { name: "preferred_username", scope: "profile" },
  avatar: { name: "picture", scope: "profile" },
  url: { name: "profile", scope: "profile" },
  email: { name: "email", scope: "email" },
};

const CLAIMS = Object.entries(STANDARD_CLAIMS) as [ProfileClaim, { name: string; scope: OpenidScope }][];

/** The claims of a profile that the scopes ask for, under their standard names. */
export function standardClaims(
  profile: Userinfo,
  scopes: readonly OpenidScope[] = ["profile", "email"],
): Record<string, string | boolean> {
  const known = CLAIMS.filter(([claim, { scope }]) => scopes.includes(scope) && profile[claim] !== undefined);
  const isEmailShown = scopes.includes("email") && profile.email_verified !== undefined;
  return {
    ...Object.fromEntries(known.map(([claim, { name }]) => [name, profile[claim]!])),
    ...(isEmailShown ? { email_verified: profile.email_verified! } : {}),
  };
}

/** The claims that a service can have, for the metadata. */
export function profileClaimsOf({ userinfo }: Service): string[] {
  const names = CLAIMS.filter(([claim]) => userinfo?.claims[claim] !== undefined).map(([, { name }]) => name);
  return [...names, ...(userinfo?.emailVerified === undefined ? [] : ["email_verified"])];
}
