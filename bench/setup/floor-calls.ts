import { join } from "node:path";
import { PROVIDER } from "./build.ts";
import type { Call, Reply } from "./call.ts";
import { cookieHeader } from "./call.ts";
import { startHost } from "./host.ts";
import type { Send } from "./journey.ts";
import { ACCESS_TOKEN } from "./service.ts";

/** The requests for the floors: the same logins without any of the protections. */

export const isRedirect = ({ status, headers }: Reply): boolean =>
  status === 302 && (headers.location ?? "").includes("state=");
export const isAnswer = ({ status }: Reply): boolean => status === 200;
export const isToken = ({ status, body }: Reply): boolean => status === 200 && body.includes(ACCESS_TOKEN);

export function floorLoginCall(): Call {
  return { method: "GET", url: `${PROVIDER}/login?client_id=https%3A%2F%2Fapp.example%2F`, headers: {} };
}

export function nothingCall(): Call {
  return { method: "GET", url: `${PROVIDER}/nothing`, headers: {} };
}

/** The floor's state does not expire, so one state serves all runs. */
export async function floorExchangeCall(floors: string, child: string, env: Record<string, string>): Promise<Call> {
  const host = await startHost({ child, file: join(floors, "login.mjs"), env });
  const { reply } = await host.call(floorLoginCall());
  await host.stop();
  return exchangeCallAfter(reply);
}

function exchangeCallAfter({ headers, cookies }: Reply): Call {
  const state = new URL(headers.location!).searchParams.get("state")!;
  const parameters = new URLSearchParams({ code: "code-of-the-service-0123456789", state });
  return { method: "GET", url: `${PROVIDER}/exchange?${parameters}`, headers: { cookie: cookieHeader(cookies) } };
}

/** A whole login. */
export async function logInAtFloor(send: Send): Promise<void> {
  const reply = await send(exchangeCallAfter(await send(floorLoginCall())));
  if (!isToken(reply)) throw new Error(`The floor answered ${reply.status}: ${reply.body}`);
}

export function bareFetchCall(): Call {
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    code: "code-of-the-service-0123456789",
    client_id: "bench",
    redirect_uri: `${PROVIDER}/exchange`,
  });
  return {
    method: "POST",
    url: `${PROVIDER}/fetch`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  };
}
