// npm install openid-client
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import * as client from "openid-client";

const issuer = new URL(process.env.AUTH_ISSUER); // https://auth.example.com/github
const sessionFile = process.env.SESSION_FILE;

// Under `npm run dev`, the provider uses plain http.
const options = issuer.protocol === "http:" ? { execute: [client.allowInsecureRequests] } : {};
// All programs on the user's computer use this client_id. Any port works (RFC 8252, section 7.3).
const clientId = "http://127.0.0.1/";
const config = await client.discovery(issuer, clientId, {}, client.None(), { algorithm: "oauth2", ...options });

const saved = await readFile(sessionFile, "utf8").then(JSON.parse, () => undefined);
const keys = saved ? await importKeys(saved.keys) : await client.randomDPoPKeyPair("ES256", { extractable: true });
const DPoP = client.getDPoPHandle(config, keys);
const tokens = (await refresh()) ?? (await logIn());
// The refresh token works only with the key. Both belong to the user, so nobody else may read the file.
const session = { refreshToken: tokens.refresh_token, keys: await exportKeys(keys) };
await writeFile(sessionFile, JSON.stringify(session), { mode: 0o600 });

const user = await client.fetchUserInfo(config, tokens.access_token, client.skipSubjectCheck);
console.log(`You are ${user.name} (ID: ${user.sub}).`);

async function refresh() {
  if (saved?.refreshToken === undefined) return undefined;
  // `invalid_grant`: the refresh token has expired or was revoked. Then the user logs in again.
  return client.refreshTokenGrant(config, saved.refreshToken, {}, { DPoP }).catch(() => undefined);
}

async function logIn() {
  const codeVerifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const redirectUri = `http://127.0.0.1:${server.address().port}/callback`;

  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    state,
    code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
    dpop_jkt: await DPoP.calculateThumbprint(), // This requests a refresh token.
  });
  console.log(`Open this address in your browser:\n${url}`);

  const answer = await new Promise((resolve) => {
    server.on("request", (request, response) => {
      const answer = new URL(request.url, redirectUri);
      if (answer.pathname !== "/callback") return response.writeHead(404).end();
      response.end("You can close this window and go back to the terminal.");
      resolve(answer);
    });
  });
  server.close();
  server.closeIdleConnections();
  const checks = { expectedState: state, pkceCodeVerifier: codeVerifier };
  return client.authorizationCodeGrant(config, answer, checks, {}, { DPoP });
}

async function exportKeys({ privateKey, publicKey }) {
  const privateJwk = await crypto.subtle.exportKey("jwk", privateKey);
  const publicJwk = await crypto.subtle.exportKey("jwk", publicKey);
  return { privateJwk, publicJwk };
}

async function importKeys({ privateJwk, publicJwk }) {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const privateKey = await crypto.subtle.importKey("jwk", privateJwk, algorithm, true, ["sign"]);
  const publicKey = await crypto.subtle.importKey("jwk", publicJwk, algorithm, true, ["verify"]);
  return { privateKey, publicKey };
}
