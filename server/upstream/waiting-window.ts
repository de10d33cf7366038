import { randomBytes } from "node:crypto";
import type { WaitingQuestion } from "../../shared/page-messages.ts";
import { seal } from "../sealing/seal.ts";
import type { OAuthTransaction, Transaction } from "../sealing/transaction.ts";
import { redirectUriOf } from "../sealing/transaction.ts";
import type { LoginContext } from "./authorization-request.ts";

/**
 * Whether the login needs a waiting window: the app gets the result by a message to the window that opened ours, and the
 * service would separate the two (Cross-Origin-Opener-Policy). The service then gets a window of its own.
 */
export function needsWaitingWindow(transaction: Transaction, { service }: LoginContext): boolean {
  return service.opener === "cut" && needsOpener(transaction);
}

/** Whether the result can only travel as a message to the window that opened ours. */
function needsOpener(transaction: Transaction): boolean {
  return transaction.dialect !== "sign-out" && redirectUriOf(transaction) === undefined;
}

/**
 * Whether the app may be in a popup whose page looks for the window that opened it when it comes back (Sveltia CMS). Only the
 * browser knows, so the start page decides. An app that names a redirect URI *and* a message needs no such help.
 */
export function mayMissOpener({ responseMode }: OAuthTransaction, { service }: LoginContext): boolean {
  return service.opener === "cut" && responseMode === "query";
}

/** The data for the page of the waiting window. */
export function waitingQuestion(transaction: Transaction, browser: string, context: LoginContext): WaitingQuestion {
  const waitingWindow = randomBytes(16).toString("base64url");
  const origin = "appOrigin" in transaction ? transaction.appOrigin : undefined;
  const redirectUri = redirectUriOf(transaction);
  return {
    request: seal("request", { transaction, browser, waitingWindow }, context),
    waitingWindow: waitingWindow,
    service: context.service.id,
    ...(origin === undefined ? {} : { origin }),
    ...(redirectUri === undefined ? {} : { redirectUri }),
  };
}
