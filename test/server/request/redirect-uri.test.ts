import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OAuthError } from "../../../server/answers/errors.ts";
import { checkRedirectUri, mayCarryAddress } from "../../../server/request/redirect-uri.ts";
import { RUNS } from "../../attacks/tools.ts";

const CLIENT = "https://good.example/";

function originOf(redirectUri: string, clientId = CLIENT): string | undefined {
  try {
    return checkRedirectUri(redirectUri, clientId).origin;
  } catch (error) {
    if (error instanceof OAuthError && error.definition.name === "invalid_redirect_uri") return undefined;
    throw error;
  }
}

describe("a redirect URI of the app itself", () => {
  test.each([
    ["the client_id itself", CLIENT],
    ["a bare origin", "https://good.example"],
    ["a page", "https://good.example/callback"],
    ["a deep page", "https://good.example/a/b/c.html"],
    ["a query", "https://good.example/callback?tenant=1"],
    ["a parameter whose name only begins like one of ours", "https://good.example/callback?codec=h264&states=2"],
  ])("[A3] is accepted: %s", (_, redirectUri) => {
    expect(originOf(redirectUri)).toBe("https://good.example");
  });

  test.each([
    ["http://127.0.0.1/", "http://127.0.0.1:51004/callback", "http://127.0.0.1:51004"],
    ["http://127.0.0.1:3000/", "http://127.0.0.1:51004/callback", "http://127.0.0.1:51004"],
    ["http://[::1]/", "http://[::1]:51004/callback", "http://[::1]:51004"],
    ["http://localhost:3000/", "http://localhost:3000/callback", "http://localhost:3000"],
  ])(
    "[A3][A58] on loopback IPs any port will do, and what is shown has it (RFC 8252 §7.3): %s → %s",
    (clientId, redirectUri, origin) => {
      expect(originOf(redirectUri, clientId)).toBe(origin);
    },
  );
});

describe("[A3] a redirect URI that is not the app's", () => {
  test.each([
    ["another host", "https://evil.example/callback"],
    ["a sub-domain", "https://sub.good.example/callback"],
    ["the parent domain", "https://example/callback"],
    ["the name as a prefix", "https://good.example.evil.example/callback"],
    ["the name as a suffix", "https://evilgood.example/callback"],
    ["another port", "https://good.example:8443/callback"],
    ["the default port, spelled out", "https://good.example:443/callback"],
    ["http", "http://good.example/callback"],
    ["upper case", "https://GOOD.example/callback"],
    ["an upper-case scheme", "HTTPS://good.example/callback"],
    ["a user name", "https://good.example@evil.example/callback"],
    ["a user name and password", "https://good.example:pw@evil.example/callback"],
    ["its own name as user", "https://good.example@good.example/callback"],
    ["a backslash", "https://evil.example\\@good.example/callback"],
    ["a backslash in the path", "https://good.example\\.evil.example/"],
    ["a dot segment", "https://good.example/a/../callback"],
    ["an encoded dot segment", "https://good.example/a/%2e%2e/callback"],
    ["a half-encoded dot segment", "https://good.example/a/.%2E/callback"],
    ["no scheme", "//good.example/callback"],
    ["three slashes", "https:///good.example/callback"],
    ["one slash", "https:/good.example/callback"],
    ["a fragment", "https://good.example/callback#x"],
    ["an empty fragment", "https://good.example/callback#"],
    ["a trailing dot", "https://good.example./callback"],
    ["a percent-encoded host", "https://good%2eexample/callback"],
    ["a full-width dot", "https://good\uFF0Eexample/callback"],
    ["a space before", " https://good.example/callback"],
    ["a space after", "https://good.example/callback "],
    ["a line feed", "https://good.example/call\nback"],
    ["a wildcard", "https://*.example/callback"],
    ["a relative URI", "/callback"],
    ["a script", "javascript:alert(1)//https://good.example/"],
    ["a data URI", "data:text/html,https://good.example/"],
    ["a blob of its own", "blob:https://good.example/0"],
    ["an app scheme", "good.example:/callback"],
    ["an out-of-band address", "urn:ietf:wg:oauth:2.0:oob"],
    ["nothing", ""],
    ["2,049 characters", `https://good.example/${"a".repeat(2_049 - 21)}`],
  ])("is refused: %s", (_, redirectUri) => {
    expect(originOf(redirectUri)).toBeUndefined();
  });

  test.each(["code", "state", "iss", "error", "error_description", "error_uri"])(
    "is refused: one that brings %s already, which the app could take for ours",
    (name) => {
      expect(originOf(`https://good.example/callback?${name}=x`)).toBeUndefined();
      expect(originOf(`https://good.example/callback?a=b&${name}`)).toBeUndefined();
      expect(
        originOf(`https://good.example/callback?%${name.charCodeAt(0).toString(16)}${name.slice(1)}=x`),
      ).toBeUndefined();
    },
  );

  test.each([
    ["http://localhost:3000/", "http://localhost:3001/callback"],
    ["http://localhost/", "http://127.0.0.1/callback"],
    ["http://127.0.0.1/", "http://localhost/callback"],
    ["http://127.0.0.1/", "http://[::1]/callback"],
    ["http://127.0.0.1/", "https://127.0.0.1/callback"],
    ["http://127.0.0.1/", "http://127.0.0.2/callback"],
    ["http://127.0.0.1/", "http://127.1/callback"],
    ["https://good.example/", "http://127.0.0.1/callback"],
    ["https://192.0.2.1/", "https://192.0.2.1:8443/callback"],
    ["https://[::1].good.example/", "http://[::1]/callback"],
  ])("[A58] is refused: for %s, %s", (clientId, redirectUri) => {
    expect(originOf(redirectUri, clientId)).toBeUndefined();
  });

  test("is refused, however it is put together: what is accepted leads a browser to the client's origin", () => {
    const piece = fc.constantFrom(
      "https://",
      "http://",
      "//",
      "good.example",
      "evil.example",
      "@",
      ":",
      "443",
      "/",
      "\\",
      "?",
      "#",
      ".",
      "..",
      "%2e",
      "%40",
      "%5c",
      "%2f",
      " ",
      "\t",
      "[",
      "]",
      "*",
      "localhost",
      "127.0.0.1",
      "callback",
      ";",
      ",",
      "&",
      "=",
      "xn--",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join("")),
        (redirectUri) => {
          for (const candidate of [redirectUri, `https://${redirectUri}`, `https://good.example${redirectUri}`]) {
            const origin = originOf(candidate);
            if (origin === undefined) continue;
            expect(origin).toBe("https://good.example");
            expect(new URL(candidate).origin).toBe("https://good.example");
            expect(new URL(`${candidate}${candidate.includes("?") ? "&" : "?"}code=x`).origin).toBe(
              "https://good.example",
            );
          }
        },
      ),
      RUNS,
    );
  });
});

describe("[A21] a redirect URI that may carry another address", () => {
  test.each([
    // Open redirectors, in forms that occur on real sites.
    "/go?https://evil.example",
    "/out?to=https://evil.example",
    "/login?next=/",
    "/index.php?option=com_redirect",
    "/?",
    "/go/https://evil.example",
    "/go/https:/evil.example",
    "/go/https:evil.example",
    "/go/http/evil.example",
    "/go/HTTPS/evil.example/",
    "/go/javascript:alert(1)",
    "/go//evil.example",
    "//evil.example",
    "//",
    "/redirect/www.evil.example",
    "/redirect/WWW.evil.example",
    "/go/evil.example:443",
    "/go/@evil.example",
    "/@evil.example",
    "/go;url=evil.example",
    "/go;evil.example",
    "/go&url=evil.example",
    "/go/url=evil.example",
    // The same, encoded.
    "/go/https%3A%2F%2Fevil.example",
    "/go/https%3a%2f%2fevil.example",
    "/go/https%3A/evil.example",
    "/go/%2Fevil.example",
    "/go%2F/evil.example",
    "/%2F%2Fevil.example",
    "/%5Cevil.example",
    "/%5c%5cevil.example",
    "/go/%40evil.example",
    "/go%3Furl=x",
    "/go%3Bevil.example",
    "/go%3devil.example",
    "/%77ww.evil.example",
    "/go/%68ttps/evil.example",
    "/%09/evil.example",
    "/%0D%0ALocation%3A%20evil.example",
    "/go%00.evil.example",
    // Encoded twice, three times, or in a way that only some parsers decode.
    "/go/https%253A%252F%252Fevil.example",
    "/go/https%25253A%25252F%25252Fevil.example",
    "/go/%252Fevil.example",
    "/%255Cevil.example",
    "/go/%u002f%u002fevil.example",
    "/go/%C0%AF%C0%AFevil.example",
    "/go/%",
    "/go/%E0%A4",
  ])("%s", (path) => {
    expect(mayCarryAddress(`https://good.example${path}`)).toBe(true);
  });

  test.each([
    "",
    "/",
    "/callback",
    "/auth-callback",
    "/connect/p/callback",
    "/connect/github/callback/",
    "/users/auth/p/callback",
    "/users/auth/google_oauth2/callback",
    "/api/auth/callback/github",
    "/auth/login/github.callback",
    "/~user/app/",
    "/user.github.io/app/",
    "/a/b.c/index.html",
    "/app/oauth2-redirect.html",
    "/admin/",
    "/admin/index.html",
    "/My%20App/",
    "/caf%C3%A9/callback",
    "/%E3%83%8E%E3%83%BC%E3%83%88/",
    "/app,v2/(main)/call+back!",
    "/https",
    "/httpsonly/callback",
    "/www/callback",
    "/a1b2c3d4-e5f6-7890-abcd-ef1234567890/callback",
    "/docs/%28old%29/",
  ])("%j is a plain page", (path) => {
    expect(mayCarryAddress(`https://good.example${path}`)).toBe(false);
    expect(mayCarryAddress(`http://127.0.0.1:51004${path}`)).toBe(false);
    expect(mayCarryAddress(`http://[::1]:51004${path}`)).toBe(false);
  });

  test("the answer of a browser extension is a plain page", () => {
    expect(mayCarryAddress("https://abcdefghijklmnopabcdefghijklmnop.chromiumapp.org/provider_cb")).toBe(false);
  });

  test("however often it was encoded, and whatever stands around it", () => {
    const encode = (text: string, times: number): string =>
      times === 0 ? text : encode(encodeURIComponent(text), times - 1);
    fc.assert(
      fc.property(
        fc.constantFrom("https://evil.example", "//evil.example", "\\\\evil.example", "a@evil.example", "x:y"),
        fc.integer({ min: 1, max: 5 }),
        fc.stringMatching(/^[a-z0-9/._~-]{0,20}$/),
        (address, times, before) => {
          expect(mayCarryAddress(`https://good.example/${before}${encode(address, times)}`)).toBe(true);
        },
      ),
      RUNS,
    );
  });
});
