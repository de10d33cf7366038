import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_BODY_BYTES } from "../../server/request/parameters.ts";
import { MAX_SEALED_CHARACTERS } from "../../server/sealing/seal.ts";
import { answerIn, expectRefused } from "../attacks/tools.ts";
import {
  authorizationRequest,
  call,
  codeIn,
  decide,
  GOOD,
  Jar,
  PROVIDER,
  pkcePair,
  pressContinue,
  readFragment,
  redeem,
  testProvider,
} from "../tools/harness.ts";

/**
 * A login that is too large is refused before it begins: everything that is sent to the service comes back from it and
 * still opens. No user logs in at a service only to learn that the app's `state` was too long [A46].
 */

const provider = testProvider();
const { challenge, verifier } = pkcePair();

const HANDLE = /^[A-Za-z0-9_-]{22}$/;
/** nginx and Apache accept 8 kB for one header. */
const MAX_COOKIE_HEADER = 8_000;

interface Sizes {
  clientId: string;
  redirectUri: string;
  state: string;
  scope: string;
}

function start(path: string, jar: Jar): Promise<Response> {
  return call("authorize", provider, path, { jar, headers: { referer: `${GOOD}/` } });
}

function pathOf({ clientId, redirectUri, state, scope }: Sizes): string {
  return `/authorize/github?${authorizationRequest(challenge, { client_id: clientId, redirect_uri: redirectUri, state, scope })}`;
}

/**
 * Text up to and beyond a parameter's own limit, made of the characters that grow most: JSON and UTF-8 use two or three
 * bytes for each.
 */
function text(letters: string[], longest = 2_100): fc.Arbitrary<string> {
  const short = fc.integer({ min: 0, max: 200 });
  const length = fc.oneof(short, fc.integer({ min: 0, max: longest }), fc.constantFrom(2_047, 2_048, 2_049));
  return fc.tuple(fc.constantFrom(...letters), length).map(([letter, count]) => letter.repeat(count));
}

const sizes: fc.Arbitrary<Sizes> = fc.record({
  clientId: text(["a", "/a"], 1_000).map((path) => `${GOOD}/${path}`),
  redirectUri: text(["a", "b/", "%C3%A9"]).map((path) => `${GOOD}/${path}`),
  state: text(["s", "\\", '"', "é", "语", "😀"]).map((state) => `x${state}`),
  scope: fc
    .oneof(fc.constant(1), fc.integer({ min: 1, max: 700 }))
    .map((count) => Array.from({ length: count }, (_, index) => index.toString(36)).join(" ")),
});

describe("[A46] a request of any size", () => {
  test("is refused at once, or waits in cookies, comes back from the service, is asked about, and is redeemed", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 1_500 }), async (request, codeLength) => {
        const jar = new Jar();
        const started = await start(pathOf(request), jar);
        if (started.status >= 400) return;
        const toService =
          started.status === 302
            ? new URL(started.headers.get("location")!)
            : await pressContinue(provider, started, jar);
        const state = toService.searchParams.get("state")!;
        expect(state).toMatch(HANDLE);
        expect(jar.headers().cookie!.length).toBeLessThanOrEqual(MAX_COOKIE_HEADER);

        const answer = new URLSearchParams({ code: "c".repeat(codeLength), state });
        const returned = await call("callback", provider, `/callback/github?${answer}`, { jar });
        expect(returned.status, await returned.clone().text()).toBe(303);
        const question = readFragment(returned);
        expect(question.ticket.length).toBeLessThanOrEqual(MAX_SEALED_CHARACTERS);
        const confirmed = await decide(provider, question, jar);
        expect(confirmed.status, await confirmed.clone().text()).toBe(200);
        const code = codeIn((await confirmed.json()) as { location: string });
        // Only the code's verifier is wrong. It is checked last, so nothing is sent to the service.
        const parameters = {
          code,
          client_id: request.clientId,
          redirect_uri: request.redirectUri,
          code_verifier: verifier.slice(1),
        };
        await expectRefused(await redeem(provider, parameters), "invalid_code_verifier");
      }),
      { numRuns: 150 },
    );
  });

  test("the largest of each part by itself goes through", async () => {
    const usual: Sizes = {
      clientId: `${GOOD}/`,
      redirectUri: `${GOOD}/callback`,
      state: "s".repeat(64),
      scope: "read:user",
    };
    const path = "p".repeat(2_048 - `${GOOD}/`.length);
    for (const large of [
      { redirectUri: `${GOOD}/${path}` },
      { state: "s".repeat(2_048) },
      { scope: Array.from({ length: 600 }, (_, index) => index.toString(36)).join(" ") },
      { redirectUri: `${GOOD}/${path}`, state: "s".repeat(1_400) },
    ]) {
      const started = await start(pathOf({ ...usual, ...large }), new Jar());
      expect(started.status, await started.clone().text()).toBe(302);
    }
  });

  test("too large as a whole: the app is told before anybody logs in, and what to shorten", async () => {
    const long = { redirectUri: `${GOOD}/${"p".repeat(2_000)}`, state: "é".repeat(2_048) };
    const response = await start(pathOf({ clientId: `${GOOD}/`, scope: "read:user", ...long }), new Jar());
    await expectRefused(response, "oversized_login");
    const { location } = answerIn(await response.text()) as { location: string };
    expect(new URL(location).searchParams.get("error_description")).toContain("shorten state and redirect_uri");
  });

  test("the same for the dialects that name no redirect URI: their largest request fits", async () => {
    const scope = Array.from({ length: 680 }, (_, index) => index.toString(36).padStart(2, "a"))
      .join(" ")
      .slice(0, 2_048);
    const backend = "Github";
    const state = JSON.stringify({ url: `https://${"a.".repeat(120)}example/`, backend });
    const madata = new URLSearchParams({ client_id: "client-of-github", redirect_uri: PROVIDER, state, scope });
    const cms = new URLSearchParams({ provider: "github", site_id: "h".repeat(253), scope });
    for (const path of [`/authorize/github?${madata}`, `/auth?${cms}`]) {
      const jar = new Jar();
      const started = await start(path, jar);
      expect(started.status, await started.clone().text()).toBe(302);
      expect(new URL(started.headers.get("location")!).searchParams.get("state")).toMatch(HANDLE);
      expect(jar.headers().cookie!.length).toBeLessThanOrEqual(MAX_COOKIE_HEADER);
    }
  });

  test("what has come back fits into the page's answer, with room for the service's code", () => {
    expect(MAX_SEALED_CHARACTERS + 4_096).toBeLessThanOrEqual(MAX_BODY_BYTES);
  });
});
