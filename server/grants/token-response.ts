import { isScopeToken } from "../../shared/scopes.ts";
import type { Service } from "../provider/service.ts";
import type { TokenResponse } from "../upstream/token-response.ts";
import type { IssuedIdentity } from "./identify.ts";

/**
 * The token response for the app (RFC 6749 §5.1). Unknown members are left out, never null. So are texts that are not
 * valid scopes, and a service's `openid`: its ID token is for us, not for the app. Ours is there with an ID token of ours.
 *
 * @param scopes what was granted if the service does not say
 * @param service may know how long its tokens last if the response does not say
 * @param identity if the app gets an ID token
 */
export function tokenResponse(
  tokens: TokenResponse,
  scopes: string[],
  refreshToken: string | undefined,
  service: Pick<Service, "accessTokenLifetimeSeconds">,
  identity?: IssuedIdentity,
): Record<string, unknown> {
  // Without a refresh token, a guess could only end a login too early.
  const assumedSeconds = refreshToken === undefined ? undefined : service.accessTokenLifetimeSeconds;
  const { expiresInSeconds = assumedSeconds } = tokens;
  const grantedByService = (tokens.scopes ?? scopes).filter((scope) => scope !== "openid" && isScopeToken(scope));
  const granted = [...new Set([...(identity?.scopes ?? []), ...grantedByService])];
  return {
    // Members that the catalogue adds, such as the address of the user's API host. They come first, so they replace nothing.
    ...tokens.extraMembers,
    access_token: tokens.accessToken,
    token_type: tokens.tokenType,
    ...(expiresInSeconds === undefined ? {} : { expires_in: expiresInSeconds }),
    ...(granted.length === 0 ? {} : { scope: granted.join(" ") }),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(identity === undefined ? {} : { id_token: identity.idToken }),
  };
}
