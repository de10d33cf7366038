import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { PROVIDER } from "./build.ts";
import type { Call, Reply } from "./call.ts";
import { cookieHeader } from "./call.ts";
import type { Host } from "./host.ts";
import { startHost } from "./host.ts";
import { ACCESS_TOKEN } from "./service.ts";

/** One login in the OAuth dialect, step by step: the request that each of our functions receives. */

const APP = "https://app.example";
const SERVICE_CODE = "code-of-the-service-0123456789";

export const STEPS = ["authorize", "callback", "confirm", "token"] as const;
export type Step = (typeof STEPS)[number];

export interface Journey {
  /** Returns a fresh request for this step, after completing the steps before it. */
  callFor(step: Step): Promise<Call>;
  stop(): Promise<void>;
}

/** Whether the login can continue with this reply. An error page must never count as a fast login. */
export const isRight: Record<Step, (reply: Reply) => boolean> = {
  authorize: ({ status, headers }) => status === 302 && (headers.location ?? "").includes("code_challenge="),
  callback: ({ status, headers }) => status === 303 && /\/confirm#./.test(headers.location ?? ""),
  confirm: ({ status, body }) => status === 200 && body.includes(`${APP}/callback?code=`),
  token: ({ status, body }) => status === 200 && body.includes(ACCESS_TOKEN),
};

export async function startJourney(
  functions: string,
  child: string,
  env: Record<string, string>,
  node?: string,
): Promise<Journey> {
  const steps = STEPS.filter((step) => step !== "token");
  const hosts = new Map<Step, Host>();
  for (const step of steps)
    hosts.set(step, await startHost({ child, file: join(functions, `${step}.mjs`), env, node }));

  async function answerOf(step: Step, call: Call): Promise<Reply> {
    const { reply } = await hosts.get(step)!.call(call);
    if (!isRight[step](reply)) throw new Error(`"${step}" answered ${reply.status}: ${reply.body.slice(0, 500)}`);
    return reply;
  }

  async function callFor(step: Step): Promise<Call> {
    const verifier = randomBytes(32).toString("base64url");
    const toAuthorize = authorizeCall(verifier);
    if (step === "authorize") return toAuthorize;

    const started = await answerOf("authorize", toAuthorize);
    const cookie = cookieHeader(started.cookies);
    const toCallback = callbackCall(started, cookie);
    if (step === "callback") return toCallback;

    const toConfirm = confirmCall(await answerOf("callback", toCallback), cookie);
    if (step === "confirm") return toConfirm;

    return tokenCall(await answerOf("confirm", toConfirm), verifier);
  }

  return { callFor, stop: async () => void (await Promise.all([...hosts.values()].map((host) => host.stop()))) };
}

function authorizeCall(verifier: string): Call {
  const parameters = new URLSearchParams({
    client_id: `${APP}/`,
    redirect_uri: `${APP}/callback`,
    response_type: "code",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    state: "state-of-the-app",
  });
  return { method: "GET", url: `${PROVIDER}/authorize/bench?${parameters}`, headers: { referer: `${APP}/` } };
}

function callbackCall({ headers }: Reply, cookie: string): Call {
  const state = new URL(headers.location!).searchParams.get("state")!;
  const parameters = new URLSearchParams({ code: SERVICE_CODE, state });
  return { method: "GET", url: `${PROVIDER}/callback/bench?${parameters}`, headers: { cookie } };
}

/** What the confirmation page posts after the user presses Yes. */
function confirmCall({ headers }: Reply, cookie: string): Call {
  const fragment = new URL(headers.location!, PROVIDER).hash.slice(1);
  const question = JSON.parse(Buffer.from(fragment, "base64url").toString()) as {
    ticket: string;
    origin: string;
    redirectUri: string;
  };
  const { ticket, origin, redirectUri } = question;
  return {
    method: "POST",
    url: `${PROVIDER}/confirm`,
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
