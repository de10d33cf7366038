import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { seal, unseal } from "../../server/sealing/seal.ts";
import type { Sealed, Transaction } from "../../server/sealing/transaction.ts";
import { parseAppUrl } from "../../shared/app-url.ts";
import type { Answer, Decision } from "../../shared/page-messages.ts";
import { boundJar, madataTransaction, oauthTransaction, RUNS, serviceOf, spyOnFetch } from "../attacks/tools.ts";
import { CANARY, call, EVIL, GOOD, Jar, OWN_PAGE, PROVIDER, testProvider } from "../tools/harness.ts";

/**
 * The gate on the server: any number of logins of several apps, in two browsers, and requests to /decision from anybody,
 * in any order and at any time. The oracle decides from the sealed login and from what the page says it has shown. It
 * shares no code with the endpoint.
 */

const GRANT_REVOCATION = {
  endpoint: "https://github.example/grant",
  method: "POST",
  authMethod: "client_secret_post",
  body: "form",
  tokenParameter: "token",
} as const;

const provider = testProvider({ github: { grantRevocation: GRANT_REVOCATION } });
const now = new Date("2026-06-01T12:00:00Z");

/** The victim's browser, the attacker's browser, and a browser that is new here. */
const browsers = { victim: boundJar(), attacker: boundJar() };
const jars = { victim: browsers.victim.jar, attacker: browsers.attacker.jar, nobody: new Jar() };

interface Login {
  name: string;
  transaction: Transaction;
  browser: keyof typeof browsers;
  service: "github" | "other";
  waitingWindow?: string;
  refused?: true;
}

function loginsOf(app: string): Pick<Login, "name" | "transaction">[] {
  const byQuery = oauthTransaction({ appOrigin: app, clientId: `${app}/`, redirectUri: `${app}/callback` });
  const { redirectUri: _, ...byMessage } = { ...byQuery, responseMode: "web_message" as const };
  return [
    { name: "query", transaction: byQuery },
    { name: "message or query", transaction: { ...byQuery, responseMode: "web_message" } },
    { name: "message", transaction: byMessage },
    { name: "Madata", transaction: madataTransaction({ appOrigin: app }) },
  ];
}

const logins: Login[] = (["victim", "attacker"] as const).flatMap((browser) => [
  ...[GOOD, EVIL].flatMap((app) => loginsOf(app).map((login): Login => ({ ...login, browser, service: "github" }))),
  ...loginsOf(GOOD).map((login): Login => ({ ...login, browser, service: "other" })),
  ...loginsOf(GOOD).map(
    (login): Login => ({ ...login, browser, service: "github", waitingWindow: "window-of-the-service" }),
  ),
  ...loginsOf(GOOD).map((login): Login => ({ ...login, browser, service: "github", refused: true })),
  { name: "CMS", transaction: { dialect: "cms", scopes: ["repo"], word: "github" }, browser, service: "github" },
  { name: "sign out", transaction: { dialect: "sign-out", scopes: [] }, browser, service: "github" },
]);

const tickets = new Map<Login, string>();

function serviceCodeOf({ service }: Login): { code: string; redirectUri: string } {
  return { code: CANARY.serviceCode, redirectUri: `${PROVIDER}/callback/${service}` };
}

function ticketFor(login: Login): string {
  const content: Sealed["ticket"] = {
    transaction: login.transaction,
    browser: browsers[login.browser].browser,
    ...(login.refused ? {} : { serviceCode: serviceCodeOf(login) }),
    ...(login.waitingWindow === undefined ? {} : { waitingWindow: login.waitingWindow }),
  };
  return seal("ticket", content, { provider, service: serviceOf(provider, login.service) });
}

/* ---- Requests to /decision and their expected outcome ---- */

interface Attempt {
  login: Login;
  /** One letter of the ticket has been changed. */
  forged: boolean;
  jar: keyof typeof jars;
  headers: Record<string, string>;
  shown: Omit<Decision, "ticket">;
}

type Outcome = "refused" | "told no" | "released" | "grant ended";

function expectedOutcome({ login, forged, jar, headers, shown }: Attempt, ageSeconds: number): Outcome {
  const isOwnPage = headers.origin === PROVIDER && headers["sec-fetch-site"] === "same-origin";
  const isRightLogin =
    jar === login.browser && shown.service === login.service && shown.waitingWindow === login.waitingWindow;
  if (!isOwnPage || headers["content-type"] !== "application/json" || forged || !isRightLogin) return "refused";
  if (shown.origin !== originOf(login, shown.origin) || shown.redirectUri !== redirectUriOf(login)) return "refused";

  const { transaction } = login;
  const isYes = shown.decision === "yes";
  // The ticket's ten minutes, plus the tolerance for clock differences.
  if (isYes && (ageSeconds >= 630 || login.refused)) return "refused";
  if (transaction.dialect === "sign-out") return isYes ? "grant ended" : "told no";
  const hasWay = shown.opener || (transaction.dialect === "oauth" && transaction.redirectUri !== undefined);
  const needsNoOpener = transaction.dialect !== "oauth" && !isYes;
  if (!hasWay && !needsNoOpener) return "refused";
  return isYes ? "released" : "told no";
}

/**
 * The recipient of a release. For a CMS, this is the origin that answered the handshake, if it can be an app at all.
 */
function originOf({ transaction }: Login, shown: string): string | undefined {
  if (transaction.dialect === "sign-out") return PROVIDER;
  // Our own pages are not an app.
  if (transaction.dialect === "cms") return shown === PROVIDER ? undefined : parseAppUrl(shown)?.origin;
  return transaction.appOrigin;
}

/** The address to which a result of this login may be sent by navigation. */
function redirectUriOf({ transaction }: Login): string | undefined {
  return "redirectUri" in transaction ? transaction.redirectUri : undefined;
}

const attempt: fc.Arbitrary<Attempt> = fc
  .record({
    login: fc.constantFrom(...logins),
    forged: mostly(false, fc.constant(true)),
    isOwn: mostly(true, fc.constant(false)),
    origin: mostly(undefined, fc.constantFrom(GOOD, EVIL, PROVIDER, "null", "*", `${GOOD}/`, "")),
    redirectUri: mostly(
      "as sealed",
      fc.constantFrom(undefined, "", `${GOOD}/callback`, `${GOOD}/callback/`, `${EVIL}/callback`, `${GOOD}/c%61llback`),
    ),
    service: mostly(undefined, fc.constantFrom("github", "other", "Github", "__proto__")),
    waitingWindow: mostly(undefined, fc.constantFrom("", "x", "window-of-the-service")),
    jar: mostly(undefined, fc.constantFrom("victim" as const, "attacker" as const, "nobody" as const)),
    decision: mostly("yes" as const, fc.constant("no" as const)),
    opener: fc.boolean(),
    headers: fc.constantFrom(
      { ...OWN_PAGE, origin: EVIL, "sec-fetch-site": "cross-site" },
      { ...OWN_PAGE, origin: EVIL },
      { ...OWN_PAGE, "sec-fetch-site": "same-site" },
      { ...OWN_PAGE, "content-type": "text/plain" },
      { "content-type": "application/json" },
    ),
  })
  .map(
    ({
      login,
      forged,
      isOwn,
      headers,
      jar = login.browser,
      origin,
      redirectUri,
      service = login.service,
      waitingWindow,
      ...rest
    }) => {
      const window = waitingWindow ?? login.waitingWindow;
      const address = redirectUri === "as sealed" ? redirectUriOf(login) : redirectUri;
      const shown = {
        origin: origin ?? originOf(login, GOOD)!,
        service,
        ...rest,
        ...(address === undefined ? {} : { redirectUri: address }),
        ...(window === undefined ? {} : { waitingWindow: window }),
      };
      return { login, forged, jar, headers: isOwn ? OWN_PAGE : headers, shown };
    },
  );

/** Most requests are wrong in only a few ways. Otherwise all would be refused for the first problem. */
function mostly<T, U>(usual: T, other: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });
}

/* ---- Actual outcomes ---- */

interface World {
  ageSeconds: number;
  fetched: ReturnType<typeof spyOnFetch>;
  outcomes: Outcome[];
}

async function send({ login, forged, jar, headers, shown }: Attempt): Promise<Response> {
  const ticket = tickets.get(login)!;
  const body = JSON.stringify({ ...shown, ticket: forged ? ticket.replace(/.{9}$/, "AAAAAAAAA") : ticket });
  return await call("decision", provider, "/decision", { method: "POST", jar: jars[jar], headers, body });
}

async function expectOutcome(
  response: Response,
  { login, shown }: Attempt,
  expected: Outcome,
  fetches: string[],
): Promise<void> {
  const text = await response.text();
  if (expected === "refused") {
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(text).not.toContain(CANARY.accessToken);
    return expect(fetches).toEqual([]);
  }
  expect({ status: response.status, text }).toMatchObject({ status: 200 });
  if (expected === "grant ended") {
    expect(JSON.parse(text)).toEqual({ ended: true });
    return expect(fetches).toEqual([serviceOf(provider, login.service).tokenEndpoint, GRANT_REVOCATION.endpoint]);
  }
  if (login.transaction.dialect === "sign-out") return expect(JSON.parse(text)).toEqual({ ended: false });
  const answer = JSON.parse(text) as Answer;
  expect("location" in answer ? new URL(answer.location).origin : answer.targetOrigin).toBe(shown.origin);
  if (expected === "told no") {
    // A No that comes too late is told as expired, where the dialect has a word for that.
    expect(text).toMatch(/access_denied|expired/);
    expect(codeIn(answer)).toBeNull();
    expect(text).not.toContain(CANARY.accessToken);
    return expect(fetches).toEqual([]);
  }
  expectReleased(answer, login, fetches);
}

function expectReleased(answer: Answer, login: Login, fetches: string[]): void {
  const service = serviceOf(provider, login.service);
  if (login.transaction.dialect !== "oauth") {
    expect(JSON.stringify(answer)).toContain(CANARY.accessToken);
    return expect(fetches).toEqual([service.tokenEndpoint]);
  }
  const opened = unseal("code", codeIn(answer) ?? "", { provider, service });
  // The app gets a code for exactly this login, and no request has been sent to the service.
  expect(opened?.content).toEqual({ transaction: login.transaction, serviceCode: serviceCodeOf(login) });
  expect(fetches).toEqual([]);
}

function codeIn(answer: Answer): string | null {
  if ("location" in answer) return new URL(answer.location).searchParams.get("code");
  const { response } = answer.message as { response?: { code?: string } };
  return response?.code ?? null;
}

type Step = fc.AsyncCommand<World, World>;

const deciding = attempt.map(
  (attempt): Step => ({
    check: () => true,
    toString: () => `send ${fc.stringify(attempt)}`,
    run: async (world) => {
      world.fetched.mockClear();
      const expected = expectedOutcome(attempt, world.ageSeconds);
      const response = await send(attempt);
      await expectOutcome(
        response,
        attempt,
        expected,
        world.fetched.mock.calls.map(([url]) => String(url)),
      );
      world.outcomes.push(expected);
    },
  }),
);

const waiting = fc.constantFrom(1, 300, 329, 600, 629).map(
  (seconds): Step => ({
    check: () => true,
    toString: () => `wait ${seconds} s`,
    run: async (world) => {
      world.ageSeconds += seconds;
      vi.setSystemTime(now.getTime() + world.ageSeconds * 1_000);
    },
  }),
);

describe("whatever is sent to /decision, in whatever order", () => {
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ["Date"], now });
    for (const login of logins) tickets.set(login, ticketFor(login));
  });
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now }));
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  test("[A1][A6][A13] nothing is released but what was sealed, to whom was shown, in its own browser and time, after Yes", async () => {
    const fetched = spyOnFetch();
    const outcomes: Outcome[] = [];
    await fc.assert(
      fc.asyncProperty(fc.commands([deciding, deciding, deciding, waiting], { maxCommands: 8 }), async (steps) => {
        vi.setSystemTime(now);
        const world = { ageSeconds: 0, fetched, outcomes };
        await fc.asyncModelRun(() => ({ model: world, real: world }), steps);
      }),
      RUNS,
    );
    // Without all outcomes, the property above would prove little.
    for (const outcome of ["refused", "told no", "released", "grant ended"]) expect(outcomes).toContain(outcome);
  });
});
