import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { decision } from "../../../server/endpoints/decision.ts";
import { seal } from "../../../server/sealing/seal.ts";
import type { CmsTransaction, OAuthTransaction, Sealed } from "../../../server/sealing/transaction.ts";
import type { Answer, Decision } from "../../../shared/page-messages.ts";
import {
  boundJar,
  expectRefused,
  madataTransaction,
  oauthTransaction,
  serviceOf,
  spyOnFetch,
} from "../../attacks/tools.ts";
import { CANARY, call, GOOD, OWN_PAGE, PROVIDER, testProvider } from "../../tools/harness.ts";

const provider = testProvider();
const service = serviceOf(provider);
const { jar, browser } = boundJar();
const serviceCode = { code: CANARY.serviceCode, redirectUri: `${PROVIDER}/callback/github` };

beforeEach(() => void spyOnFetch());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function decide(
  content: Omit<Sealed["ticket"], "browser">,
  changes: Record<string, unknown> = {},
): Promise<Response> {
  const ticket = seal("ticket", { ...content, browser }, { provider, service });
  const { redirectUri } = content.transaction as OAuthTransaction;
  return await send({ ticket, redirectUri, ...changes });
}

async function send(changes: Record<string, unknown>): Promise<Response> {
  const decision: Omit<Decision, "ticket"> = { origin: GOOD, service: "github", decision: "no", opener: true };
  const body = JSON.stringify({ ...decision, ...changes });
  return await call("decision", provider, "/decision", { method: "POST", jar, headers: OWN_PAGE, body });
}

describe("an app that is told No learns why", () => {
  const whyNot = async (response: Response) => {
    const { location } = (await response.json()) as Extract<Answer, { location: string }>;
    return new URL(location).searchParams.get("error_description");
  };

  test("because the user said so", async () => {
    expect(await whyNot(await decide({ transaction: oauthTransaction(), serviceCode }))).toBe(
      "The user did not confirm.",
    );
  });

  test("because the service did, long before", async () => {
    const response = await decide({ transaction: oauthTransaction() });
    expect(await whyNot(response)).toBe("The service reports that access was refused.");
  });

  test("because nobody answered in time", async () => {
    const content = { transaction: oauthTransaction(), serviceCode, browser };
    const ticket = seal("ticket", content, { provider, service });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 700_000 });
    expect(await whyNot(await send({ ticket, redirectUri: `${GOOD}/callback` }))).toBe(
      "The question was not answered in time.",
    );
  });
});

describe("a question that nobody has answered", () => {
  const late = { transaction: oauthTransaction(), serviceCode };

  test("is not a No, though the server's own clock is a little behind the page's", async () => {
    const { location } = (await (await decide(late, { decision: "expired" })).json()) as { location: string };
    expect(Object.fromEntries(new URL(location).searchParams)).toMatchObject({
      // RFC 6749 §4.1.2.1 knows no other code for it.
      error: "access_denied",
      error_description: "The question was not answered in time.",
    });
  });

  test("has a reason of its own in the messages that are no OAuth", async () => {
    const madata = await decide({ transaction: madataTransaction(), serviceCode }, { decision: "expired" });
    expect(await madata.json()).toMatchObject({ message: { backend: "Github:refused", error: "expired" } });
    const cms: CmsTransaction = { dialect: "cms", word: "github", scopes: ["repo"], appOrigin: GOOD };
    const { message } = (await (await decide({ transaction: cms, serviceCode }, { decision: "expired" })).json()) as {
      message: string;
    };
    expect(JSON.parse(message.slice("authorization:github:error:".length))).toEqual({
      message: "The question was not answered in time.",
      error: "The question was not answered in time.",
      errorCode: "expired",
      provider: "github",
    });
  });

  test("[A6] hands over and ends nothing, whoever it is about", async () => {
    const { fetch } = globalThis;
    await decide(late, { decision: "expired" });
    await decide({ transaction: madataTransaction(), serviceCode }, { decision: "expired" });
    const signOut = await decide(
      { transaction: { dialect: "sign-out", scopes: [] }, serviceCode },
      { decision: "expired", origin: PROVIDER },
    );
    expect(await signOut.json()).toEqual({ ended: false });
    expect(fetch).not.toHaveBeenCalled();
  });
});

test.each([1, true, null, {}, ["window"]])(
  "[A42] a window's id that is no text is no decision: %j",
  async (waitingWindow) => {
    const response = await decide(
      { transaction: oauthTransaction(), serviceCode, waitingWindow: "window" },
      { waitingWindow },
    );
    await expectRefused(response, "unreadable_body");
  },
);

test.each([1, true, null, {}, [`${GOOD}/callback`]])(
  "[A42] a redirect URI that is no text is no decision: %j",
  async (redirectUri) => {
    await expectRefused(
      await decide({ transaction: oauthTransaction(), serviceCode }, { redirectUri }),
      "unreadable_body",
    );
  },
);

test("a fault of our own, met while a token is fetched, stays what it is: no app is told that it was a refusal", async () => {
  const fault = new TypeError("unforeseen");
  vi.spyOn(service, "tokenParameters", "get").mockImplementation(() => {
    throw fault;
  });
  const ticket = seal("ticket", { transaction: madataTransaction(), serviceCode, browser }, { provider, service });
  const body = JSON.stringify({ ticket, origin: GOOD, service: "github", decision: "yes", opener: true });
  const headers = { ...OWN_PAGE, ...jar.headers() };
  const request = new Request(`${PROVIDER}/decision`, { method: "POST", headers, body });
  await expect(decision.methods.POST!(request, provider, {})).rejects.toBe(fault);
});
