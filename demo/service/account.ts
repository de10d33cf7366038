/** The page where users see whether they are logged in, and can log out and revoke all access. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { sendPage } from "./http.ts";
import type { Memory } from "./memory.ts";
import type { AuthorizationServer } from "./oidc-provider.ts";
import { accountPage } from "./pages.ts";
import { findPerson } from "./people.ts";

export async function showAccount(
  server: AuthorizationServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { accountId } = await server.Session.get(server.createContext(request, response));
  sendPage(response, 200, accountPage(findPerson(accountId)));
}

/** Ends the session, and deletes the consent and the tokens of every app. */
export async function forgetAccount(
  server: AuthorizationServer,
  memory: Memory,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { accountId } = await server.Session.get(server.createContext(request, response));
  if (accountId) memory.forgetAccount(accountId);
  response.writeHead(303, { Location: "/" }).end();
}
