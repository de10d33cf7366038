/**
 * A small app that logs its users in through an auth provider: authorization code with PKCE (RFC 7636), in a popup or
 * by leaving the page and coming back. It is written to be read; nothing in it is specific to this demo except the name
 * of the service and the address of its API.
 */

interface AppConfiguration {
  /** Origin of the auth provider. */
  provider: string;
  /** Where the service tells who an access token belongs to. */
  userinfoEndpoint: string;
}

/** One login in progress. The code verifier never leaves this page until the code is exchanged. */
interface Login {
  state: string;
  codeVerifier: string;
  codeChallenge: string;
}

/** RFC 6749 §4.1.2, RFC 9207. */
type AuthorizationResponse = Partial<Record<"code" | "state" | "iss" | "error" | "error_description", string>>;

type UserInfo = Partial<Record<"name" | "preferred_username" | "picture", string>>;

const SERVICE = "demo";

/** An app needs no registration: its client identifier is its own address. */
const CLIENT_ID = `${location.origin}/`;
const REDIRECT_URI = `${location.origin}/callback.html`;

/** The same two names as in `callback.ts`. */
const CHANNEL_NAME = "authorization-response";
const STORAGE_KEY = "login-on-this-page";

const POPUP_FEATURES = "popup,width=480,height=680";
const POPUP_CHECK_INTERVAL_MS = 500;

const { provider, userinfoEndpoint }: AppConfiguration = await (await fetch("/config.json")).json();

// Browsers open a popup only while they handle the click, and hashing takes its time: so it is done beforehand.
let nextLogin = await prepareLogin();
let waiting = new AbortController();

element("provider").textContent = provider;
const logInButton = element<HTMLButtonElement>("log-in");
const logInHereButton = element<HTMLButtonElement>("log-in-here");
logInButton.addEventListener("click", () => attempt(logInWithPopup()));
logInHereButton.addEventListener("click", logInOnThisPage);
element("log-out").addEventListener("click", logOut);
logInButton.disabled = false;
logInHereButton.disabled = false;

// Set by `callback.ts` when this tab has just come back from the provider.
const returned = takeReturnedResponse();
if (returned) await attempt(finishLogin(returned.login, returned.response));

async function prepareLogin(): Promise<Login> {
  const codeVerifier = randomText();
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(codeVerifier));
  return { state: randomText(), codeVerifier, codeChallenge: base64url(new Uint8Array(digest)) };
}

function authorizationUrl(login: Login, responseMode: "query" | "web_message"): string {
  const url = new URL(`/authorize/${SERVICE}`, provider);
  url.search = new URLSearchParams({
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    response_type: "code",
    response_mode: responseMode,
    state: login.state,
    code_challenge: login.codeChallenge,
    code_challenge_method: "S256",
  }).toString();
  return url.href;
}

async function logInWithPopup(): Promise<void> {
  const login = nextLogin;
  const popup = window.open(authorizationUrl(login, "web_message"), "_blank", POPUP_FEATURES);
  nextLogin = await prepareLogin();

  startSteps("Opened the auth provider in a new window.");
  if (!popup) throw new Error("The browser blocked the window. Allow popups for this page, or log in on this page.");

  // An earlier attempt whose window is still open somewhere is over now.
  waiting.abort();
  waiting = new AbortController();
  const response = await waitForResponse(popup, login, waiting.signal);
  await finishLogin(login, response);
}

function logInOnThisPage(): void {
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ login: nextLogin }));
  location.assign(authorizationUrl(nextLogin, "query"));
}

function takeReturnedResponse(): { login: Login; response: AuthorizationResponse } | undefined {
  const stored = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "{}");
  sessionStorage.removeItem(STORAGE_KEY);
  if (!stored.response) return undefined;

  startSteps("Went to the auth provider and came back.");
  return stored;
}

/** The answer comes from the popup itself or, where the service cut the popup off, from our own redirect URI. */
function waitForResponse(popup: Window, login: Login, signal: AbortSignal): Promise<AuthorizationResponse> {
  const { promise, resolve } = deferred<AuthorizationResponse>();
  const finished = new AbortController();
  const until = { signal: AbortSignal.any([signal, finished.signal]) };

  window.addEventListener(
    "message",
    ({ origin, source, data }: MessageEvent) => {
      // Any window may post to us: only our popup, while it shows the provider, is believed.
      if (origin !== provider || source !== popup) return;
      if (data?.type === "authorization_response") resolve(data.response);
    },
    until,
  );

  const channel = new BroadcastChannel(CHANNEL_NAME);
  channel.addEventListener(
    "message",
    ({ data }: MessageEvent) => {
      // Other tabs of this app hear this as well: each takes the answer to its own question.
      if (data?.response?.state !== login.state) return;
      channel.postMessage({ receivedState: login.state });
      resolve(data.response);
    },
    until,
  );

  const closedCheck = setInterval(() => popup.closed && offerToTryAgain(), POPUP_CHECK_INTERVAL_MS);
  until.signal.addEventListener("abort", () => {
    clearInterval(closedCheck);
    channel.close();
  });

  return promise.finally(() => finished.abort());
}

/** Only a hint: a popup that the service cut off looks closed, and may still finish. */
function offerToTryAgain(): void {
  const hint = element("closed");
  if (!hint.hidden) return;
  hint.hidden = false;
  logInButton.textContent = "Try again";
}

async function finishLogin(login: Login, response: AuthorizationResponse): Promise<void> {
  const code = readCode(login, response);
  element("closed").hidden = true;
  addStep("The provider asked you, you said yes, and it sent a one-time code to this page and to no other.");

  const { accessToken, expiresInSeconds } = await exchangeCode(login, code);
  const minutes = Math.round(expiresInSeconds / 60);
  addStep(`Exchanged the code for an access token of the service, good for ${minutes} minutes.`);

  showUser(await fetchUserInfo(accessToken));
  addStep("Asked the service directly who you are. From here on, the provider is not involved.");
}

/** @throws if the answer is a refusal, belongs to another login, or comes from somebody else (RFC 9207). */
function readCode(login: Login, { code, state, iss, error, error_description }: AuthorizationResponse): string {
  if (state !== login.state) throw new Error("This answer belongs to another login.");
  if (iss !== `${provider}/${SERVICE}`) throw new Error("This answer does not come from the service we asked.");
  if (error === "access_denied") throw new Error("The answer was no: this page got nothing.");
  if (error) throw new Error(error_description ?? error);
  if (!code) throw new Error("The answer contains no code.");
  return code;
}

async function exchangeCode(login: Login, code: string): Promise<{ accessToken: string; expiresInSeconds: number }> {
  const response = await fetch(new URL(`/token/${SERVICE}`, provider), {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code,
      client_id: CLIENT_ID,
      redirect_uri: REDIRECT_URI,
      code_verifier: login.codeVerifier,
    }),
  });
  const body = await response.json();
  if (!response.ok) throw new Error(body.error_description ?? body.error ?? "The code could not be exchanged.");
  return { accessToken: body.access_token, expiresInSeconds: body.expires_in };
}

async function fetchUserInfo(accessToken: string): Promise<UserInfo> {
  const response = await fetch(userinfoEndpoint, { headers: { Authorization: `Bearer ${accessToken}` } });
  if (!response.ok) throw new Error("The service did not accept the access token.");
  return response.json();
}

/** This demo keeps nothing: the access token lived in a variable, and a reload forgets who you are. */
function logOut(): void {
  element("logged-in").hidden = true;
  element("logged-out").hidden = false;
  startSteps("This page has forgotten you. The service still remembers what you allowed.");
  logInButton.focus();
}

function showUser({ name, preferred_username: username, picture }: UserInfo): void {
  element("name").textContent = name ?? "";
  element("username").textContent = username ? `@${username}` : "";
  if (picture) element<HTMLImageElement>("avatar").src = picture;
  logInButton.textContent = "Log in with Demo";
  element("logged-out").hidden = true;
  element("logged-in").hidden = false;
}

async function attempt(login: Promise<void>): Promise<void> {
  try {
    await login;
  } catch (error) {
    element("closed").hidden = true;
    addStep(error instanceof Error ? error.message : String(error));
    logInButton.textContent = "Try again";
  }
}

function startSteps(text: string): void {
  element("closed").hidden = true;
  element("steps").replaceChildren();
  addStep(text);
}

function addStep(text: string): void {
  const step = document.createElement("li");
  step.textContent = text;
  element("steps").append(step);
}

/** 256 random bits. */
function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** RFC 4648 §5, without padding. */
function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** `Promise.withResolvers`, for browsers of before 2024. */
function deferred<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve!: (value: Value) => void;
  const promise = new Promise<Value>((settle) => (resolve = settle));
  return { promise, resolve };
}

function element<Type extends HTMLElement>(id: string): Type {
  return document.getElementById(id) as Type;
}
