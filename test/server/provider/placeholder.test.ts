import { randomBytes, randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseSealingKeys } from "../../../server/provider/environment.ts";
import { isKeyMaterial, isUsableSecret } from "../../../server/provider/placeholder.ts";

/** Enough to detect a rule that refuses one random value in ten thousand. */
const TRIES = 20_000;

/** Keys as the documentation tells owners to generate them, and the same bytes in the other common encodings. */
const KEYS: [form: string, make: () => string][] = [
  ["node: 32 bytes, base64url", () => randomBytes(32).toString("base64url")],
  ["openssl rand -base64 48", () => randomBytes(48).toString("base64")],
  ["openssl rand -base64 32", () => randomBytes(32).toString("base64")],
  ["openssl rand -hex 32", () => randomBytes(32).toString("hex")],
  ["openssl rand -hex 64", () => randomBytes(64).toString("hex")],
  ["32 bytes in capital hex", () => randomBytes(32).toString("hex").toUpperCase()],
];

test.each(KEYS)("[A50] no random SEALING_KEY is taken for one that somebody made up: %s", (_form, make) => {
  const refused = Array.from({ length: TRIES }, make).filter((key) => parseSealingKeys(key).weak);
  expect(refused).toEqual([]);
});

const HEX = "0123456789abcdef";
const SMALL = "abcdefghijklmnopqrstuvwxyz0123456789";
const ALL = `${SMALL}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;
/** Random enough for values that are not secret, and much faster. */
const pick = (alphabet: string, length: number) => () => {
  let text = "";
  while (text.length < length) text += alphabet[Math.floor(Math.random() * alphabet.length)];
  return text;
};

/** Secrets in the forms that services issue, including the shortest and those with a fixed prefix. */
const SECRETS: [form: string, make: () => string][] = [
  ["Strava, GitHub: 40 hex", pick(HEX, 40)],
  ["Trakt: 64 hex", pick(HEX, 64)],
  ["Zoho: 42 hex", pick(HEX, 42)],
  ["Facebook, Spotify: 32 hex", pick(HEX, 32)],
  ["Google", () => `GOCSPX-${pick(`${ALL}-_`, 28)()}`],
  ["Dropbox: 15 small letters and digits", pick(SMALL, 15)],
  ["LinkedIn: 16 letters and digits", pick(ALL, 16)],
  ["Twitch: 30 small letters and digits", pick(SMALL, 30)],
  ["Discord: 32 base64url", pick(`${ALL}-_`, 32)],
  ["GitLab", () => `gloas-${pick(HEX, 64)()}`],
  ["Gitea", () => `gto_${pick(SMALL, 52)()}`],
  ["Microsoft: 40", pick(`${ALL}~._-`, 40)],
  ["Notion", () => `secret_${pick(ALL, 43)()}`],
  ["Amazon", () => `amzn1.oa2-cs.v1.${pick(HEX, 64)()}`],
  ["Vimeo: 128", pick(`${ALL}+/`, 128)],
  ["a UUID", () => randomUUID()],
];

describe("[A50] a client secret as a service gives it out", () => {
  test.each(SECRETS)("is taken, and keys may come of it: %s", (_form, make) => {
    const refused = Array.from({ length: TRIES }, make).filter((secret) => !isKeyMaterial(secret));
    expect(refused).toEqual([]);
  });

  test("is taken also where it is too short for keys: Naver, 10 letters and digits", () => {
    const secrets = Array.from({ length: TRIES }, pick(`${ALL}_`, 10));
    expect(secrets.filter((secret) => !isUsableSecret(secret))).toEqual([]);
    expect(secrets.filter(isKeyMaterial)).toEqual([]);
  });
});

test.each([
  ...["password", "abc", "a", "ab", "12", "k9Zq2", "0123456789", "abcdefghij"].map((piece) => piece.repeat(5)),
  "passwordpassword",
  "passwordpasswor",
  "1234567890123456",
  "zyxwvutsrqponmlkjihgfedcba",
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1",
  "0000-0000-0000-0000-0000",
  "pass-word-of-mine-2024",
  "P A S S W O R D of mine",
])("[A50] made up, so no secret: %s", (value) => {
  expect(isUsableSecret(value)).toBe(false);
  expect(parseSealingKeys(value.replaceAll(" ", "_").padEnd(32, value)).weak).toBe(true);
});
