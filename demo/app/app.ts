/**
 * A small app that logs its users in through an auth provider and calls the service's API for them. It needs only the
 * module that the provider serves, and you can use it as an example: only the name of the service and the address of its
 * API are specific to this demo.
 */

import type { UserInfo } from "https://auth.example.com/auth.js";
import { Auth, AuthError } from "https://auth.example.com/auth.js";

interface AppConfiguration {
  /** The part of the service's API that returns the profile of the token's user. */
  apiEndpoint: string;
  /** A page that logs its users in at this provider, to show how little it takes. */
  code: string;
}

const CLOCK_INTERVAL_MS = 1_000;

const auth = new Auth({ service: "demo" });
const { apiEndpoint, code }: AppConfiguration = await (await fetch("/config.json")).json();

const logInButton = element<HTMLButtonElement>("log-in");
const logInHereButton = element<HTMLButtonElement>("log-in-here");
const callApiButton = element<HTMLButtonElement>("call-api");
const logOutButton = element<HTMLButtonElement>("log-out");

element("provider").textContent = auth.authProvider;
element("api").textContent = apiEndpoint;
element("code").textContent = code;

// Both events also fire for what happens in other tabs of this app.
auth.addEventListener("mv-login", () => {
  addStep("You are logged in.");
  showUser();
  logOutButton.focus();
});
auth.addEventListener("mv-logout", () => {
  addStep("You are logged out, in all tabs of this app.");
  showUser();
  logInButton.focus();
});

// Browsers open a window only during the click, so nothing may be awaited before login() is called.
logInButton.addEventListener("click", () => attempt(auth.login(), "Opened the auth provider in a new window."));
logInHereButton.addEventListener("click", () => attempt(auth.login({ mode: "redirect" })));
callApiButton.addEventListener("click", () => attempt(callApi()));
logOutButton.addEventListener("click", () => attempt(logOut()));
element("copy-code").addEventListener("click", () => void copyCode());
for (const button of [logInButton, logInHereButton]) button.disabled = false;

showUser();
setInterval(showLifetime, CLOCK_INTERVAL_MS);
if (auth.user) addStep("This browser remembered your login, so the auth provider was not needed.");

// This page may have just been loaded by the redirect at the end of a login.
await attempt(auth.login({ passive: true }));

async function callApi(): Promise<void> {
  const before = auth.expiresAt?.getTime();
  const accessToken = await auth.token();
  if (auth.expiresAt?.getTime() !== before) {
    addStep("The access token had expired, so this page got a new one with a key that only this browser has.");
  }

  const response = await fetch(apiEndpoint, { headers: { Authorization: `Bearer ${accessToken}` } });
  if (!response.ok) throw new Error(`The service answered with status ${response.status}.`);
  const answer = element("answer");
  answer.textContent = JSON.stringify(await response.json(), null, 2);
  answer.hidden = false;
  addStep("Called the service’s API directly from this page, without the auth provider.");
}

async function logOut(): Promise<void> {
  await auth.logout();
  addStep("The service has revoked the access token.");
}

async function copyCode(): Promise<void> {
  const copying = navigator.clipboard.writeText(code);
  const said = await copying.then(
    () => "The code is copied.",
    () => "The browser did not allow that. Select the code and copy it yourself.",
  );
  element("copied").textContent = said;
}

function showUser(): void {
  const { user } = auth;
  element("logged-out").hidden = user !== null;
  element("logged-in").hidden = user === null;
  element("access").hidden = user === null;
  element("answer").hidden = true;
  if (user) showProfile(user);
  else logInButton.textContent = "Log in with Demo";
}

function showProfile({ username, name, avatar, url }: UserInfo): void {
  element("name").textContent = name ?? username;
  element("username").textContent = `@${username}`;
  if (avatar !== undefined) element<HTMLImageElement>("avatar").src = avatar;
  if (url !== undefined) element<HTMLAnchorElement>("username").href = url;
  element("scopes").textContent = auth.scopes.join(", ") || "no particular scopes";
  showLifetime();
}

function showLifetime(): void {
  const { expiresAt } = auth;
  if (auth.user === null) return;
  element("lifetime").textContent = expiresAt === null ? "until you revoke it" : lifetime(expiresAt);
}

function lifetime(expiresAt: Date): string {
  const seconds = Math.round((expiresAt.getTime() - Date.now()) / 1_000);
  if (seconds <= 0) return "expired; the next call gets a new one";
  return `for ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Every error of the module is an `AuthError`, with a `message` for people and a `code` for programs. */
async function attempt(action: Promise<unknown>, step?: string): Promise<void> {
  if (step !== undefined) addStep(step);
  try {
    await action;
  } catch (error) {
    addStep(error instanceof Error ? error.message : String(error));
    if (error instanceof AuthError && error.code !== "superseded") logInButton.textContent = "Try again";
  }
}

function addStep(text: string): void {
  const step = document.createElement("li");
  step.textContent = text;
  element("nothing").hidden = true;
  element("steps").append(step);
}

function element<Type extends HTMLElement>(id: string): Type {
  return document.getElementById(id) as Type;
}
