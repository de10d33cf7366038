import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAllowedApp, parseAllowedApps, parseAppUrl } from "../../shared/app-url.ts";

const refused = undefined;
const host253 = `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(53)}.example`;
const longUrl = (characters: number) => "https://app.example/".padEnd(characters, "a");

/** threat, input, accepted origin or `refused`, why */
const table: [threat: string, input: unknown, origin: string | undefined, why: string][] = [
  // Values that honest apps send.
  ["A4", "https://app.example", "https://app.example", "a bare origin"],
  ["A4", "https://app.example/", "https://app.example", "an origin with its slash"],
  ["A4", "https://app.example/path/page.html", "https://app.example", "a page"],
  ["A4", "https://app.example/?a=b&c=d", "https://app.example", "a query"],
  ["A4", "https://app.example/#section", "https://app.example", "a fragment"],
  ["A4", "https://app.example/?", "https://app.example", "an empty query"],
  ["A4", "https://app.example/#", "https://app.example", "an empty fragment"],
  ["A4", "https://app.example/a?b=c#d", "https://app.example", "all of them"],
  ["A4", "https://app.example:8443/", "https://app.example:8443", "a port"],
  ["A4", "https://app.example:65535/", "https://app.example:65535", "the last port"],
  ["A4", "https://app.example:80/", "https://app.example:80", "80 is not the default of https"],
  ["A4", "https://user.github.io/app/", "https://user.github.io", "GitHub pages"],
  ["A4", "https://a.b.c.d.example/", "https://a.b.c.d.example", "many labels"],
  ["A4", "https://my_app.example/", "https://my_app.example", "an underscore, which some hosts have"],
  ["A4", "https://my-app.example/", "https://my-app.example", "a hyphen"],
  ["A4", "https://1.example/", "https://1.example", "a numeric label"],
  ["A4", "https://192.0.2.1/", "https://192.0.2.1", "an IPv4 address"],
  ["A4", "https://app.example/@user", "https://app.example", "@ in a path names nobody"],
  ["A4", "https://app.example/?mail=a@b.example", "https://app.example", "@ in a query"],
  ["A4", "https://app.example/#a@b", "https://app.example", "@ in a fragment"],
  ["A4", "https://app.example/%20", "https://app.example", "a percent-encoded path"],
  ["A4", "https://app.example/a//b", "https://app.example", "empty path segments stay"],
  ["A4", "https://app.example/https://evil.example/", "https://app.example", "a URL in a path"],
  ["A3", "https://app.example/%2fevil.example", "https://app.example", "an encoded slash stays encoded"],
  ["A4", `https://${host253}/`, `https://${host253}`, "the longest host"],
  ["A4", longUrl(2048), "https://app.example", "2048 characters"],

  // Apps on this computer.
  ["A58", "http://localhost/", "http://localhost", "localhost"],
  ["A58", "http://localhost:5500", "http://localhost:5500", "localhost with a port"],
  ["A58", "http://localhost:5500/index.html", "http://localhost:5500", "a page on localhost"],
  ["A58", "https://localhost:5500/", "https://localhost:5500", "localhost over https"],
  ["A58", "http://127.0.0.1:3000/", "http://127.0.0.1:3000", "the IPv4 loopback address"],
  ["A58", "http://[::1]:3000/", "http://[::1]:3000", "the IPv6 loopback address"],
  ["A58", "http://[::1]", "http://[::1]", "the same, bare"],
  ["A58", "http://127.1/", refused, "short form of 127.0.0.1"],
  ["A58", "http://127.0.1/", refused, "another short form"],
  ["A58", "http://127.0.0.2/", refused, "loopback, but not the agreed address"],
  ["A58", "http://2130706433/", refused, "127.0.0.1 as a number"],
  ["A58", "http://0x7f.0.0.1/", refused, "127.0.0.1 in hexadecimal"],
  ["A58", "http://0177.0.0.1/", refused, "127.0.0.1 in octal"],
  ["A58", "http://0.0.0.0/", refused, "this computer on many systems"],
  ["A58", "http://0/", refused, "0.0.0.0, short"],
  ["A58", "http://[::]/", refused, "the unspecified IPv6 address"],
  ["A58", "http://[::ffff:127.0.0.1]/", refused, "127.0.0.1 inside IPv6"],
  ["A58", "http://[::ffff:7f00:1]/", refused, "the same, canonical"],
  ["A58", "https://[::ffff:7f00:1]/", refused, "the same over https"],
  ["A58", "http://[0:0:0:0:0:0:0:1]/", refused, "[::1] written out"],
  ["A58", "http://localhost.evil.example/", refused, "a foreign host that begins with localhost"],
  ["A58", "http://127.0.0.1.evil.example/", refused, "a foreign host that begins with an address"],
  ["A58", "http://app.localhost:5500/", "http://app.localhost:5500", "a name below localhost"],
  ["A58", "http://app.localhost", "http://app.localhost", "the same, bare"],
  ["A58", "http://tauri.localhost/", "http://tauri.localhost", "a name below localhost without a port"],
  ["A58", "https://tauri.localhost/index.html", "https://tauri.localhost", "a name below localhost over https"],
  ["A58", "http://a.b-c.d_e.localhost:1/", "http://a.b-c.d_e.localhost:1", "many labels below localhost"],
  ["A58", "http://127.0.0.1.localhost/", "http://127.0.0.1.localhost", "a number below localhost"],
  ["A58", "http://App.localhost/", refused, "a name below localhost in upper case"],
  ["A58", "http://app.localhost./", refused, "a name below localhost with a trailing dot"],
  ["A58", "http://app..localhost/", refused, "an empty label below localhost"],
  ["A58", "http://.localhost/", refused, "an empty name below localhost"],
  ["A58", "http://*.localhost/", refused, "a wildcard below localhost"],
  ["A58", "http://app.localhost:80/", refused, "a name below localhost with the default port"],
  ["A58", "http://app.localhost,evil.example/", refused, "a comma after a name below localhost"],
  ["A58", "http://app.localhost@evil.example/", refused, "a name below localhost as user name"],
  ["A58", "http://app.localhost.evil.example/", refused, "a foreign host that begins with a name below localhost"],
  ["A58", "http://applocalhost/", refused, "no label boundary before localhost"],
  ["A58", "http://app.notlocalhost/", refused, "a name that only ends like localhost"],
  ["A58", "http://evil.example/.localhost", refused, "localhost in the path"],
  ["A58", "http://evil.example?.localhost", refused, "localhost in the query"],
  ["A58", "http://app.localdomain/", refused, "another name that is often this computer"],
  ["A58", "http://app.local:3000/", refused, "a name in a local network"],
  ["A58", "http://lvh.me:3000/", refused, "a public name that leads to this computer"],
  ["A58", "http://localhost./", refused, "localhost with a trailing dot"],
  ["A58", "http://LOCALHOST/", refused, "localhost in upper case"],
  ["A58", "http://localhost:80/", refused, "the default port of http"],

  // Schemes.
  ["A4", "http://app.example/", refused, "plain http: anybody on the way could read the token"],
  ["A4", "http://192.168.1.10:5500/", refused, "plain http in a local network"],
  ["A4", "javascript:alert(1)", refused, "script"],
  ["A4", "javascript://app.example/%0aalert(1)", refused, "script that looks like a URL"],
  ["A4", "data:text/html,x", refused, "a data URL has no origin"],
  ["A4", "blob:https://evil.example/x", refused, "a blob has the origin of its inner URL"],
  ["A4", "filesystem:https://evil.example/x", refused, "so has a filesystem URL"],
  ["A4", "file:///etc/passwd", refused, "a file has no origin"],
  ["A4", "about:blank", refused, "about: inherits an origin"],
  ["A4", "ftp://app.example/", refused, "another scheme"],
  ["A4", "ws://app.example/", refused, "a web socket"],
  ["A4", "wss://app.example/", refused, "a secure web socket"],
  ["A4", "app://app.example/", refused, "an app's own scheme"],
  ["A4", "httpss://app.example/", refused, "nearly https"],
  ["A4", "view-source:https://app.example/", refused, "a prefix"],
  ["A4", "HTTPS://app.example/", refused, "a scheme in upper case"],
  ["A4", "Https://app.example/", refused, "a scheme in mixed case"],

  // Values that parsers repair.
  ["A4", "*", refused, "postMessage's word for anybody"],
  ["A4", "/", refused, "postMessage's word for oneself"],
  ["A4", "null", refused, "the opaque origin"],
  ["A4", "", refused, "nothing"],
  ["A4", "app.example", refused, "no scheme"],
  ["A4", "//evil.example/", refused, "the scheme of the page"],
  ["A4", "/path", refused, "a relative URL"],
  ["A4", "https:", refused, "a scheme alone"],
  ["A4", "https:/", refused, "one slash and nothing"],
  ["A4", "https://", refused, "no host"],
  ["A4", "https:evil.example", refused, "no slashes: parsers add them"],
  ["A4", "https:/evil.example/", refused, "one slash: parsers add one"],
  ["A4", "https:///evil.example/", refused, "three slashes: parsers drop one"],
  ["A4", "https:////evil.example/", refused, "four slashes"],
  ["A4", "https://?evil.example", refused, "a query in place of the host"],
  ["A4", "https://#evil.example", refused, "a fragment in place of the host"],
  ["A4", "https:\\\\evil.example\\", refused, "backslashes in place of slashes"],
  ["A4", "https://good.example\\@evil.example/", refused, "a backslash: browsers and RFC 3986 disagree on the host"],
  ["A4", "https://good.example\\.evil.example/", refused, "a backslash that ends the host"],
  ["A4", "https://app.example/a\\b", refused, "a backslash in the path"],
  ["A4", "https://app.example/?a\\b", refused, "a backslash in the query, where parsers leave it"],
  ["A4", "https://app.example/#a\\b", refused, "a backslash in the fragment, where parsers leave it"],
  ["A4", " https://app.example/", refused, "a leading space is trimmed"],
  ["A4", "https://app.example/ ", refused, "a trailing space is trimmed"],
  ["A4", "https://app.example/a b", refused, "a space in the path"],
  ["A4", "\thttps://app.example/", refused, "a leading tab"],
  ["A4", "ht\ntps://app.example/", refused, "a newline in the scheme is dropped"],
  ["A4", "https://good.example\t.evil.example/", refused, "a tab in the host is dropped"],
  ["A4", "https://app.example/\r\nSet-Cookie:x", refused, "a header injection"],
  ["A4", "https://app.example/\u0000", refused, "NUL"],
  ["A4", "https://app.example/\u0001", refused, "a C0 control"],
  ["A4", "https://app.example/\u001F", refused, "the last C0 control"],
  ["A4", "https://app.example/\u007F", refused, "DEL"],
  ["A4", "https://app.example/\u0085", refused, "a C1 control"],
  ["A4", "\uFEFFhttps://app.example/", refused, "a byte order mark"],
  ["A4", "https://app.example/\u2028", refused, "a line separator"],
  ["A4", "https://app.example/\uD800", refused, "half a character"],
  ["A4", "https://app.example/é", refused, "a path that the parser would encode"],
  ["A4", 'https://app.example/"><script>', refused, "markup that the parser would encode"],
  ["A4", "https://app.example/#<b>", refused, "markup in the fragment"],
  ["A3", "https://app.example/a/../b", refused, "dot segments"],
  ["A3", "https://app.example/..", refused, "a dot segment above the root"],
  ["A3", "https://app.example/.", refused, "a single dot"],
  ["A3", "https://app.example/%2e%2e/b", refused, "encoded dot segments"],
  ["A3", "https://app.example/.%2E/b", refused, "half-encoded dot segments"],
  ["A4", "https://app.example?x", refused, "a query without a path: the parser adds the slash"],
  ["A4", "https://app.example#x", refused, "a fragment without a path"],
  ["A4", "https://app.example:443/", refused, "the default port"],
  ["A4", "https://app.example:/", refused, "an empty port"],
  ["A4", "https://app.example:08443/", refused, "a port with a leading zero"],
  ["A4", "https://app.example:65536/", refused, "a port that does not exist"],
  ["A4", "https://app.example:x/", refused, "a port that is no number"],

  // Values that hide whose URL it is.
  ["A4", "https://good.example@evil.example/", refused, "a user name that looks like the host"],
  ["A4", "https://good.example:443@evil.example/", refused, "the same with a password"],
  ["A4", "https://@evil.example/", refused, "an empty user name"],
  ["A4", "https://:@evil.example/", refused, "empty user name and password"],
  ["A4", "https://good.example%40evil.example/", refused, "an encoded @"],
  ["A4", "https://good.example%2Fevil.example/", refused, "an encoded slash in the host"],
  ["A4", "https://good.example%00.evil.example/", refused, "an encoded NUL in the host"],
  ["A33", "https://good%2Eexample/", refused, "an encoded dot in the host"],
  ["A33", "https://%61pp.example/", refused, "an encoded letter in the host"],
  ["A33", "https://App.example/", refused, "upper case in the host"],
  ["A33", "https://APP.EXAMPLE", refused, "a host in upper case"],
  ["A33", "https://good.example./", refused, "a trailing dot: another origin that looks the same"],
  ["A33", "https://good.example../", refused, "two trailing dots"],
  ["A33", "https://.example/", refused, "an empty first label"],
  ["A33", "https://good..example/", refused, "an empty label"],
  ["A33", "https://аpple.example/", refused, "a Cyrillic letter"],
  ["A33", "https://xn--pple-43d.example/", "https://xn--pple-43d.example", "the same in punycode, shown as such"],
  ["A33", "https://bücher.example/", refused, "a Unicode host"],
  ["A33", "https://xn--bcher-kva.example/", "https://xn--bcher-kva.example", "the same in punycode"],
  ["A33", "https://ｇood.example/", refused, "a full-width letter"],
  ["A33", "https://good。example/", refused, "an ideographic full stop"],
  ["A33", "https://good.example\u202E/", refused, "a right-to-left mark"],
  ["A33", "https://go\u00ADod.example/", refused, "a soft hyphen is dropped"],
  ["A33", "https://go\u200Bod.example/", refused, "a zero-width space is dropped"],
  ["A33", "https://good.example,evil.example/", refused, "a comma in the host"],
  ["A33", "https://good.example;.evil.example/", refused, "a semicolon in the host"],
  ["A33", "https://good.example&.evil.example/", refused, "an ampersand in the host"],
  ["A33", "https://good.example'.evil.example/", refused, "a quote in the host"],
  ["A33", "https://*.evil.example/", refused, "a wildcard is no host"],
  ["A33", "https://intranet/", refused, "a host without a dot"],
  ["A33", "https://com/", refused, "a top-level domain"],
  ["A33", "https://[2001:db8::1]/", refused, "an IPv6 address: nobody can tell whose it is"],
  ["A33", "https://[v1.x]/", refused, "a future address"],
  ["A33", "https://1.2.3/", refused, "a short IPv4 address"],
  ["A33", "https://256.1.1.1/", refused, "no IPv4 address"],
  ["A33", "https://0x7f000001/", refused, "a hexadecimal IPv4 address"],
  ["A33", "https://good.example.evil.example/", "https://good.example.evil.example", "a foreign host, shown whole"],
  ["A33", `https://a${host253}/`, refused, "a host longer than DNS allows"],
  ["A4", longUrl(2049), refused, "2049 characters"],

  // Values that are not strings.
  ["A4", undefined, refused, "undefined"],
  ["A4", null, refused, "null"],
  ["A4", 5, refused, "a number"],
  ["A4", true, refused, "a boolean"],
  ["A4", ["https://app.example/"], refused, "an array that turns into a URL"],
  ["A4", { href: "https://app.example/", origin: "https://app.example" }, refused, "an object that looks parsed"],
  ["A4", { toString: () => "https://app.example/" }, refused, "an object that turns into a URL"],
  ["A4", new URL("https://app.example/"), refused, "a URL object"],
  ["A4", new String("https://app.example/"), refused, "a String object"],
];

describe("the app-URL rule", () => {
  test("the table is large, and lists nothing twice", () => {
    expect(table.length).toBeGreaterThanOrEqual(100);
    expect(new Set(table.map(([, input]) => input)).size).toBe(table.length);
  });

  test.each(table)("[%s] %j → %s: %s", (_threat, input, origin) => {
    expect(parseAppUrl(input)?.origin).toBe(origin);
  });

  test("[A4] what is far too long is refused", () => {
    expect(parseAppUrl(longUrl(100_000))).toBeUndefined();
  });

  test("[A4] path, query and fragment stay in href, and nothing else changes", () => {
    const href = "https://app.example:8443/a?b=c#d";
    expect(parseAppUrl(href)).toEqual({
      href,
      origin: "https://app.example:8443",
      hostname: "app.example",
      loopback: false,
    });
    expect(parseAppUrl("https://app.example")?.href).toBe("https://app.example/");
  });

  test("[A58] loopback apps are marked as such", () => {
    const loopback = ["http://localhost/", "https://localhost/", "http://127.0.0.1:1/", "http://[::1]:1/"];
    const below = [
      "http://app.localhost:3000/",
      "http://tauri.localhost/",
      "https://tauri.localhost/",
      "https://a.b.localhost/",
    ];
    for (const input of [...loopback, ...below]) expect(parseAppUrl(input)?.loopback, input).toBe(true);
    for (const host of ["localhost.example", "app.localhost.example", "app.notlocalhost"]) {
      expect(parseAppUrl(`https://${host}/`)?.loopback, host).toBe(false);
    }
  });
});

const validUrls = table.filter(([, , origin]) => origin !== refused).map(([, input]) => input as string);
const tricks = [
  ...["\\", "@", "\t", "\n", "\u0000", "\u007F", " "],
  ...[".", "..", "/", "//", "%2e", "%40", ":", ":443", "[", "A", "é", "*"],
];

/** An accepted URL with something inserted, replaced or deleted at a random place. */
const mutatedUrl = fc
  .record({
    url: fc.constantFrom(...validUrls.filter((url) => url.length < 100)),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    deleted: fc.integer({ min: 0, max: 2 }),
    inserted: fc.oneof(fc.constantFrom(...tricks), fc.string({ maxLength: 3, unit: "binary" })),
  })
  .map(({ url, at, deleted, inserted }) => {
    const index = Math.floor(at * url.length);
    return url.slice(0, index) + inserted + url.slice(index + deleted);
  });

/** Strings made of parts of URLs. More of them are accepted than of arbitrary strings. */
const urlLike = fc
  .array(
    fc.constantFrom(
      "https://",
      "http://",
      "app",
      ".example",
      "localhost",
      ".localhost",
      "/",
      "?",
      "#",
      ":1",
      "a",
      ...tricks,
    ),
  )
  .map((parts) => parts.join(""));

function expectSound(input: string): void {
  const app = parseAppUrl(input);
  if (app === undefined) return;
  const url = new URL(input);
  expect([input, `${input}/`]).toContain(app.href);
  expect(app.origin).toBe(url.origin);
  expect(app.hostname).toBe(url.hostname);
  expect(app.loopback).toBe(
    ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname) || url.hostname.endsWith(".localhost"),
  );
  expect(url.protocol === "https:" || (url.protocol === "http:" && app.loopback)).toBe(true);
  expect(parseAppUrl(app.href)).toEqual(app);
  expect(parseAppUrl(app.origin)?.origin).toBe(app.origin);
  expect(input).not.toMatch(/[\u0000-\u0020\u007F-\u009F\\]/);
  expect(input.replace(/^https?:\/\//, "").split(/[/?#]/)[0]).not.toContain("@");
  expect(input.startsWith(app.origin)).toBe(true);
}

describe("whatever is accepted is canonical and safe to show", () => {
  const runs = { numRuns: 1_000 };

  test("[A4] arbitrary strings", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), expectSound), runs);
  });

  test("[A4] arbitrary web URLs", () => {
    fc.assert(fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), expectSound), runs);
  });

  test("[A4] [A33] mutated valid URLs", () => {
    fc.assert(fc.property(mutatedUrl, expectSound), runs);
  });

  test("[A4] strings of URL parts", () => {
    fc.assert(fc.property(urlLike, expectSound), runs);
  });

  test("[A4] the generators do produce accepted URLs", () => {
    const accepted = (arbitrary: fc.Arbitrary<string>) =>
      fc.sample(arbitrary, { numRuns: 1_000, seed: 1 }).filter((input) => parseAppUrl(input) !== undefined).length;
    expect(accepted(mutatedUrl)).toBeGreaterThan(50);
    expect(accepted(fc.webUrl())).toBeGreaterThan(50);
  });

  test("[A4] nothing but a string is ever accepted", () => {
    const notString = fc.anything().filter((value) => typeof value !== "string");
    fc.assert(
      fc.property(notString, (value) => {
        expect(parseAppUrl(value)).toBeUndefined();
      }),
      runs,
    );
  });
});

describe("ALLOWED_APPS", () => {
  test("an empty list allows every app", () => {
    expect(isAllowedApp("https://app.example", [])).toBe(true);
  });

  test.each([
    ["https://app.example", "https://app.example", true, "the origin itself"],
    ["https://app.example:8443", "https://app.example:8443", true, "with its port"],
    ["http://localhost:5500", "http://localhost:5500", true, "a loopback app"],
    ["https://app.example", "https://app.example:8443", false, "another port"],
    ["https://app.example:8443", "https://app.example", false, "a port too many"],
    ["https://localhost:5500", "http://localhost:5500", false, "another scheme"],
    ["https://app.example.evil.example", "https://app.example", false, "a prefix"],
    ["https://evil-app.example", "https://app.example", false, "a suffix"],
    ["https://sub.app.example", "https://app.example", false, "a sub-domain without a wildcard"],
    ["https://a.example.com", "https://*.example.com", true, "one label"],
    ["https://a.b.example.com", "https://*.example.com", true, "two labels"],
    ["https://example.com", "https://*.example.com", false, "the domain itself"],
    ["https://evilexample.com", "https://*.example.com", false, "no label boundary"],
    ["https://example.com.evil.example", "https://*.example.com", false, "a prefix of a foreign host"],
    ["https://a.example.com.evil.example", "https://*.example.com", false, "the same below"],
    ["https://a.example.org", "https://*.example.com", false, "another domain"],
    ["http://a.example.com", "https://*.example.com", false, "another scheme"],
    ["https://a.example.com:8443", "https://*.example.com", false, "a port that the wildcard lacks"],
    ["https://a.example.com:8443", "https://*.example.com:8443", true, "the wildcard's port"],
    ["https://a.example.com", "https://*.example.com:8443", false, "the wildcard's port is missing"],
    ["https://a.example.com:18443", "https://*.example.com:8443", false, "a port with the same ending"],
    ["http://127.0.0.1:51004", "http://127.0.0.1:*", true, "any port of this computer"],
    ["http://127.0.0.1", "http://127.0.0.1:*", true, "the usual port among them"],
    ["http://[::1]:51004", "http://[::1]:*", true, "any port, by IPv6"],
    ["http://localhost:51004", "http://localhost:*", true, "any port, by name"],
    ["https://localhost:51004", "http://localhost:*", false, "any port, another scheme"],
    ["http://localhost:51004", "http://127.0.0.1:*", false, "any port, another name"],
    ["http://127.0.0.1:51004", "http://127.0.0.1", false, "the usual port is one port"],
    ["http://app.localhost:3000", "http://app.localhost:3000", true, "a name below localhost"],
    ["http://tauri.localhost", "http://tauri.localhost", true, "the same without a port"],
    ["http://app.localhost:51004", "http://app.localhost:*", true, "any port of it"],
    ["http://app.localhost:3001", "http://app.localhost:3000", false, "another port of it"],
    ["http://tauri.localhost:3000", "http://tauri.localhost", false, "a port too many"],
    ["https://app.localhost:3000", "http://app.localhost:3000", false, "another scheme"],
    ["http://app.localhost:3000", "http://localhost:3000", false, "localhost is not the names below it"],
    ["http://app.localhost:3000", "http://localhost:*", false, "on any port"],
    ["http://localhost:3000", "http://app.localhost:3000", false, "a name below it is not localhost"],
    ["http://b.localhost:3000", "http://a.localhost:3000", false, "one name below localhost is not another"],
    ["http://b.localhost:3000", "http://a.localhost:*", false, "on any port"],
    ["http://a.app.localhost:3000", "http://app.localhost:3000", false, "nor the names below itself"],
    ["http://a.app.localhost:3000", "http://*.app.localhost:3000", true, "but for a wildcard"],
    [
      "http://app.localhost:3000",
      "http://*.localhost:3000",
      false,
      "a wildcard for all of this computer allows nobody",
    ],
    ["http://127.0.0.1:9999", "http://127.0.0.1:3000", false, "another port of this computer"],
    ["https://app.example:8443", "https://app.example:*", false, "any port anywhere else allows nobody"],
    ["https://a.example.com:8443", "https://*.example.com:*", false, "nor with a wildcard"],
    ["https://a.example.com", "*", false, "a lone star allows nobody"],
    ["https://a.example.com", "https://*", false, "a star for every host allows nobody"],
    ["https://a.example.com", "https://*example.com", false, "a star inside a label allows nobody"],
    ["https://a.example.com", "https://a.*.com", false, "a star elsewhere allows nobody"],
    ["https://a.example.com", "https://*.*.com", false, "two stars allow nobody"],
    ["https://a.com", "https://*.com", false, "a whole top-level domain allows nobody"],
    ["https://app.example", "https://app.example/", false, "a faulty entry allows nobody"],
    ["null", "null", false, "the opaque origin is never allowed"],
  ])("[A33] %s by %s → %s: %s", (origin, entry, allowed) => {
    expect(isAllowedApp(origin, [entry])).toBe(allowed);
    expect(isAllowedApp(origin, ["https://other.example", entry])).toBe(allowed);
  });

  test("entries are separated by spaces and commas", () => {
    const value = " https://a.example,https://b.example:8443\n https://*.c.example , http://localhost:5500 ";
    expect(parseAllowedApps(value)).toEqual({
      allowed: ["https://a.example", "https://b.example:8443", "https://*.c.example", "http://localhost:5500"],
      issues: [],
    });
    expect(parseAllowedApps("")).toEqual({ allowed: [], issues: [] });
  });

  test.each([
    ["app.example", 'Write "https://app.example".'],
    ["*.app.example", 'Write "https://*.app.example".'],
    ["https://app.example/", 'Write "https://app.example".'],
    ["https://app.example/path", 'Write "https://app.example".'],
    ["https://app.example:443", 'Write "https://app.example".'],
    ["https://App.Example", 'Write "https://app.example".'],
    ["https://any.example.com/x", 'Write "https://any.example.com".'],
    ["https://*.App.example/x", 'Write "https://*.app.example".'],
    ["http://app.example", 'Write "https://app.example".'],
    ["http://*.app.example", 'Write "https://*.app.example".'],
    ["https://*.com", 'Write "https://app.example" or "https://*.example.com".'],
    ["https://*app.example", 'Write "https://app.example" or "https://*.example.com".'],
    ["*", 'Write "https://app.example" or "https://*.example.com".'],
    ["javascript:alert(1)", 'Write "https://app.example" or "https://*.example.com".'],
    ["https://app.example:*", 'Write "https://app.example".'],
    ["http://localhost/:*", 'Write "http://localhost".'],
    ["http://app.localhost/x", 'Write "http://app.localhost".'],
  ])("the issue with %s says what to write", (entry, advice) => {
    const { issues } = parseAllowedApps(entry);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain(`"${entry}"`);
    expect(issues[0]).toContain(advice);
  });

  test.each([
    ["app.example", "has no https://."],
    ["xhttps://app.example", "has no https://."],
    ["https://app.example/path", "is more than an origin."],
    ["https://app", "is not the origin of an app."],
    ["https://*.com", "would allow a whole top-level domain."],
    ["http://*.localhost", "would allow a whole top-level domain."],
  ])("the issue with %s says what is wrong: it %s", (entry, issue) => {
    expect(parseAllowedApps(entry).issues[0]).toContain(`"${entry}" ${issue}`);
  });

  test.each([",", " ", "\n", " , ,\t"])(
    "[A50] a list without an entry is an issue, not the empty list that allows everybody: %j",
    (value) => {
      expect(parseAllowedApps(value).issues).toEqual([
        'No app is in the list. Write "https://app.example" or "https://*.example.com".',
      ]);
    },
  );

  test("[A50] a list of mistakes allows nobody, not everybody", () => {
    const { allowed } = parseAllowedApps("app.example *");
    expect(isAllowedApp("https://app.example", allowed)).toBe(false);
    expect(isAllowedApp("https://evil.example", allowed)).toBe(false);
  });

  test("[A33] a wildcard matches exactly what ends at a label boundary", () => {
    const label = fc.stringMatching(/^[a-z0-9_-]{1,8}$/);
    const labels = fc.array(label, { minLength: 1, maxLength: 4 });
    const origins = labels.map((parts) => `https://${parts.join(".")}.example.com`);
    fc.assert(
      fc.property(origins, (origin) => {
        expect(isAllowedApp(origin, ["https://*.example.com"])).toBe(true);
        expect(isAllowedApp(origin.replace(".example.com", "example.com"), ["https://*.example.com"])).toBe(false);
        expect(isAllowedApp(`${origin}.evil.example`, ["https://*.example.com"])).toBe(false);
      }),
    );
  });
});
