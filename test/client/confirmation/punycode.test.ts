import { domainToASCII, domainToUnicode } from "node:url";
import { expect, test } from "vitest";
import { decodeHost } from "../../../client/confirmation/punycode.ts";

/** RFC 3492 §7.1, without the samples that contain capital letters, which no host has. */
test.each([
  ["egbpdaj6bu4bxfgehfvwxn", "ليهمابتكلموشعربي؟"],
  ["ihqwcrb4cv8a8dqg056pqjye", "他们为什么不说中文"],
  ["ihqwctvzc91f659drss3x8bo0yb", "他們爲什麽不說中文"],
  ["4dbcagdahymbxekheh6e0a7fei0b", "למההםפשוטלאמדבריםעברית"],
  ["n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa", "なぜみんな日本語を話してくれないのか"],
  [
    "989aomsvi5e83db1d2a355cv1e0vak1dwrv93d5xbh15a0dt30a5jpsd879ccm6fea98c",
    "세계의모든사람들이한국어를이해한다면얼마나좋을까",
  ],
  ["b1abfaaepdrnnbgefbadotcwatmq2g4l", "почемужеонинеговорятпорусски"],
])("decodes %s (RFC 3492 §7.1)", (encoded, letters) => expect(decodeHost(`xn--${encoded}`)).toBe(letters));

test.each([
  "аpple.com",
  "münchen.example",
  "faß.example",
  "пример.испытание",
  "日本語.jp",
  "ελληνικά.gr",
  "😀.example",
  "ṃy.bank",
])("says what a browser writes for %s as the platform does [A33]", (host) => {
  const ascii = domainToASCII(host);
  expect(ascii).toContain("xn--");
  expect(decodeHost(ascii)).toBe(domainToUnicode(ascii));
});

test.each(["notes.example", "xn--", "xn--ü", "xn--a-", "xn--99999999", "xn--zzzzzzzzzzzzzzzz.example"])(
  "leaves %s as it is, or at least does not stop at it",
  (host) => expect(typeof decodeHost(host)).toBe("string"),
);

test("leaves what is no Punycode as it is", () => {
  expect(decodeHost("notes.example")).toBe("notes.example");
  expect(decodeHost("xn--99999999.example")).toBe("xn--99999999.example");
});
