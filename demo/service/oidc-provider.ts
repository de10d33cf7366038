/** The types of `oidc-provider`, as far as the demo service uses them. The package ships none. */

import type { IncomingMessage, ServerResponse } from "node:http";

export interface AuthorizationServer {
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  createContext(request: IncomingMessage, response: ServerResponse): object;
  interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
  Session: { get(context: object): Promise<Session> };
  Grant: GrantConstructor;
}

/** What the functions in its configuration receive. */
export interface AuthorizationContext {
  oidc: {
    route: string;
    result?: { consent?: { grantId: string } };
    session: { grantIdFor(clientId: string): string | undefined };
    client: { clientId: string };
    provider: AuthorizationServer;
  };
}

/** A question for the user, in the middle of a login. */
export interface Interaction {
  uid: string;
  grantId?: string;
  params: { redirect_uri: string; client_id: string };
  prompt: { name: "login" | "consent"; details: { missingOIDCScope?: string[] } };
  session?: { accountId: string };
}

export interface Session {
  accountId?: string;
}

export interface GrantConstructor {
  new (properties: { accountId: string; clientId: string }): Grant;
  find(id: string): Promise<Grant | undefined>;
}

export interface Grant {
  accountId: string;
  clientId: string;
  addOIDCScope(scope: string): void;
  getOIDCScope(): string;
  save(): Promise<string>;
}
