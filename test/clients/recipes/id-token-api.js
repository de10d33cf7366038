// npm install express jose
import express from "express";
import { createRemoteJWKSet, jwtVerify } from "jose";

const issuer = process.env.ISSUER; // https://auth.example.com/github
const clientId = process.env.APP_URL; // https://app.example/, the app whose users this server serves
const keys = createRemoteJWKSet(new URL(`${issuer}/jwks.json`));
const notes = new Map(); // In a real server, a table of your database: `iss` and `sub` → text

const app = express();
app.use((request, response, next) => {
  response.set("access-control-allow-origin", new URL(clientId).origin);
  response.set("access-control-allow-headers", "authorization, content-type");
  response.set("access-control-allow-methods", "GET, PUT");
  if (request.method === "OPTIONS") return response.sendStatus(204);
  readUser(request).then((user) => {
    request.user = user;
    next();
  }, next);
});

async function readUser(request) {
  const [, idToken = ""] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  // The audience is what makes this a login: a token for another app is refused, whoever brings it.
  const checks = { issuer, audience: clientId, algorithms: ["RS256", "ES256", "EdDSA"] };
  const { payload } = await jwtVerify(idToken, keys, checks);
  // Find or create your user by both. Names and email addresses can pass to other people.
  return `${payload.iss} ${payload.sub}`;
}

app.get("/note", (request, response) => response.json(notes.get(request.user) ?? null));
app.put("/note", express.json(), (request, response) => {
  notes.set(request.user, request.body);
  response.sendStatus(204);
});
app.use((error, _request, response, _next) => {
  const isLogin = /^ERR_J(OSE|W)/.test(error.code);
  response.status(isLogin ? 401 : 500).json({ error: isLogin ? "invalid_token" : "server_error" });
});
app.listen(process.env.PORT);
