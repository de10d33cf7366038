// The background script of an extension with the permission "identity".
const { action, identity } = globalThis.browser ?? globalThis.chrome;

const issuer = "https://auth.example.com/github";
// Nothing to register: the browser passes what is sent to this address to this extension and to nobody else.
const redirectUri = identity.getRedirectURL();
const clientId = redirectUri;

action.onClicked.addListener(async () => {
  const title = await logIn().then(
    (user) => `You are ${user.name}.`,
    (error) => error.message,
  );
  await action.setTitle({ title });
});

async function logIn() {
  const metadata = await fetchJson(`${issuer}/.well-known/openid-configuration`);
  const [state, codeVerifier] = [random(), random()];
  const codeChallenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(codeVerifier)));
  const request = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    state,
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
  });
  const url = `${metadata.authorization_endpoint}?${request}`;
  // Interactive, because the provider always asks the user.
  const answer = new URL(await identity.launchWebAuthFlow({ url, interactive: true })).searchParams;
  const isOurs = answer.get("state") === state && answer.get("iss") === issuer;
  if (!isOurs) throw new Error("This response does not belong to this login.");
  if (answer.has("error")) throw new Error("You said no.");

  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code: answer.get("code"),
    client_id: clientId,
    redirect_uri: redirectUri,
    code_verifier: codeVerifier,
  });
  const tokens = await fetchJson(metadata.token_endpoint, { method: "POST", body });
  // The access token is the service's own, so this extension can use it to call the service's API as the user.
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  return await fetchJson(metadata.userinfo_endpoint, { headers });
}

async function fetchJson(url, init) {
  const response = await fetch(url, init);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error_description);
  return body;
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes) {
  const base64 = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
