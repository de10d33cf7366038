// npm install jose passport-oauth2, beside @ezbackend/auth and fastify-passport
import { randomBytes } from "node:crypto";
import { BaseProvider } from "@ezbackend/auth";
import fastifyPassport from "fastify-passport";
import { createRemoteJWKSet, jwtVerify } from "jose";
import OAuth2Strategy from "passport-oauth2";

const provider = process.env.AUTH_PROVIDER; // https://auth.example.com
const service = process.env.AUTH_SERVICE; // github
const home = process.env.APP_URL; // https://api.example/, the address of EzBackend and its client_id
const issuer = `${provider}/${service}`;
const keys = createRemoteJWKSet(new URL(`${issuer}/jwks.json`));

/** new EzUser("User", [AuthProvider]) */
export class AuthProvider extends BaseProvider {
  constructor(modelName) {
    super(service, modelName);
  }

  addStrategy(instance, server, options) {
    const strategy = new OAuth2Strategy(
      {
        authorizationURL: `${provider}/authorize/${service}`,
        tokenURL: `${provider}/token/${service}`,
        clientID: home,
        clientSecret: "", // There is none. PKCE takes its place.
        callbackURL: new URL(this.getCallbackURL(server), home).href,
        scope: "openid profile",
        pkce: true,
        store: loginStore,
        skipUserProfile: true, // The ID token says who it is.
      },
      (_accessToken, _refreshToken, { id_token: idToken }, _profile, done) => {
        // Only `sub` is the ID, because names and email addresses can pass to other people.
        const create = ({ payload }) => this.defaultCallbackHandler(instance, payload.sub, payload, done);
        verify(idToken).then(create, done);
      },
    );
    return [this.providerName, strategy];
  }

  getLoginRoute(server, options) {
    const url = `/${this.getRoutePrefixNoPrePostSlash(server)}/login`;
    return { method: "GET", url, handler: fastifyPassport.authenticate(this.providerName) };
  }

  getLogoutRoute(server, options) {
    const url = `/${this.getRoutePrefixNoPrePostSlash(server)}/logout`;
    return { method: "GET", url, handler: (request, reply) => this.defaultLogoutHandler(request, reply, options) };
  }

  getCallbackRoute(server, options) {
    const url = `/${this.getRoutePrefixNoPrePostSlash(server)}/callback`;
    const redirects = { successRedirect: options.successRedirectURL, failureRedirect: options.failureRedirectURL };
    const preValidation = fastifyPassport.authenticate(this.providerName, redirects);
    const handler = (request, reply) => reply.redirect(options.successRedirectURL);
    return { method: "GET", url, preValidation, handler };
  }
}

/** The strategy's own store needs a session with plain properties, but this session has `get` and `set`. */
const loginStore = {
  store(request, codeVerifier, _state, _meta, done) {
    const state = randomBytes(16).toString("base64url");
    request.session.set("login", { state, codeVerifier });
    done(null, state);
  },
  verify(request, state, _meta, done) {
    const login = request.session.get("login");
    request.session.set("login", undefined);
    if (login?.state !== state) return done(null, false, { message: "This response does not belong to this login." });
    done(null, login.codeVerifier);
  },
};

async function verify(idToken) {
  return await jwtVerify(idToken, keys, { issuer, audience: home, algorithms: ["RS256", "ES256", "EdDSA"] });
}
