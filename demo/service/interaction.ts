/** The questions during a login: who the user is, and whether the app gets access. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { grantRequestedScopes, requestedScopes } from "./grants.ts";
import { readForm, sendPage } from "./http.ts";
import type { AuthorizationServer } from "./oidc-provider.ts";
import { consentPage, loginPage } from "./pages.ts";
import { findPerson } from "./people.ts";

export async function showQuestion(
  server: AuthorizationServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const interaction = await server.interactionDetails(request, response);
  if (interaction.prompt.name === "login") return sendPage(response, 200, loginPage(interaction));

  return sendPage(response, 200, consentPage(interaction, await requestedScopes(server, interaction)));
}

export async function receiveAnswer(
  server: AuthorizationServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const interaction = await server.interactionDetails(request, response);
  const form = await readForm(request);
  const denied = { error: "access_denied", error_description: "The user denied access." };
  if (form.get("decision") === "deny") return server.interactionFinished(request, response, denied);

  if (interaction.prompt.name === "login") {
    const person = findPerson(form.get("person"));
    if (!person) throw new Error("The form names no known person.");
    return server.interactionFinished(request, response, { login: { accountId: person.id } });
  }

  if (form.get("decision") !== "allow") throw new Error("The form contains no decision.");
  const grantId = await grantRequestedScopes(server, interaction);
  return server.interactionFinished(request, response, { consent: { grantId } });
}
