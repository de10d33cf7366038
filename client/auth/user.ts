import { isObject, isText, isWebAddress } from "../page/values.ts";
import type { StoredError } from "./errors.ts";

/** The same members for every service, and whatever else the auth provider sends (`id`, `email`, …). */
export interface UserInfo {
  /** Always there; empty only if the service says nothing about its users. */
  username: string;
  name?: string;
  /** http(s) address of a picture. */
  avatar?: string;
  /** http(s) address of the profile page. */
  url?: string;
  [other: string]: any;
}

/** What is known about the user. */
export interface Profile {
  user: UserInfo;
  /** Why the profile could not be read. */
  userError?: StoredError | undefined;
}

/** Reads the answer of `/userinfo`. */
export function readUser(answer: unknown): UserInfo {
  const claims = isObject(answer) ? answer : {};
  const { username, name, email, sub, avatar, url, ...others } = claims;
  const known = [username, email, name, sub].find(isText);
  return {
    ...others,
    ...(isText(sub) && { sub }),
    ...(isText(email) && { email }),
    username: known ?? "",
    ...(isText(name) && { name }),
    // Apps put these into `src` and `href`, where `javascript:` would run somebody else's code in their page.
    ...(isWebAddress(avatar) && { avatar }),
    ...(isWebAddress(url) && { url }),
  };
}
