import { isScopeToken } from "../../shared/scopes.ts";
import type { Service } from "../provider/service.ts";
import type { TokenResponse } from "../upstream/exchange.ts";

/**
 * What the app gets (RFC 6749 §5.1). Members that are not known are left out, never null; so is what is no scope at all
 * [A52]. `openid` is not passed on: it would promise an ID token, and the service's is meant for us, not for the app.
 *
 * @param scopes what counts as granted when the service does not say
 * @param service whose tokens end, also where it does not say when
 */
export function tokenResponse(
  tokens: TokenResponse,
  scopes: string[],
  refreshToken: string | undefined,
  service: Pick<Service, "accessTokenLifetimeSeconds">,
): Record<string, unknown> {
  // Without a refresh token, a guess would only end a login that may be good for longer.
  const assumedSeconds = refreshToken === undefined ? undefined : service.accessTokenLifetimeSeconds;
  const { expiresInSeconds = assumedSeconds } = tokens;
  const granted = (tokens.scopes ?? scopes).filter((scope) => scope !== "openid" && isScopeToken(scope));
  return {
    // What the catalogue names besides, such as the address of the user's own API host; none of it wins over the rest.
    ...tokens.extraMembers,
    access_token: tokens.accessToken,
    token_type: tokens.tokenType,
    ...(expiresInSeconds === undefined ? {} : { expires_in: expiresInSeconds }),
    ...(granted.length === 0 ? {} : { scope: granted.join(" ") }),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
  };
}
