import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bindBrowser,
  bindingCookie,
  bindingDigest,
  isBoundTo,
  newBinding,
  readBinding,
} from "../../../server/sealing/browser-binding.ts";
import { leastCpuMs, RUNS } from "../../attacks/tools.ts";
import { PROVIDER, testProvider } from "../../tools/harness.ts";

const provider = testProvider();
const local = testProvider({ env: { URL: "http://localhost:8888" } });
const value = "v".repeat(43);

function withCookie(cookie: string): Request {
  return new Request(`${PROVIDER}/callback/github`, { headers: { cookie } });
}

/** A header value as it arrives: each byte read as one Latin-1 character. */
function bytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

describe("reading the binding cookie", () => {
  test.each([
    ["alone", `__Host-ap=${value}`],
    ["among others", `theme=dark; __Host-ap=${value}; lang=en`],
    ["without spaces", `theme=dark;__Host-ap=${value};lang=en`],
    ["with a tab", `theme=dark;\t__Host-ap=${value}\t; lang=en`],
    ["beside one whose name only begins like it", `__Host-apple=${"w".repeat(43)}; __Host-ap=${value}`],
    ["beside one whose value looks like it", `x=__Host-ap=${"w".repeat(43)}; __Host-ap=${value}`],
  ])("[A13] finds it %s", (_, cookie) => {
    expect(readBinding(withCookie(cookie), provider)).toBe(value);
  });

  test.each([
    ["no cookie at all", ""],
    ["an empty value", "__Host-ap="],
    ["only the name", "__Host-ap"],
    ["two of them", `__Host-ap=${value}; __Host-ap=${"w".repeat(43)}`],
    ["the same twice", `__Host-ap=${value}; __Host-ap=${value}`],
    ["a second, empty one", `__Host-ap=${value}; __Host-ap=`],
    ["a name without the prefix, which any sub-domain can set", `ap=${value}`],
    ["the name for local development", `ap-dev=${value}`],
    ["another spelling of the prefix", `__host-ap=${value}`],
    ["the other prefix", `__Secure-ap=${value}`],
    ["a space of Unicode before the name, which servers strip and browsers do not", bytes(`\u2000__Host-ap=${value}`)],
    ["a no-break space before the name", `\u00A0__Host-ap=${value}`],
    ["a cookie without a name that spells one", `=__Host-ap=${value}`],
    ["a space before =", `__Host-ap =${value}`],
    ["a space after =", `__Host-ap= ${value}`],
    ["a quoted value", `__Host-ap="${value}"`],
    ["a version prefix of RFC 2109", `$Version=1, __Host-ap=${value}`],
    ["a comma instead of a semicolon", `theme=dark, __Host-ap=${value}`],
    ["a value that is too short", `__Host-ap=${"v".repeat(42)}`],
    ["a value that is too long", `__Host-ap=${"v".repeat(44)}`],
    ["a value of other letters", `__Host-ap=${"v".repeat(42)}+`],
    ["padding", `__Host-ap=${"v".repeat(43)}=`],
    ["a percent-encoded name", `__Host%2Dap=${value}`],
    ["a percent-encoded value", `__Host-ap=%76${"v".repeat(42)}`],
    ["a vertical tab before the name", `\x0B__Host-ap=${value}`],
  ])("[A38] counts as absent: %s", (_, cookie) => {
    expect(readBinding(withCookie(cookie), provider)).toBeUndefined();
    expect(isBoundTo(withCookie(cookie), provider, bindingDigest(value))).toBe(false);
  });

  test("[A38] whatever the header says, only 43 characters of base64url after exactly that name come out", () => {
    const name = fc.constantFrom("__Host-ap", "__Host-ap ", " __Host-ap", "__host-ap", "ap", "=__Host-ap", "", "x");
    const part = fc.oneof(
      fc.constantFrom(value, `"${value}"`, ` ${value}`, `${value} `, "", "=", "w".repeat(43)),
      fc.string({ unit: fc.constantFrom(...'ab=;, \t"\\$%~_-'), maxLength: 50 }),
    );
    const pair = fc.tuple(name, part).map(([left, right]) => `${left}=${right}`);
    const header = fc
      .tuple(fc.array(pair, { maxLength: 5 }), fc.constantFrom(";", "; ", ",", ";\t"))
      .map(([pairs, glue]) => pairs.join(glue));
    fc.assert(
      fc.property(header, (cookie) => {
        const found = readBinding(withCookie(cookie), provider);
        const exact = cookie.split(";").filter((candidate) => /^[ \t]*__Host-ap=/.test(candidate));
        const wellFormed = exact.length === 1 ? /^[ \t]*__Host-ap=([\w-]{43})[ \t]*$/.exec(exact[0]!)?.[1] : undefined;
        expect(found).toBe(wellFormed);
      }),
      RUNS,
    );
  });

  test("[A47] a header of 16 KiB is read at once, whatever stands in it", async () => {
    const unit = ["x", " ", "\t", ";", "=", "; ", "__Host-ap", "__Host-ap=", " ;", `__Host-ap=${value};`];
    for (const filling of unit) {
      for (const end of ["", "x", `; __Host-ap=${value}`]) {
        const cookie = `x${filling.repeat(Math.floor(16_000 / filling.length))}${end}`;
        const request = withCookie(cookie);
        expect(await leastCpuMs(() => readBinding(request, provider)), JSON.stringify(filling + end)).toBeLessThan(50);
      }
    }
  });
});

describe("setting the binding cookie", () => {
  test("[A38] over https it has the prefix that no sibling sub-domain can forge, and every attribute that protects it", () => {
    expect(bindingCookie(value, provider)).toBe(
      `__Host-ap=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=4380`,
    );
  });

  test("[A38] on this computer over http it does without what browsers grant over https only", () => {
    expect(bindingCookie(value, local)).toBe(`ap-dev=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=4380`);
    expect(readBinding(withCookie(`ap-dev=${value}`), local)).toBe(value);
    expect(readBinding(withCookie(`__Host-ap=${value}`), local)).toBeUndefined();
  });

  test("[A13] bindings are random, of 256 bits", () => {
    const bindings = Array.from({ length: 500 }, newBinding);
    expect(new Set(bindings).size).toBe(500);
    for (const binding of bindings) expect(Buffer.from(binding, "base64url")).toHaveLength(32);
  });

  test("[A13] what is sealed is not the cookie, and another cookie does not fit it", () => {
    expect(bindingDigest(value)).not.toContain(value);
    expect(bindingDigest(value)).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(isBoundTo(withCookie(`__Host-ap=${value}`), provider, bindingDigest(value))).toBe(true);
    expect(isBoundTo(withCookie(`__Host-ap=${"w".repeat(43)}`), provider, bindingDigest(value))).toBe(false);
    expect(isBoundTo(withCookie(`__Host-ap=${value}`), provider, value)).toBe(false);
    expect(isBoundTo(withCookie(`__Host-ap=${value}`), provider, "")).toBe(false);
  });
});

describe("binding a browser that begins a login", () => {
  test("[A13] one without a cookie gets one, and the login is bound to it", () => {
    const { browser, setCookie } = bindBrowser(new Request(PROVIDER), provider);
    const binding = /^__Host-ap=([\w-]{43}); Path=/.exec(setCookie!)![1]!;
    expect(browser).toBe(bindingDigest(binding));
    expect(bindBrowser(new Request(PROVIDER), provider).browser).not.toBe(browser);
  });

  test("[A39] one with a cookie keeps its value, so that logins beside this one go on, for a full lifetime from now on", () => {
    const bound = bindBrowser(withCookie(`__Host-ap=${value}`), provider);
    expect(bound).toStrictEqual({ browser: bindingDigest(value), setCookie: bindingCookie(value, provider) });
  });

  test("[A38] one with two of them has none: it gets a new one", () => {
    const { browser, setCookie } = bindBrowser(withCookie(`__Host-ap=${value}; __Host-ap=${"w".repeat(43)}`), provider);
    expect(setCookie).toMatch(/^__Host-ap=/);
    expect([bindingDigest(value), bindingDigest("w".repeat(43))]).not.toContain(browser);
  });

  test.each([
    ["under a name that sub-domains can set", `ap=${value}`],
    ["under the name for local development", `ap-dev=${value}`],
    ["under another spelling of the prefix", `__host-ap=${value}`],
    ["in quotes", `__Host-ap="${value}"`],
    ["with something after it", `__Host-ap=${value}v`],
  ])("[A38] a value %s is not renewed as ours", (_, cookie) => {
    const { browser, setCookie } = bindBrowser(withCookie(cookie), provider);
    expect(setCookie).toMatch(/^__Host-ap=[\w-]{43}; Path=/);
    expect(setCookie).not.toContain(value);
    expect(browser).not.toBe(bindingDigest(value));
  });
});
