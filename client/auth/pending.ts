import { isObject } from "../page/values.ts";
import type { Login } from "./login.ts";
import { isOurState } from "./login.ts";
import type { AuthorizationResponse } from "./response.ts";
import { tabStore } from "./storage.ts";

/** A login for which the page itself goes to the auth provider and comes back. It is stored for this tab only. */
export interface PendingLogin {
  login: Login;
  /** Where the user was. */
  returnTo: string;
  /** Set when the page has come back. */
  response?: AuthorizationResponse;
}

const storageKey = "auth-provider login";

/** @returns whether it will be there when the page comes back */
export function savePendingLogin(pending: PendingLogin): boolean {
  return tabStore.set(storageKey, JSON.stringify(pending));
}

export function findPendingLogin(): PendingLogin | undefined {
  try {
    const value: unknown = JSON.parse(tabStore.get(storageKey) ?? "null");
    return isPendingLogin(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function forgetPendingLogin(): void {
  tabStore.remove(storageKey);
}

function isPendingLogin(value: unknown): value is PendingLogin {
  if (!isObject(value) || !isObject(value.login) || typeof value.returnTo !== "string") return false;
  const { state } = value.login;
  return typeof state === "string" && isOurState(state);
}
