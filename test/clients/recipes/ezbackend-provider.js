// npm install passport-oauth2, beside @ezbackend/auth and fastify-passport
import { randomBytes } from "node:crypto";
import { BaseProvider } from "@ezbackend/auth";
import fastifyPassport from "fastify-passport";
import OAuth2Strategy from "passport-oauth2";

const provider = process.env.AUTH_PROVIDER; // https://auth.example.com
const service = process.env.AUTH_SERVICE; // github
const home = process.env.APP_URL; // https://api.example/, the address of EzBackend and its client_id

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
        pkce: true,
        store: loginStore,
      },
      (accessToken, refreshToken, profile, done) => {
        // Never use a name as the ID, because names can pass to other people.
        if (profile.id === undefined) return done(new Error(`${service} does not identify its users.`));
        this.defaultCallbackHandler(instance, profile.id, profile, done);
      },
    );
    strategy.userProfile = (accessToken, done) => {
      readProfile(accessToken).then((profile) => done(null, profile), done);
    };
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

async function readProfile(accessToken) {
  const headers = { authorization: `Bearer ${accessToken}` };
  const response = await fetch(`${provider}/userinfo/${service}`, { headers });
  if (!response.ok) throw new Error(`The profile could not be read (${response.status}).`);
  return response.json();
}
