import { deliverRefusal, deliverResponse, deliverToken } from "../delivery.ts";
import type { Endpoint } from "../endpoint.ts";
import { OAuthError } from "../errors.ts";
import { exchangeCode } from "../exchange.ts";
import { readJson } from "../parameters.ts";
import { serviceById } from "../provider.ts";
import type { OfferedService, Provider } from "../provider.ts";
import type { Answer, Decision } from "../question.ts";
import { jsonAnswer } from "../responses.ts";
import { requireSameOrigin } from "../same-origin.ts";
import { seal } from "../seal.ts";
import { openBound } from "../transaction.ts";
import type { MadataTransaction, OAuthTransaction, Sealed, ServiceCode } from "../transaction.ts";

/**
 * The one gate: nothing is exchanged or released except by this POST, which our own confirmation page sends after the
 * person's click [A1].
 */
export const confirm: Endpoint = {
  name: "confirm",
  audience: "person",
  methods: { POST: decide },
};

interface Context {
  provider: Provider;
  service: OfferedService;
}

async function decide(request: Request, provider: Provider): Promise<Response> {
  requireSameOrigin(request, provider);
  const decision = readDecision(await readJson(request));
  // The service that was shown; a ticket for another one does not open.
  const service = serviceById(provider, decision.service);
  const { content, expired } = await openBound("ticket", decision.ticket, request, { provider, service });
  if (decision.origin !== content.transaction.appOrigin) throw new OAuthError("not_what_was_shown");

  const context = { provider, service };
  if (decision.decision === "no") return jsonAnswer(refuse(content, expired, decision.opener, context));
  if (expired) throw new OAuthError("expired");
  if (!content.serviceCode) throw new OAuthError("refused_at_service");
  return jsonAnswer(await release(content, content.serviceCode, decision.opener, context));
}

function readDecision(body: Record<string, unknown>): Decision {
  const { ticket, origin, service, decision, opener } = body;
  const isDecision =
    typeof ticket === "string" &&
    typeof origin === "string" &&
    typeof service === "string" &&
    (decision === "yes" || decision === "no") &&
    typeof opener === "boolean";
  if (!isDecision) throw new OAuthError("unreadable_body");
  return { ticket, origin, service, decision, opener };
}

/** "No" hands over nothing, so it works after the ticket has expired as well: an app is waiting to hear something. */
function refuse({ transaction, serviceCode }: Sealed["ticket"], expired: boolean, opener: boolean, { provider, service }: Context): Answer {
  const description = !serviceCode
    ? "The service reports that access was refused."
    : expired
      ? "The question was not answered in time."
      : "The user did not confirm.";
  const answer = deliverRefusal(transaction, { error: "access_denied", description }, opener, provider, service);
  if (!answer) throw new OAuthError("opener_lost");
  return answer;
}

async function release(
  { transaction }: Sealed["ticket"],
  serviceCode: ServiceCode,
  opener: boolean,
  context: Context,
): Promise<Answer> {
  if (transaction.dialect === "madata") return await releaseToken(transaction, serviceCode, opener, context);
  return await releaseCode(transaction, serviceCode, opener, context);
}

/** The app gets a code of ours that wraps the service's, still unredeemed: redeeming the one redeems the other [A28]. */
async function releaseCode(
  transaction: OAuthTransaction,
  serviceCode: ServiceCode,
  opener: boolean,
  { provider, service }: Context,
): Promise<Answer> {
  const code = await seal("code", { transaction, serviceCode }, { provider, service });
  const answer = deliverResponse(transaction, { code }, opener, provider, service);
  if (!answer) throw new OAuthError("opener_lost");
  return answer;
}

/** Madata's clients wait for the access token itself. Without a window to post it to, none is asked for. */
async function releaseToken(
  transaction: MadataTransaction,
  serviceCode: ServiceCode,
  opener: boolean,
  { provider, service }: Context,
): Promise<Answer> {
  if (!opener) throw new OAuthError("opener_lost");
  try {
    const { accessToken } = await exchangeCode(service, serviceCode, transaction.scopes);
    return deliverToken(transaction, accessToken);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const { error: code, description } = error;
    throw new OAuthError(error.reason, deliverRefusal(transaction, { error: code, description }, opener, provider, service));
  }
}
