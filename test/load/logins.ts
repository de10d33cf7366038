import { createHash, randomBytes } from "node:crypto";
import type { Answer, Question } from "../../shared/page-messages.ts";
import type { Reply, Send } from "./loaded-provider.ts";
import type { SlowService } from "./slow-service.ts";

/** A provider that logins can be sent to, wherever it runs. */
export interface ProviderUnderLoad {
  origin: string;
  send(pathAndQuery: string, send?: Send): Promise<Reply>;
}

/** One login. Each has a different user, browser and app. */
export interface Login {
  user: string;
  app: string;
  /** The `Cookie` header of the browser. */
  cookie: string;
}

export function newLogin(name: string): Login {
  return {
    user: `user-${name}`,
    app: `https://app-${name}.example`,
    cookie: `ap-dev=${randomBytes(32).toString("base64url")}`,
  };
}

/** The token that the app received, and the address it was sent to. */
export interface Outcome {
  recipient: string;
  accessToken: string;
}

/** A login that is ready for its last request, which calls the service. */
type Prepared = () => Promise<Outcome>;

/** A third of the logins each use the dialect of a standard client, of Madata and of a CMS. */
export async function prepareLogin(
  index: number,
  login: Login,
  provider: ProviderUnderLoad,
  service: SlowService,
): Promise<Prepared> {
  const dialects = [prepareStandard, prepareMadata, prepareCms];
  return await dialects[index % dialects.length]!(login, provider, service);
}

async function prepareStandard(login: Login, provider: ProviderUnderLoad, service: SlowService): Promise<Prepared> {
  const { app, cookie } = login;
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    client_id: `${app}/`,
    redirect_uri: `${app}/callback`,
    response_type: "code",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    state: login.user,
  });
  const started = await provider.send(`/authorize/demo?${query}`, { headers: { cookie, referer: `${app}/` } });
  const question = await returnFromService(started, login, provider, service);
  const answer = readAnswer(await sayYes(question, question.origin, login, provider));
  if (!("location" in answer)) throw new Error("a standard client is answered by navigation");
  const landed = new URL(answer.location);
  if (landed.searchParams.get("state") !== login.user)
    throw new Error(`the state of ${landed.searchParams.get("state")}`);
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: `${app}/`,
    redirect_uri: `${app}/callback`,
    code: landed.searchParams.get("code") ?? "",
    code_verifier: verifier,
  });
  const headers = { "content-type": "application/x-www-form-urlencoded", origin: app };
  return async () => {
    const reply = await provider.send("/token/demo", { method: "POST", headers, body: form.toString() });
    const { access_token: accessToken } = JSON.parse(expectStatus(200, reply).text) as { access_token: string };
    return { recipient: landed.origin, accessToken };
  };
}

async function prepareMadata(login: Login, provider: ProviderUnderLoad, service: SlowService): Promise<Prepared> {
  const state = JSON.stringify({ url: `${login.app}/`, backend: "Demo" });
  const query = new URLSearchParams({ code: service.issueCode(login.user), state });
  const headers = { cookie: login.cookie, referer: `${login.app}/` };
  const question = readQuestion(await provider.send(`/callback?${query}`, { headers }));
  return async () => {
    const { message, targetOrigin } = readMessage(await sayYes(question, question.origin, login, provider));
    return { recipient: targetOrigin, accessToken: (message as { token: string }).token };
  };
}

async function prepareCms(login: Login, provider: ProviderUnderLoad, service: SlowService): Promise<Prepared> {
  const started = await provider.send("/auth?provider=demo", { headers: { cookie: login.cookie } });
  const question = await returnFromService(started, login, provider, service);
  return async () => {
    const { message, targetOrigin } = readMessage(await sayYes(question, login.app, login, provider));
    const { token } = JSON.parse((message as string).replace("authorization:demo:success:", "")) as { token: string };
    return { recipient: targetOrigin, accessToken: token };
  };
}

async function returnFromService(
  started: Reply,
  login: Login,
  provider: ProviderUnderLoad,
  service: SlowService,
): Promise<Question> {
  const toService = new URL(expectStatus(302, started).headers.location!);
  login.cookie = cookieHeader(started);
  const query = new URLSearchParams({
    code: service.issueCode(login.user),
    state: toService.searchParams.get("state")!,
  });
  return readQuestion(await provider.send(`/callback/demo?${query}`, { headers: { cookie: login.cookie } }));
}

/** The cookies that the browser keeps from the first reply of a login. */
export function cookieHeader({ headers }: Reply): string {
  return (headers["set-cookie"] ?? []).map((cookie) => cookie.split(";", 1)[0]).join("; ");
}

async function sayYes(
  { ticket, redirectUri }: Question,
  origin: string,
  { cookie }: Login,
  provider: ProviderUnderLoad,
): Promise<Reply> {
  const headers = {
    cookie,
    origin: provider.origin,
    "sec-fetch-site": "same-origin",
    "content-type": "application/json",
  };
  const body = JSON.stringify({ ticket, origin, redirectUri, service: "demo", decision: "yes", opener: true });
  return await provider.send("/decision", { method: "POST", headers, body });
}

function readQuestion(reply: Reply): Question {
  const { hash } = new URL(expectStatus(303, reply).headers.location!);
  return JSON.parse(Buffer.from(hash.slice(1), "base64url").toString()) as Question;
}

function readAnswer(reply: Reply): Answer {
  return JSON.parse(expectStatus(200, reply).text) as Answer;
}

function readMessage(reply: Reply): { message: unknown; targetOrigin: string } {
  const answer = readAnswer(reply);
  if (!("message" in answer)) throw new Error("an app that waits for a message is sent one");
  return answer;
}

function expectStatus(status: number, reply: Reply): Reply {
  if (reply.status !== status)
    throw new Error(`status ${reply.status} in place of ${status}: ${reply.text.slice(0, 200)}`);
  return reply;
}
