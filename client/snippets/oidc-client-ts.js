// npm install oidc-client-ts
import { IndexedDbDPoPStore, UserManager } from "oidc-client-ts";

export const users = new UserManager({
  authority: "https://auth.example.com/github",
  client_id: `${location.origin}/`,
  redirect_uri: `${location.origin}/callback`,
  scope: "openid profile", // And what the app needs at the service, in its words.
  // With DPoP, the app gets a refresh token, so users.signinSilent() and automatic renewal work.
  dpop: { bind_authorization_code: true, store: new IndexedDbDPoPStore() },
});

export const logIn = () => users.signinRedirect();
export const finishLogin = () => users.signinCallback(); // On /callback.
export async function logOut() {
  // This fails if the service can't revoke a single token. The app forgets the user anyway.
  await users.revokeTokens(["refresh_token"]).catch(() => {});
  await users.removeUser();
}
