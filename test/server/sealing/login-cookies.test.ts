import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { findLogin, forgetLogin, keepLogin, MAX_LOGIN_CHARACTERS } from "../../../server/sealing/login-cookies.ts";
import { leastCpuMs } from "../../attacks/tools.ts";
import { PROVIDER, testProvider } from "../../tools/harness.ts";

const provider = testProvider();
const local = testProvider({ env: { URL: "http://localhost:8888" } });

/** Limits (RFC 6265 §6.1): of Chromium and Firefox per cookie with attributes, of nginx and Apache per header. */
const MAX_COOKIE = 4_096;
const MAX_HEADER = 8_190;

function withCookie(cookie: string): Request {
  return new Request(`${PROVIDER}/callback/github`, { headers: { cookie } });
}

/** A sealed value of the given length. */
function sealed(characters: number): string {
  return randomBytes(characters).toString("base64url").slice(0, characters);
}

/** A browser's cookies: `name=value`, oldest first. */
class Browser {
  pairs: string[] = [`__Host-ap=${"v".repeat(43)}`];

  request(): Request {
    return withCookie(this.pairs.join("; "));
  }

  begin(value: string, by = provider): string {
    const { state, setCookies } = keepLogin(value, this.request(), by);
    for (const set of setCookies) this.#obey(set);
    return state;
  }

  forget(state: string): void {
    for (const set of forgetLogin(state, this.request(), provider)) this.#obey(set);
  }

  #obey(set: string): void {
    const pair = set.split(";", 1)[0]!;
    const name = pair.slice(0, pair.indexOf("=") + 1);
    if (set.endsWith("Max-Age=0")) this.pairs = this.pairs.filter((other) => !other.startsWith(name));
    else this.pairs.push(pair);
  }
}

describe("a login that waits in cookies", () => {
  test("is found by its handle, which is random, of 128 bits, and nothing that an address has to encode", () => {
    const browser = new Browser();
    const value = sealed(600);
    const states = Array.from({ length: 100 }, () => keepLogin(value, browser.request(), provider).state);
    expect(new Set(states).size).toBe(100);
    for (const state of states) expect(state).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(findLogin(browser.begin(value), browser.request(), provider)).toBe(value);
  });

  test.each([1, 600, 3_999, 4_000, 4_001, 6_400, MAX_LOGIN_CHARACTERS])(
    "[A39] of %i characters fits into cookies as long as browsers take, and into a header as long as servers read",
    (characters) => {
      const browser = new Browser();
      const value = sealed(characters);
      const { state, setCookies } = keepLogin(value, browser.request(), provider);
      for (const set of setCookies) {
        expect(Buffer.byteLength(set)).toBeLessThanOrEqual(MAX_COOKIE);
        expect(set).toMatch(
          new RegExp(`^__Host-ap-${state}-[12]=[\\w-]+; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=4380$`),
        );
      }
      for (let login = 0; login < 5; login += 1) browser.begin(sealed(characters));
      const last = browser.begin(value);
      expect(findLogin(last, browser.request(), provider)).toBe(value);
      expect(browser.request().headers.get("cookie")!.length).toBeLessThanOrEqual(MAX_HEADER);
    },
  );

  test("on this computer over http, is under a name that browsers grant there", () => {
    const { state, setCookies } = keepLogin("x", withCookie(""), local);
    expect(setCookies).toEqual([`ap-dev-${state}-1=x; Path=/; HttpOnly; SameSite=Lax; Max-Age=4380`]);
    expect(findLogin(state, withCookie(`ap-dev-${state}-1=x`), local)).toBe("x");
    expect(() => findLogin(state, withCookie(`__Host-ap-${state}-1=x`), local)).toThrow("other_browser");
  });

  const state = "h".repeat(22);
  test.each([
    "",
    "x",
    "h".repeat(21),
    "h".repeat(23),
    `${"h".repeat(21)}=`,
    `${"h".repeat(21)}.`,
    "__proto__",
    `${state}-1`,
    `${state} `,
  ])("is never looked for by %j, which is no handle", (other) => {
    expect(() => findLogin(other, withCookie(`__Host-ap-${other}-1=x`), provider)).toThrow("invalid_state");
  });

  test.each([
    ["none", ""],
    ["that of another login", `__Host-ap-${"i".repeat(22)}-1=x`],
    ["one without the prefix, which any sub-domain can set", `ap-${state}-1=x`],
    ["one under the name for local development", `ap-dev-${state}-1=x`],
    ["one under another spelling of the prefix", `__host-ap-${state}-1=x`],
    ["two of the name", `__Host-ap-${state}-1=x; __Host-ap-${state}-1=x`],
    ["only a second part", `__Host-ap-${state}-2=x`],
    ["one behind a space of Unicode", Buffer.from(`\u2000__Host-ap-${state}-1=x`).toString("latin1")],
    ["one without a name that spells one", `=__Host-ap-${state}-1=x`],
  ])("[A38] is not found where its cookie is %s", (_, cookie) => {
    expect(() => findLogin(state, withCookie(cookie), provider)).toThrow("other_browser");
  });
});

describe("several logins in one browser", () => {
  test("[A39] eight at once are all found, each by its own handle, in any order", () => {
    const browser = new Browser();
    const begun = Array.from({ length: 8 }, () => sealed(800)).map((value) => ({ value, state: browser.begin(value) }));
    for (const { value, state } of begun.toReversed())
      expect(findLogin(state, browser.request(), provider)).toBe(value);
  });

  test("[A39] of too many the oldest go, whole, and the newest stay", () => {
    const browser = new Browser();
    const values = Array.from({ length: 60 }, (_, index) => sealed(index % 3 === 0 ? 4_500 : 800));
    const states = values.map((value) => browser.begin(value));
    const isThere = (state: string): boolean => browser.pairs.some((pair) => pair.includes(state));
    const firstKept = states.findIndex(isThere);
    expect(firstKept).toBeGreaterThan(0);
    for (const [index, state] of states.entries()) {
      expect(isThere(state)).toBe(index >= firstKept);
      if (index >= firstKept) expect(findLogin(state, browser.request(), provider)).toBe(values[index]);
    }
    expect(browser.pairs[0]).toBe(`__Host-ap=${"v".repeat(43)}`);
  });

  test("[A39] what is over makes room at once, and only what is over goes", () => {
    const browser = new Browser();
    const [first, second] = [browser.begin(sealed(4_500)), browser.begin(sealed(800))];
    browser.forget(first!);
    expect(browser.pairs.map((pair) => pair.split("=", 1)[0])).toEqual(["__Host-ap", `__Host-ap-${second}-1`]);
    browser.forget("nobody's");
    expect(browser.pairs).toHaveLength(2);
  });

  test("[A38] cookies of other names are never ended, however much they look like ours", () => {
    const others = [
      "x=1",
      `__Host-apple-${"h".repeat(22)}-1=x`,
      `__Host-ap-${"h".repeat(21)}-1=x`,
      `__Host-ap-${"h".repeat(22)}=x`,
      `ap-dev-${"h".repeat(22)}-1=x`,
    ];
    const full = `${others.map((pair) => pair + "y".repeat(2_000)).join("; ")}; __Host-ap-${"o".repeat(22)}-1=${"z".repeat(3_900)}`;
    const ended = keepLogin(sealed(3_900), withCookie(full), provider).setCookies.filter((set) =>
      set.endsWith("Max-Age=0"),
    );
    expect(ended).toEqual([`__Host-ap-${"o".repeat(22)}-1=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`]);
  });

  test("[A47] a header of 16 KiB is looked through at once, whatever stands in it", async () => {
    const many = (): string =>
      Array.from({ length: 430 }, () => `__Host-ap-${randomBytes(16).toString("base64url")}-1=`).join(";");
    for (const cookie of [many(), "__Host-ap-;".repeat(1_400), ";".repeat(16_000), `__Host-ap-${"-1".repeat(8_000)}`]) {
      const request = withCookie(cookie);
      expect(await leastCpuMs(() => keepLogin(sealed(600), request, provider))).toBeLessThan(100);
      expect(await leastCpuMs(() => forgetLogin("h".repeat(22), request, provider))).toBeLessThan(50);
    }
  });
});
