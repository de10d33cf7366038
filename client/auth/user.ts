import { isObject, isText, isWebAddress } from "../page/values.ts";
import type { StoredError } from "./errors.ts";

/** The same words for every service. Whatever else the auth provider tells (`id`, `email`, …) is there as well. */
export interface UserInfo {
  /** Never missing; empty only where the service tells nothing at all about its users. */
  username: string;
  name?: string;
  /** http(s) address of a picture. */
  avatar?: string;
  /** http(s) address of the profile page. */
  url?: string;
  [other: string]: any;
}

/** Who is logged in, as far as that could be learnt. */
export interface Profile {
  user: UserInfo;
  /** Why the service has not said who the user is. */
  userError?: StoredError | undefined;
}

/** Makes a user of what `/userinfo` answered. */
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
    // Apps put these into `src` and `href`, where `javascript:` would be somebody else's code in their page.
    ...(isWebAddress(avatar) && { avatar }),
    ...(isWebAddress(url) && { url }),
  };
}
