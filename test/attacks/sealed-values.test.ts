import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Provider } from "../../server/provider/provider.ts";
import type { SealedKind } from "../../server/sealing/transaction.ts";
import type { Answer, Question } from "../../shared/page-messages.ts";
import type { Jar } from "../tools/harness.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  codeIn,
  decide,
  GOOD,
  keepSealed,
  OWN_PAGE,
  PROVIDER,
  pkcePair,
  reachConfirmation,
  readFragment,
  redeem,
  testProvider,
} from "../tools/harness.ts";
import { boundJar, expectRefused, reachCode, sealOne, spyOnFetch, startStrictService } from "./tools.ts";

const KINDS: SealedKind[] = ["request", "state", "ticket", "code", "refresh", "nonce"];
/** The places for the first four kinds. Refresh tokens and nonces belong in none of them and have their own suites. */
type Place = Exclude<SealedKind, "refresh" | "nonce">;
const PLACES: Place[] = ["request", "state", "ticket", "code"];
const STAGING = "https://staging.auth.example";
// All use the same key, so only kind, service and provider separate the values.
const SEALING_KEY = "pT4vZ-k8Qm2Xw9LrYc0hNd7BsGf3JaEuKi6oRt1yQxV";

let fetched: ReturnType<typeof spyOnFetch>;
beforeEach(() => (fetched = spyOnFetch()));
afterEach(() => vi.restoreAllMocks());

/** Presents a sealed value at one of the places. */
async function present(
  place: Place,
  value: string,
  provider: Provider,
  service: string,
  jar: Jar,
  verifier = pkcePair().verifier,
): Promise<Response> {
  const ownPage = { ...OWN_PAGE, origin: provider.origin };
  switch (place) {
    case "request":
      return await call("authorize", provider, `/authorize/${service}`, {
        method: "POST",
        jar,
        headers: ownPage,
        body: JSON.stringify({ request: value }),
      });
    case "state":
      return await call(
        "callback",
        provider,
        `/callback/${service}?${new URLSearchParams({ code: CANARY.serviceCode, state: keepSealed(value, jar) })}`,
        { jar },
      );
    case "ticket": {
      const body = {
        ticket: value,
        origin: GOOD,
        redirectUri: `${GOOD}/callback`,
        service,
        decision: "yes",
        opener: false,
      };
      return await call("decision", provider, "/decision", {
        method: "POST",
        jar,
        headers: ownPage,
        body: JSON.stringify(body),
      });
    }
    case "code":
      return await redeem(provider, { code: value, code_verifier: verifier }, { service });
  }
}

describe("[A26] a sealed value is good at its own endpoint, for its own service, at its own provider", () => {
  test.each(KINDS)("%s: of the 16 places no other takes it", async (kind) => {
    const { verifier, challenge } = pkcePair();
    const { jar, browser } = boundJar();
    const value = sealOne(kind, testProvider({ env: { SEALING_KEY } }), { browser, challenge });
    for (const origin of [PROVIDER, STAGING]) {
      const provider = testProvider({ env: { SEALING_KEY, URL: origin } });
      for (const service of ["github", "other"]) {
        for (const place of PLACES) {
          fetched.mockClear();
          const response = await present(place, value, provider, service, jar, verifier);
          const isHome = place === kind && service === "github" && origin === PROVIDER;
          if (isHome) {
            expect(response.status, place).toBeLessThan(400);
            continue;
          }
          await expectRefused(response, place === "code" ? "invalid_code" : "invalid_state");
          expect(fetched).not.toHaveBeenCalled();
        }
      }
    }
  });

  test("the service's own code is none of ours", async () => {
    for (const code of [CANARY.serviceCode, "gho_0123456789", "4/0AX4XfWh"]) {
      await expectRefused(await redeem(testProvider(), { code, code_verifier: pkcePair().verifier }), "invalid_code");
    }
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe("[A25] our own code verifier", () => {
  test("is sent for every login, a fresh one, and fits the challenge that the service was shown", async () => {
    const provider = testProvider();
    const challenges = new Set<string>();
    for (let index = 0; index < 20; index += 1) {
      const { toService } = await reachConfirmation(provider);
      expect(toService.searchParams.get("code_challenge_method")).toBe("S256");
      challenges.add(toService.searchParams.get("code_challenge")!);
    }
    expect(challenges.size).toBe(20);
  });

  test("is in no answer of the whole login, in no encoding", async () => {
    const provider = testProvider();
    const { verifier, challenge } = pkcePair();
    const { jar } = boundJar();
    const seen: string[] = [];
    const record = async (response: Response) => {
      seen.push(await response.clone().text(), ...[...response.headers].map(([, value]) => value));
      return response;
    };
    const query = authorizationRequest(challenge);

    const started = await record(
      await call("authorize", provider, `/authorize/github?${query}`, { jar, headers: { referer: `${GOOD}/` } }),
    );
    const state = new URL(started.headers.get("location")!).searchParams.get("state")!;
    const returned = await record(
      await call("callback", provider, `/callback/github?${new URLSearchParams({ code: CANARY.serviceCode, state })}`, {
        jar,
      }),
    );
    const question = readFragment<Question>(returned);
    seen.push(JSON.stringify(question));
    const confirmed = await record(await decide(provider, question, jar));
    const answer = (await confirmed.json()) as { location: string };
    await record(await redeem(provider, { code: codeIn(answer), code_verifier: verifier }));

    const sent = new URLSearchParams(String(fetched.mock.calls[0]![1]!.body)).get("code_verifier")!;
    expect(sent).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(sent).not.toBe(verifier);
    const everything = seen.join("\n");
    const decoded = everything.split(/[^A-Za-z0-9_-]/).map((part) => Buffer.from(part, "base64url").toString("latin1"));
    for (const spelling of [sent, Buffer.from(sent).toString("base64"), Buffer.from(sent).toString("hex")]) {
      expect(everything).not.toContain(spelling);
      expect(decoded.join("\n")).not.toContain(spelling);
    }
  });

  test("is left out only where the service's record says that it breaks on it", async () => {
    const { toService } = await reachConfirmation(testProvider({ github: { codeChallengeMethod: "none" } }));
    expect(toService.searchParams.has("code_challenge")).toBe(false);
    expect(toService.searchParams.has("code_challenge_method")).toBe(false);
  });
});

describe("[A63] a login that took too long", () => {
  const noon = Date.parse("2026-06-01T12:00:00Z");
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: noon }));
  afterEach(() => void vi.useRealTimers());

  const places: [kind: Place, lastGoodSecond: number, reason: "expired" | "invalid_code"][] = [
    ["request", 629, "expired"],
    ["state", 929, "expired"],
    ["ticket", 629, "expired"],
    ["code", 89, "invalid_code"],
  ];
  test.each(places)(
    "ends: a %s works after %i seconds, and not after one more",
    async (kind, lastGoodSecond, reason) => {
      const { verifier, challenge } = pkcePair();
      const { jar, browser } = boundJar();
      const provider = testProvider();
      const value = sealOne(kind, provider, { browser, challenge });
      vi.setSystemTime(noon + lastGoodSecond * 1_000);
      expect((await present(kind, value, provider, "github", jar, verifier)).status).toBeLessThan(400);
      fetched.mockClear();
      vi.setSystemTime(noon + (lastGoodSecond + 1) * 1_000);
      await expectRefused(await present(kind, value, provider, "github", jar, verifier), reason);
      expect(fetched).not.toHaveBeenCalled();
    },
  );

  test("can still be answered with No, so that the app stops waiting, and says why", async () => {
    const provider = testProvider();
    const { question, jar } = await reachConfirmation(provider);
    vi.setSystemTime(noon + 3_600_000);
    const answer = (await (await decide(provider, question, jar, { decision: "no" })).json()) as { location: string };
    const landed = new URL(answer.location);
    expect(landed.origin).toBe(GOOD);
    expect(Object.fromEntries(landed.searchParams)).toEqual({
      error: "access_denied",
      error_description: "The question was not answered in time.",
      state: "state-of-the-app",
      iss: `${PROVIDER}/github`,
    });
  });

  test("tells the page when the service's own code runs out, if that is sooner", async () => {
    const { question } = await reachConfirmation(testProvider({ github: { codeLifetimeSeconds: 30 } }));
    expect(question.lifetimeSeconds).toBe(30);
    const { question: unlimited } = await reachConfirmation(testProvider());
    expect(unlimited.lifetimeSeconds).toBe(600);
  });
});

describe("[A28] a code is good once", () => {
  async function provided(
    options: Parameters<typeof startStrictService>[0] = {},
  ): Promise<{ provider: Provider; service: Awaited<ReturnType<typeof startStrictService>> }> {
    vi.restoreAllMocks();
    const service = await startStrictService(options);
    service.allow(CANARY.serviceCode, `${PROVIDER}/callback/github`);
    return { provider: testProvider({ github: { tokenEndpoint: service.endpoint } }), service };
  }

  test("of two redemptions at the same time one gets a token, the other invalid_grant", async () => {
    const { provider, service } = await provided({ atOnce: 2 });
    const { code, verifier } = await reachCode(provider);
    const redeemOnce = () => redeem(provider, { code, code_verifier: verifier });
    const responses = await Promise.all([redeemOnce(), redeemOnce()]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 400]);
    await expectRefused(responses.find(({ status }) => status === 400)!, "service_refused_grant");
    expect(service.issued).toBe(1);
    await service.stop();
  });

  test("another spelling of the same code is the same code", async () => {
    const { provider, service } = await provided();
    const { code, verifier } = await reachCode(provider);
    expect((await redeem(provider, { code, code_verifier: verifier })).status).toBe(200);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const lastLetter = alphabet.indexOf(code.at(-1)!);
    const spellings = [
      code,
      `${code} `,
      ` ${code}`,
      ...[1, 2, 4, 8].map((bit) => code.slice(0, -1) + alphabet[lastLetter ^ bit]),
    ];
    for (const spelling of spellings) {
      const response = await redeem(provider, { code: spelling, code_verifier: verifier });
      expect(response.status).toBe(400);
      expect(((await response.json()) as { error: string }).error).toBe("invalid_grant");
    }
    expect(service.issued).toBe(1);
    await service.stop();
  });

  test("a failed attempt of somebody else does not use it up", async () => {
    const { provider, service } = await provided();
    const { code, verifier } = await reachCode(provider);
    await expectRefused(await redeem(provider, { code, code_verifier: pkcePair().verifier }), "invalid_code_verifier");
    await expectRefused(
      await redeem(provider, { code, code_verifier: verifier, client_id: "https://evil.example/" }),
      "code_of_other_client",
    );
    expect(service.requests).toBe(0);
    expect((await redeem(provider, { code, code_verifier: verifier })).status).toBe(200);
    await service.stop();
  });

  test("a No mints no token anywhere", async () => {
    const { provider, service } = await provided();
    const { question, jar } = await reachConfirmation(provider);
    const answer = (await (await decide(provider, question, jar, { decision: "no" })).json()) as Answer;
    expect(JSON.stringify(answer)).not.toMatch(/[?&]code=/);
    expect(service.requests).toBe(0);
    await service.stop();
  });
});
