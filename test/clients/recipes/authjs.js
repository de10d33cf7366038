// npm install @auth/core (or the same settings in next-auth, @auth/express, @auth/sveltekit)
import { Auth } from "@auth/core";

const home = process.env.APP_URL; // https://app.example/, the address of this server and its client_id

const authProvider = {
  id: "github",
  name: "GitHub",
  type: "oidc",
  issuer: process.env.ISSUER, // https://auth.example.com/github
  clientId: home,
  client: { token_endpoint_auth_method: "none" },
  authorization: { params: { scope: "openid profile" } },
  checks: ["pkce", "state", "nonce"],
  // An email address can be unchecked, or pass to another person. `sub` cannot.
  profile: ({ sub, name, picture }) => ({ id: sub, name, image: picture }),
};

const config = {
  basePath: "/auth",
  secret: process.env.SESSION_SECRET,
  trustHost: true,
  providers: [authProvider],
  callbacks: {
    jwt: ({ token, account, profile }) => (account ? { ...token, iss: profile.iss, sub: profile.sub } : token),
    session: ({ session, token }) => ({ ...session, user: { ...session.user, iss: token.iss, sub: token.sub } }),
  },
};

/** From a Request to a Response, for every address under /auth/. */
export const handle = (request) => Auth(request, config);
