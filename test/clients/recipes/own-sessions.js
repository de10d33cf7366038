// npm install express jose
import { createHash, randomBytes } from "node:crypto";
import express from "express";
import { createRemoteJWKSet, jwtVerify } from "jose";

const provider = process.env.AUTH_PROVIDER; // https://auth.example.com
const service = process.env.AUTH_SERVICE; // github
const clientId = process.env.APP_URL; // https://app.example/, the address of this server
const redirectUri = new URL("/callback", clientId).href;
const issuer = `${provider}/${service}`;
const keys = createRemoteJWKSet(new URL(`${issuer}/jwks.json`));

// In a real server, these are tables of your database.
const users = new Map(); // `iss` and `sub` → user
const logins = new Map(); // state → { codeVerifier, nonce, browser }, for ten minutes
const sessions = new Map(); // SHA-256 of the session key → user

const random = () => randomBytes(32).toString("base64url");
const sha256 = (text) => createHash("sha256").update(text).digest("base64url");
const secure = clientId.startsWith("https:");
const app = express();

// 1. Start a login, tied to this browser.
app.get("/login", (request, response) => {
  const [state, codeVerifier, nonce, browser] = [random(), random(), random(), random()];
  logins.set(state, { codeVerifier, nonce, browser });
  setTimeout(() => logins.delete(state), 600_000).unref();
  response.cookie("login", browser, { httpOnly: true, sameSite: "lax", secure, maxAge: 600_000 });
  response.redirect(
    `${provider}/authorize/${service}?` +
      new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: "code",
        scope: "openid profile",
        state,
        nonce,
        code_challenge: sha256(codeVerifier),
        code_challenge_method: "S256",
      }),
  );
});

// 2. Receive the response, and redeem the code. The ID token says who has logged in here.
app.get("/callback", async (request, response) => {
  const { code, state, iss, error } = request.query;
  const login = logins.get(state);
  logins.delete(state);
  const isHere = login !== undefined && readCookie(request, "login") === login.browser;
  if (!isHere) return response.status(400).send("This login was not started in this browser.");
  if (iss !== issuer) return response.status(400).send("This response has the wrong issuer.");
  if (error === "access_denied") return response.status(403).send("You said no.");
  if (error !== undefined) return response.status(403).send("This login is not possible.");

  const tokens = await fetchJson(`${provider}/token/${service}`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code,
      client_id: clientId,
      redirect_uri: redirectUri,
      code_verifier: login.codeVerifier,
    }),
  });
  const checks = { issuer, audience: clientId, algorithms: ["RS256", "ES256", "EdDSA"] };
  const { payload } = await jwtVerify(tokens.id_token, keys, checks);
  const { sub, name, nonce } = payload;
  if (nonce !== login.nonce) return response.status(400).send("This ID token belongs to another login.");

  // 3. Find or create the user by issuer and `sub`, never by a name or an address: those can pass to other people.
  const key = `${issuer} ${sub}`;
  const user = users.get(key) ?? { iss: issuer, sub, name, createdAt: new Date() };
  users.set(key, user);
  const sessionKey = random();
  sessions.set(sha256(sessionKey), user); // Store only a hash: a reader of the database can't log in with it.
  response.cookie("session", sessionKey, { httpOnly: true, sameSite: "lax", secure });
  response.redirect("/me");
});

// 4. From here on, only your own session counts, and you can end it at any time.
app.get("/me", (request, response) => {
  const user = sessions.get(sha256(readCookie(request, "session")));
  return user ? response.json(user) : response.status(401).json({ error: "Not logged in." });
});
app.post("/logout", (request, response) => {
  sessions.delete(sha256(readCookie(request, "session")));
  response.clearCookie("session").status(204).end();
});
app.listen(process.env.PORT);

async function fetchJson(url, init) {
  const response = await fetch(url, init);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error_description);
  return body;
}

function readCookie(request, name) {
  const pairs = (request.headers.cookie ?? "").split("; ").map((pair) => pair.split("="));
  return pairs.find(([key]) => key === name)?.[1] ?? "";
}
