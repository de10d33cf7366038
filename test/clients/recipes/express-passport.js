// npm install express express-session passport passport-oauth2
import express from "express";
import session from "express-session";
import passport from "passport";
import OAuth2Strategy from "passport-oauth2";

const provider = process.env.AUTH_PROVIDER; // https://auth.example.com
const service = process.env.AUTH_SERVICE; // github
const home = process.env.APP_URL; // https://app.example/, the address of this server and its client_id

class AuthProviderStrategy extends OAuth2Strategy {
  userProfile(accessToken, done) {
    readProfile(accessToken).then((profile) => done(null, profile), done);
  }
}

async function readProfile(accessToken) {
  const headers = { authorization: `Bearer ${accessToken}` };
  const response = await fetch(`${provider}/userinfo/${service}`, { headers });
  if (!response.ok) throw new Error(`The profile could not be read (${response.status}).`);
  return response.json();
}

const strategy = new AuthProviderStrategy(
  {
    authorizationURL: `${provider}/authorize/${service}`,
    tokenURL: `${provider}/token/${service}`,
    clientID: home,
    clientSecret: "", // There is none. PKCE takes its place.
    callbackURL: new URL(`/callback/${service}`, home).href, // One per service.
    pkce: true,
    state: true,
  },
  (accessToken, refreshToken, profile, done) => {
    // Find or create your user by `id` and the service. Names and email addresses can pass to other people.
    if (profile.id === undefined) return done(new Error(`${service} does not identify its users.`));
    done(null, { service, id: profile.id, name: profile.name });
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
