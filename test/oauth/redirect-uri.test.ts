import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OAuthError } from "../../netlify/oauth/errors.ts";
import { checkRedirectUri } from "../../netlify/oauth/redirect-uri.ts";
import { RUNS } from "../attacks/tools.ts";

const CLIENT = "https://good.example/";

function originOf(redirectUri: string, clientId = CLIENT): string | undefined {
  try {
    return checkRedirectUri(redirectUri, clientId).origin;
  } catch (error) {
    if (error instanceof OAuthError && error.reason.name === "invalid_redirect_uri") return undefined;
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
