import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  codeChallengeOf,
  isCodeChallenge,
  isCodeVerifier,
  isThumbprint,
  newCodeVerifier,
} from "../../../server/request/pkce.ts";
import { RUNS } from "../../attacks/tools.ts";

const unreserved = fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

describe("PKCE (RFC 7636)", () => {
  test("[A24] the example of appendix B comes out", () => {
    const octets = [
      116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191, 240,
      91, 88, 5, 88, 83, 132, 141, 121,
    ];
    const verifier = Buffer.from(octets).toString("base64url");
    expect(verifier).toBe("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    expect(codeChallengeOf(verifier)).toBe("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
  });

  test("[A24] appendix A: base64url without padding, with both letters of its own", () => {
    expect(Buffer.from([3, 236, 255, 224, 193]).toString("base64url")).toBe("A-z_4ME");
    const challenges = Array.from({ length: 200 }, (_, index) => codeChallengeOf(`verifier-${index}`.padEnd(43, "x")));
    expect(challenges.join("")).toMatch(/-/);
    expect(challenges.join("")).toMatch(/_/);
    expect(challenges.join("")).not.toMatch(/[+/=]/);
  });

  test.each([
    [42, false],
    [43, true],
    [44, true],
    [127, true],
    [128, true],
    [129, false],
    [0, false],
  ])("[A24] a verifier of %i characters is accepted: %s", (length, accepted) => {
    expect(isCodeVerifier("a".repeat(length))).toBe(accepted);
  });

  test.each(["+", "/", "=", " ", "%", "é", "\n", "\0", '"', "\\"])(
    "[A24] %j is no character of a verifier, wherever it stands",
    (character) => {
      for (const verifier of [
        character + "a".repeat(43),
        "a".repeat(21) + character + "a".repeat(22),
        "a".repeat(43) + character,
      ]) {
        expect(isCodeVerifier(verifier)).toBe(false);
      }
    },
  );

  test.each([
    ["42 characters", "a".repeat(42)],
    ["44 characters", "a".repeat(44)],
    ["padding", `${"a".repeat(42)}=`],
    ["plain base64", `${"a".repeat(42)}+`],
    ["a character that only verifiers have", `${"a".repeat(42)}~`],
    ["a line feed at the end", `${"a".repeat(43)}\n`],
    ["nothing", ""],
  ])("[A24] a challenge with %s is refused, and so is a thumbprint (RFC 7638)", (_, challenge) => {
    expect(isCodeChallenge(challenge)).toBe(false);
    expect(isThumbprint(challenge)).toBe(false);
  });

  test("a digest of SHA-256 is a challenge, and a thumbprint", () => {
    const digest = createHash("sha256").update("x").digest("base64url");
    expect([isCodeChallenge(digest), isThumbprint(digest)]).toEqual([true, true]);
  });

  test("[A24] every verifier the RFC allows is accepted, and its challenge is well formed and its own", () => {
    fc.assert(
      fc.property(fc.string({ unit: unreserved, minLength: 43, maxLength: 128 }), (verifier) => {
        const challenge = codeChallengeOf(verifier);
        expect(isCodeVerifier(verifier)).toBe(true);
        expect(isCodeChallenge(challenge)).toBe(true);
        expect(challenge).toBe(createHash("sha256").update(verifier).digest("base64url"));
      }),
      RUNS,
    );
  });

  test("[A25] our own verifiers have 256 random bits each (RFC 7636 §7.1)", () => {
    const verifiers = Array.from({ length: 500 }, newCodeVerifier);
    expect(new Set(verifiers).size).toBe(500);
    for (const verifier of verifiers) {
      expect(isCodeVerifier(verifier)).toBe(true);
      expect(Buffer.from(verifier, "base64url")).toHaveLength(32);
    }
  });
});
