// npm install express express-session jose passport passport-oauth2
import express from "express";
import session from "express-session";
import { createRemoteJWKSet, jwtVerify } from "jose";
import passport from "passport";
import OAuth2Strategy from "passport-oauth2";

const provider = process.env.AUTH_PROVIDER; // https://auth.example.com
const service = process.env.AUTH_SERVICE; // github
const home = process.env.APP_URL; // https://app.example/, the address of this server and its client_id

const issuer = `${provider}/${service}`;
const keys = createRemoteJWKSet(new URL(`${issuer}/jwks.json`));

/** Finds or creates your user by `iss` and `sub`. Names and email addresses can pass to other people. */
async function findUser(idToken) {
  const checks = { issuer, audience: home, algorithms: ["RS256", "ES256", "EdDSA"] };
  const { payload } = await jwtVerify(idToken, keys, checks);
  return { iss: payload.iss, sub: payload.sub, name: payload.name };
}

const strategy = new OAuth2Strategy(
  {
    authorizationURL: `${provider}/authorize/${service}`,
    tokenURL: `${provider}/token/${service}`,
    clientID: home,
    clientSecret: "", // There is none. PKCE takes its place.
    callbackURL: new URL(`/callback/${service}`, home).href, // One per service.
    scope: "openid profile",
    pkce: true,
    state: true,
    skipUserProfile: true, // The ID token says who it is.
  },
  (_accessToken, _refreshToken, { id_token: idToken }, _profile, done) => {
    findUser(idToken).then((user) => done(null, user), done);
  },
);

passport.use(service, strategy);
passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));

const app = express();
const cookie = { sameSite: "lax", secure: home.startsWith("https:") };
app.set("trust proxy", 1);
app.use(session({ secret: process.env.SESSION_SECRET, resave: false, saveUninitialized: false, cookie }));
app.use(passport.session());

app.get("/login", passport.authenticate(service));
app.get(`/callback/${service}`, passport.authenticate(service, { successRedirect: "/", failureRedirect: "/refused" }));
app.get("/refused", (request, response) => response.status(403).send("You said no. <a href=/login>Try again</a>"));
app.post("/logout", (request, response, next) => {
  request.logout((error) => (error ? next(error) : response.redirect("/")));
});
app.get("/", (request, response) => response.json(request.user ?? null));
app.listen(process.env.PORT);
