// npm install oidc-client-ts
import { IndexedDbDPoPStore, UserManager } from "oidc-client-ts";

export const users = new UserManager({
  authority: "https://auth.example.com/github",
  client_id: `${location.origin}/`,
  redirect_uri: `${location.origin}/callback`,
  scope: "read:user", // Never "openid": there are no ID tokens here.
  loadUserInfo: true,
  // With a key in this browser, a refresh token comes along: users.signinSilent() and automatic renewal work.
  dpop: { bind_authorization_code: true, store: new IndexedDbDPoPStore() },
});

export const logIn = () => users.signinRedirect();
export const finishLogin = () => users.signinCallback(); // On /callback.
export async function logOut() {
  // Refused where the service can only end everything at once; this app forgets the user in any case.
  await users.revokeTokens(["refresh_token"]).catch(() => {});
  await users.removeUser();
}
