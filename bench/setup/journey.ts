import { createHash, randomBytes } from "node:crypto";
import { PROVIDER } from "./build.ts";
import type { Call, Reply } from "./call.ts";
import { cookieHeader } from "./call.ts";
import { startHost } from "./host.ts";
import { ACCESS_TOKEN } from "./service.ts";

/** One login in the OAuth dialect, step by step: the requests that our function receives. */

const APP = "https://app.example";
const SERVICE_CODE = "code-of-the-service-0123456789";

export const STEPS = ["authorize", "callback", "decision", "token"] as const;
export type Step = (typeof STEPS)[number];

/** Calls a function. */
export type Send = (call: Call) => Promise<Reply>;

export interface Journey {
  /** Returns a fresh request for this step, after completing the steps before it. */
  callFor(step: Step): Promise<Call>;
  stop(): Promise<void>;
}

/** Whether the login can continue with this reply. An error page must never count as a fast login. */
export const isRight: Record<Step, (reply: Reply) => boolean> = {
  authorize: ({ status, headers }) => status === 302 && (headers.location ?? "").includes("code_challenge="),
  callback: ({ status, headers }) => status === 303 && /\/confirm#./.test(headers.location ?? ""),
  decision: ({ status, body }) => status === 200 && body.includes(`${APP}/callback?code=`),
  token: ({ status, body }) => status === 200 && body.includes(ACCESS_TOKEN),
};

/** @param file the built function */
export async function startJourney(
  file: string,
  child: string,
  env: Record<string, string>,
  node?: string,
): Promise<Journey> {
  const host = await startHost({ child, file, env, node });
  const send: Send = async (call) => (await host.call(call)).reply;
  return { callFor: (step) => callFor(step, send), stop: () => host.stop() };
}

/** Goes through a whole login. */
export async function logIn(send: Send): Promise<void> {
  requireRight("token", await send(await callFor("token", send)));
}

/** The same with an ID token, for which we ask the service who the user is. */
export async function logInWithIdToken(send: Send): Promise<void> {
  const { body } = requireRight("token", await send(await callFor("token", send, "openid profile")));
  if (!body.includes("id_token")) throw new Error(`There is no ID token in ${body}`);
}

async function callFor(step: Step, send: Send, scope?: string): Promise<Call> {
  const verifier = randomBytes(32).toString("base64url");
  const toAuthorize = authorizeCall(verifier, scope);
  if (step === "authorize") return toAuthorize;

  const started = requireRight("authorize", await send(toAuthorize));
  const cookie = cookieHeader(started.cookies);
  const toCallback = callbackCall(started, cookie);
  if (step === "callback") return toCallback;

  const toDecision = decisionCall(requireRight("callback", await send(toCallback)), cookie);
  if (step === "decision") return toDecision;

  return tokenCall(requireRight("decision", await send(toDecision)), verifier);
}

function requireRight(step: Step, reply: Reply): Reply {
  if (!isRight[step](reply)) throw new Error(`"${step}" answered ${reply.status}: ${reply.body.slice(0, 500)}`);
  return reply;
}

function authorizeCall(verifier: string, scope?: string): Call {
  const parameters = new URLSearchParams({
    client_id: `${APP}/`,
    redirect_uri: `${APP}/callback`,
    response_type: "code",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    state: "state-of-the-app",
    ...(scope === undefined ? {} : { scope }),
  });
  return { method: "GET", url: `${PROVIDER}/authorize/bench?${parameters}`, headers: { referer: `${APP}/` } };
}

function callbackCall({ headers }: Reply, cookie: string): Call {
  const state = new URL(headers.location!).searchParams.get("state")!;
  const parameters = new URLSearchParams({ code: SERVICE_CODE, state });
  return { method: "GET", url: `${PROVIDER}/callback/bench?${parameters}`, headers: { cookie } };
}

/** What the confirmation page posts after the user presses Yes. */
function decisionCall({ headers }: Reply, cookie: string): Call {
  const fragment = new URL(headers.location!, PROVIDER).hash.slice(1);
  const question = JSON.parse(Buffer.from(fragment, "base64url").toString()) as {
    ticket: string;
    origin: string;
    redirectUri: string;
  };
  const { ticket, origin, redirectUri } = question;
  return {
    method: "POST",
    url: `${PROVIDER}/decision`,
    headers: { cookie, origin: PROVIDER, "sec-fetch-site": "same-origin", "content-type": "application/json" },
    body: JSON.stringify({ ticket, origin, redirectUri, service: "bench", decision: "yes", opener: false }),
  };
}

function tokenCall({ body }: Reply, verifier: string): Call {
  const { location } = JSON.parse(body) as { location: string };
  const parameters = new URLSearchParams({
    grant_type: "authorization_code",
    code: new URL(location).searchParams.get("code")!,
    client_id: `${APP}/`,
    redirect_uri: `${APP}/callback`,
    code_verifier: verifier,
  });
  return {
    method: "POST",
    url: `${PROVIDER}/token/bench`,
    headers: { origin: APP, "content-type": "application/x-www-form-urlencoded" },
    body: parameters.toString(),
  };
}
