import { randomBytes } from "node:crypto";
import type { WaitingQuestion } from "../../shared/page-messages.ts";
import { seal } from "../sealing/seal.ts";
import type { Transaction } from "../sealing/transaction.ts";
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

/** The data for the page of the waiting window. */
export function waitingQuestion(transaction: Transaction, browser: string, context: LoginContext): WaitingQuestion {
  const waitingWindow = randomBytes(16).toString("base64url");
  const origin = "appOrigin" in transaction ? transaction.appOrigin : undefined;
  return {
    request: seal("request", { transaction, browser, waitingWindow }, context),
    waitingWindow: waitingWindow,
    service: context.service.id,
    ...(origin === undefined ? {} : { origin }),
  };
}
