import type { Environment } from "../../server/provider/environment.ts";
import type { Provider } from "../../server/provider/provider.ts";
import type { Service } from "../../server/provider/service.ts";
import type { Question } from "../../shared/page-messages.ts";
import { FORM, sealRefresh } from "../attacks/refresh-tools.ts";
import type { EndpointName, Jar } from "../tools/harness.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  codeIn,
  GOOD,
  OWN_PAGE,
  PROVIDER,
  pkcePair,
  readFragment,
  testProvider,
} from "../tools/harness.ts";

/** A provider as seen from outside. Tests decide which instance answers each request. */
export interface Site {
  provider: Provider;
  send(endpoint: EndpointName, pathAndQuery: string, init?: RequestInit & { jar?: Jar }): Promise<Response>;
}

/** Everything that calls a service, each from the first step of the app or the user. */
export interface Journey {
  name: string;
  /** Runs in the given browser until the first error or the end, and returns the last response. */
  run(site: Site, jar: Jar): Promise<Response>;
  brings: "a token" | "nothing";
}

/** The settings for GitHub with the service at this address. */
export function githubAt(origin: string): Partial<Service> {
  const revocation: Service["revocation"] = {
    endpoint: `${origin}/revoke`,
    method: "POST",
    authMethod: "client_secret_basic",
    body: "form",
    tokenParameter: "token",
  };
  return {
    tokenEndpoint: `${origin}/token`,
    refreshTokens: "reusable",
    refreshWithoutDpop: true,
    userinfo: {
      endpoint: `${origin}/userinfo`,
      method: "GET",
      headers: {},
      claims: { sub: ["id"], username: ["login"] },
    },
    revocation,
    grantRevocation: revocation,
  };
}

/** A site with one instance that answers all requests. */
export function siteAt(origin: string, env: Environment = {}): Site {
  const provider = testProvider({ github: githubAt(origin), env });
  return { provider, send: (endpoint, pathAndQuery, init) => call(endpoint, provider, pathAndQuery, init) };
}

/** Ends a journey before its last step. */
class ErrorReply extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super(`refused with ${response.status}`);
    this.response = response;
  }
}

function unlessRefused(response: Response): Response {
  if (response.status >= 400) throw new ErrorReply(response);
  return response;
}

async function untilRefused(steps: () => Promise<Response>): Promise<Response> {
  try {
    return await steps();
  } catch (error) {
    if (error instanceof ErrorReply) return error.response;
    throw error;
  }
}

/** The service redirects the browser back, and our page reads the question. */
async function returnFromService(location: string, { send }: Site, jar: Jar): Promise<Question> {
  const state = new URL(location).searchParams.get("state")!;
  const query = new URLSearchParams({ code: CANARY.serviceCode, state });
  return readFragment(unlessRefused(await send("callback", `/callback/github?${query}`, { jar })));
}

async function sayYes({ ticket, redirectUri }: Question, origin: string, { send }: Site, jar: Jar): Promise<Response> {
  const body = JSON.stringify({ ticket, origin, redirectUri, service: "github", decision: "yes", opener: true });
  return await send("decision", "/decision", { method: "POST", jar, headers: OWN_PAGE, body });
}

async function postForm(endpoint: "token" | "revoke", form: Record<string, string>, { send }: Site): Promise<Response> {
  const body = new URLSearchParams({ client_id: `${GOOD}/`, ...form }).toString();
  return await send(endpoint, `/${endpoint}/github`, {
    method: "POST",
    headers: { "content-type": FORM, origin: GOOD },
    body,
  });
}

async function standardLogin(site: Site, jar: Jar): Promise<Response> {
  const { verifier, challenge } = pkcePair();
  const request = `/authorize/github?${authorizationRequest(challenge, { scope: "read:user offline_access" })}`;
  const started = unlessRefused(await site.send("authorize", request, { jar, headers: { referer: `${GOOD}/` } }));
  const question = await returnFromService(started.headers.get("location")!, site, jar);
  const confirmed = unlessRefused(await sayYes(question, GOOD, site, jar));
  const code = codeIn((await confirmed.json()) as { location: string });
  const form = { grant_type: "authorization_code", code, redirect_uri: `${GOOD}/callback`, code_verifier: verifier };
  return await postForm("token", form, site);
}

async function madataLogin(site: Site, jar: Jar): Promise<Response> {
  const state = JSON.stringify({ url: `${GOOD}/`, backend: "Github" });
  const query = new URLSearchParams({ code: CANARY.serviceCode, state });
  const arrived = unlessRefused(
    await site.send("callback", `/callback?${query}`, { jar, headers: { referer: `${GOOD}/` } }),
  );
  return await sayYes(readFragment(arrived), GOOD, site, jar);
}

async function cmsLogin(site: Site, jar: Jar): Promise<Response> {
  const started = unlessRefused(await site.send("authorize", "/auth?provider=github&site_id=good.example", { jar }));
  return await sayYes(await returnFromService(started.headers.get("location")!, site, jar), GOOD, site, jar);
}

async function signOut(site: Site, jar: Jar): Promise<Response> {
  const init = { method: "POST", jar, headers: OWN_PAGE, body: JSON.stringify({ signOut: true }) };
  const started = unlessRefused(await site.send("authorize", "/authorize/github", init));
  const { location } = (await started.json()) as { location: string };
  return await sayYes(await returnFromService(location, site, jar), PROVIDER, site, jar);
}

async function refresh(site: Site): Promise<Response> {
  return await postForm("token", { grant_type: "refresh_token", refresh_token: sealRefresh(site.provider) }, site);
}

async function revoke(site: Site): Promise<Response> {
  return await postForm("revoke", { token: CANARY.accessToken }, site);
}

async function userinfo({ send }: Site): Promise<Response> {
  return await send("userinfo", "/userinfo/github", { headers: { authorization: `Bearer ${CANARY.accessToken}` } });
}

const journey = (name: string, steps: Journey["run"], brings: Journey["brings"] = "nothing"): Journey => ({
  name,
  run: (site, jar) => untilRefused(() => steps(site, jar)),
  brings,
});

/** One login for each of the three dialects. */
export const LOGINS: Journey[] = [
  journey("a login of a standard client", standardLogin, "a token"),
  journey("a login of Madata's client", madataLogin, "a token"),
  journey("a login of a CMS", cmsLogin, "a token"),
];

export const REFRESH = journey("a refresh", refresh, "a token");

export const JOURNEYS: Journey[] = [
  ...LOGINS,
  REFRESH,
  journey("signing out everywhere", signOut),
  journey("a revocation", revoke),
  journey("a profile", userinfo),
];

/** Whether the journey ends in a token response (RFC 6749 §5.1), not in a message between windows. */
export const answersApp = ({ name }: Journey): boolean => name === LOGINS[0]!.name || name === REFRESH.name;

/** Whether the login ends in a message to the app's window. */
export const awaitsMessage = (login: Journey): boolean => LOGINS.includes(login) && !answersApp(login);

/** For `describe.each`. */
export const named = (journeys: Journey[]): [string, Journey][] => journeys.map((one) => [one.name, one]);
