import type { TrialResult } from "../../shared/page-messages.ts";
import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { jsonResponse } from "../answers/responses.ts";
import { deliverError } from "../dialects/delivery.ts";
import type { OfferedService, ProviderSettings, ServiceContext } from "../provider/provider.ts";
import type { Service } from "../provider/service.ts";
import { bindBrowser } from "../sealing/browser-binding.ts";
import type { ServiceCode, TrialTransaction } from "../sealing/transaction.ts";
import type { LoginContext } from "../upstream/authorization-request.ts";
import { authorizationRequest } from "../upstream/authorization-request.ts";
import { exchangeCode } from "../upstream/exchange.ts";
import { isInstalledNowhere } from "../upstream/installation.ts";
import { revokeToken } from "../upstream/revocation.ts";
import type { TokenResponse } from "../upstream/token-response.ts";
import { fetchUserinfo } from "../upstream/userinfo.ts";

/**
 * "Try it": a login that ends on our own page. It shows an owner that the service knows our redirect URI, client ID and
 * client secret, which nothing but a login can. No app can ask for it, and nobody gets its token.
 */

/** Whether our pages offer it. */
export function isTrialOffered({ trialsAllowed }: ProviderSettings, service: Service | OfferedService): boolean {
  return trialsAllowed && service.authorizationEndpoint !== undefined;
}

/** Only our own pages can start this. The user has pressed a button there, and is asked again in the end. */
export function startTrial(context: LoginContext): Response {
  const { request, provider, service } = context;
  if (!isTrialOffered(provider, service)) throw new OAuthError(errors.trial_not_offered);
  const { origin } = provider;
  const scopes = service.profileScopes ?? service.defaultScopes;
  const transaction: TrialTransaction = { dialect: "trial", appOrigin: origin, redirectUri: `${origin}/try`, scopes };
  const { browser, setCookie } = bindBrowser(request, provider);
  const { location, setCookies } = authorizationRequest(transaction, { browser }, context);
  return jsonResponse({ location }, [setCookie, ...setCookies]);
}

/** Asks the service for the user's name, and gives the access back, whatever the service has said. */
export async function finishTrial(
  transaction: TrialTransaction,
  serviceCode: ServiceCode,
  context: ServiceContext,
): Promise<TrialResult> {
  try {
    const tokens = await exchangeCode(context.service, serviceCode, transaction.scopes);
    const [name, uninstalled] = await Promise.allSettled([
      readName(context.service, tokens.accessToken),
      isInstalledNowhere(context.service, tokens.accessToken),
    ]);
    const revoked = await revokeAll(context.service, tokens);
    if (name.status === "rejected") throw name.reason;
    return {
      trial: {
        ...(name.value === undefined ? {} : { name: name.value }),
        revoked,
        installed: uninstalled.status === "rejected" || !uninstalled.value,
      },
    };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    throw new OAuthError(error.definition, deliverError(transaction, error, false, context));
  }
}

/** `undefined`: the service has no profile, or none with a name. */
async function readName(service: OfferedService, accessToken: string): Promise<string | undefined> {
  if (service.userinfo === undefined) return undefined;
  const { name, username, email, sub } = await fetchUserinfo(service, accessToken);
  return name ?? username ?? email ?? sub;
}

/**
 * Revokes what this login was given, and no more: the grant belongs to the user's apps as well.
 *
 * @returns whether the access token is known to be revoked
 */
async function revokeAll(service: OfferedService, { accessToken, refreshToken }: TokenResponse): Promise<boolean> {
  // The refresh token first, because revoking an access token often needs no less than that token.
  if (refreshToken !== undefined) await revokeToken(service, refreshToken, "refresh_token").catch(() => undefined);
  return await revokeToken(service, accessToken).then(
    () => true,
    () => false,
  );
}
