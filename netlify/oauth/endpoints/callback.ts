import type { Endpoint, PathParameters } from "../endpoint.ts";
import { OAuthError } from "../errors.ts";
import { arriveAtRoot } from "../madata.ts";
import { MAX_SEALED_CHARACTERS, pickParameters } from "../parameters.ts";
import { callbackUri, serviceById } from "../provider.ts";
import type { OfferedService, Provider } from "../provider.ts";
import { showService } from "../question.ts";
import type { Question } from "../question.ts";
import { redirectToPage } from "../responses.ts";
import { describeScopes } from "../scopes.ts";
import { seal, ticketLifetimeSeconds } from "../seal.ts";
import { openBound } from "../transaction.ts";
import type { Sealed, Transaction } from "../transaction.ts";

/**
 * The client redirection endpoint (RFC 6749 §3.1.2): the service comes back. Nothing is exchanged here; the code waits,
 * sealed, for the person's answer on the confirmation page.
 */
export const callback: Endpoint = {
  name: "callback",
  audience: "person",
  methods: { GET: arrive },
};

const RESPONSE_PARAMETERS = ["code", "state", "iss", "error"] as const;

async function arrive(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  if (path.service === undefined) return await arriveAtRoot(request, provider);

  const service = serviceById(provider, path.service);
  const search = new URL(request.url).searchParams;
  const { code, state, iss, error } = pickParameters(search, RESPONSE_PARAMETERS, MAX_SEALED_CHARACTERS);
  // Sealed for the service of this path: another service's code finds no state here [A22].
  const { content, expired } = await openBound("state", state, request, { provider, service });
  checkIssuer(iss, service);
  if (expired) throw new OAuthError("expired");
  if (code === undefined && error === undefined) throw new OAuthError("no_code");

  const { transaction, codeVerifier, browser } = content;
  const serviceCode = code === undefined ? {} : { serviceCode: { code, redirectUri: callbackUri(provider, service), ...verifier(codeVerifier) } };
  const ticket: Sealed["ticket"] = { transaction, browser, ...serviceCode };
  const question: Question = {
    ticket: await seal("ticket", ticket, { provider, service }),
    origin: transaction.appOrigin,
    service: showService(service),
    scopes: describeScopes(transaction.scopes ?? [], service),
    scopesMerged: service.scopesMerged,
    offline: transaction.dialect === "oauth" && transaction.offline !== undefined,
    ...deliveryOf(transaction),
    refused: code === undefined,
    unknownStart: false,
    lifetimeSeconds: ticketLifetimeSeconds(service),
  };
  return redirectToPage(provider, "/confirm", question, undefined);
}

/** RFC 9207 §2.4: against a code that another authorization server issued [A22]. */
function checkIssuer(iss: string | undefined, service: OfferedService): void {
  if (iss === undefined && service.issuerRequired) throw new OAuthError("wrong_issuer");
  if (iss !== undefined && service.issuer !== undefined && iss !== service.issuer) throw new OAuthError("wrong_issuer");
}

function verifier(codeVerifier: string | undefined): { codeVerifier?: string } {
  return codeVerifier === undefined ? {} : { codeVerifier };
}

function deliveryOf(transaction: Transaction): Pick<Question, "delivery" | "canNavigate"> {
  if (transaction.dialect === "madata") return { delivery: "message", canNavigate: false };
  const canNavigate = transaction.redirectUri !== undefined;
  return { delivery: transaction.responseMode === "query" ? "navigation" : "message", canNavigate };
}
