import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { readAnswer } from "../../../client/confirmation/answer.ts";
import { isExactAddress, isExactOrigin, originNotices } from "../../../client/confirmation/origin.ts";
import {
  readQuestion,
  readReturned,
  readSignOutQuestion,
  readStartQuestion,
  readUnnamedQuestion,
  readWaitingQuestion,
} from "../../../client/confirmation/question.ts";
import { decodeFragment } from "../../../client/page/fragment.ts";
import { broken } from "../../../server/answers/error-catalogue.ts";
import { errorPage } from "../../../server/answers/error-page.ts";
import type { Question } from "../../../shared/page-messages.ts";
import { encodeFragment } from "../../../shared/page-messages.ts";

/** The constants that the build defines. */
vi.hoisted(() =>
  Object.assign(globalThis, { SERVICES: { github: { name: "GitHub" } }, MANAGE_URLS: {}, SCOPE_DESCRIPTIONS: {} }),
);

const question: Question = {
  ticket: "sealed",
  origin: "https://app.example",
  service: "github",
  scopes: ["repo", "user"],
  delivery: "message",
  refused: false,
  unknownStart: false,
  scopesMerged: false,
  offline: false,
  lifetimeSeconds: 600,
  canStartAgain: true,
};

const hostileTexts = [
  `"><img src=x onerror="window.__x=1">`,
  "</title></head><script>window.__x=1</script>",
  `' onload='window.__x=1`,
  "</script><!--",
  "javascript:alert(1)",
  "a\u2028b\u2029c\u0000d\r\ne",
  "\u202Eelpmaxe.live",
  "&quot;&#34;&lt;",
  "\ud800",
  "x".repeat(65_536),
];

describe("the fragment", () => {
  test("survives the way from the server to the page, whatever the letters", () => {
    const shown = { ...question, service: "Gït–Hüb 学 🐙" };
    expect(decodeFragment(`#${encodeFragment(shown)}`)).toEqual(shown);
  });

  test("can carry any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (ticket) => {
        const shown = { ...question, ticket };
        expect(decodeFragment(encodeFragment(shown))).toEqual(shown);
      }),
    );
  });

  test.each([
    ["nothing", ""],
    ["the id of an element", "#yes_button"],
    ["base64 that is not base64url", "#eyJhIjoiPz8/In0="],
    ["no JSON", `#${Buffer.from("hello").toString("base64url")}`],
    ["bytes that are no UTF-8", `#${Buffer.from([0x22, 0xff, 0xfe, 0x22]).toString("base64url")}`],
    ["a length that base64 cannot have", "#aaaaa"],
    ["percent signs", "#%7B%7D"],
  ])("is not decoded when it is %s", (_name, fragment) => {
    expect(decodeFragment(fragment)).toBeUndefined();
  });
});

describe("a question", () => {
  test("is taken as it is when it is whole", () => {
    expect(readQuestion(structuredClone(question))).toEqual(question);
    expect(readQuestion({ ...question, scopes: null })).toEqual({ ...question, scopes: null });
  });

  test("keeps nothing but the fields that it has a name for [A41]", () => {
    const json = JSON.stringify(question).replace("{", '{"__proto__":{"polluted":1},"extra":1,');
    const hostile: unknown = JSON.parse(json);
    expect(readQuestion(hostile)).toEqual(question);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["a list", [question]],
    ["without a ticket", { ...question, ticket: undefined }],
    ["with an origin that is a list", { ...question, origin: ["https://app.example"] }],
    ["with the origin * [A4]", { ...question, origin: "*" }],
    ["with a path in the origin", { ...question, origin: "https://app.example/" }],
    ["with user information in the origin", { ...question, origin: "https://good.example@evil.example" }],
    ["with a javascript: origin [A5]", { ...question, origin: "javascript:alert(1)" }],
    ["with an origin in Unicode", { ...question, origin: "https://аpple.com" }],
    ["with a service id that is a path", { ...question, service: "../github" }],
    ["with a service that was not built [A67]", { ...question, service: "gitlab" }],
    ["with the name of a service [A67]", { ...question, service: "GitHub" }],
    ["with a service that brings its name along [A67]", { ...question, service: { id: "github", name: "Your Bank" } }],
    ["with a service by an inherited name [A41]", { ...question, service: "constructor" }],
    ["with a service that is a list [A42]", { ...question, service: ["github"] }],
    [
      "with scopes that bring descriptions along [A67]",
      { ...question, scopes: [{ value: "repo", description: "Read nothing" }] },
    ],
    ["with a scope that is a sentence [A31]", { ...question, scopes: ["Reads nothing at all"] }],
    ["with a scope in quotes [A31]", { ...question, scopes: ['"'] }],
    ["with a scope of other letters [A33]", { ...question, scopes: ["\u202Eoper"] }],
    ["with an empty scope", { ...question, scopes: [""] }],
    ["without scopes", { ...question, scopes: undefined }],
    ["with an unknown delivery", { ...question, delivery: "pigeon" }],
    ["with a truthy text for a boolean", { ...question, refused: "yes" }],
    ["with an expiry that is a text", { ...question, lifetimeSeconds: "soon" }],
  ])("is refused when it is %s", (_name, value) => {
    expect(readQuestion(value)).toBeUndefined();
  });

  test.each([
    "https://app.example",
    "https://app.example/",
    "https://app.example/callback?a=%2F&b",
    "https://app.example/go/https://evil.example/",
  ])("may lead to %s", (redirectUri) => {
    for (const delivery of ["message", "navigation"] as const) {
      expect(readQuestion({ ...question, delivery, redirectUri })).toEqual({ ...question, delivery, redirectUri });
    }
    const { service, origin } = question;
    const start = { request: "sealed", origin, redirectUri, service };
    expect(readStartQuestion(start)).toEqual(start);
  });

  test.each([
    "https://evil.example/callback",
    "https://app.example.evil.example/",
    "https://app.example@evil.example/",
    "https://evil.example@app.example/",
    "https://app.example:8443/",
    "http://app.example/",
    "https://app.example?x",
    "https://app.example/#fragment",
    "https://app.example/a b",
    "https://app.example/\u202Eoper",
    "https://app.example/a\tb",
    "https://app.example/a/../b",
    "https://app.example\\evil.example/",
    "https://APP.example/",
    "/callback",
    "javascript:alert(1)",
  ])("does not lead to %j [A3][A21]", (redirectUri) => {
    const { service, origin } = question;
    expect(isExactAddress(redirectUri, origin)).toBe(false);
    expect(readQuestion({ ...question, redirectUri })).toBeUndefined();
    expect(readQuestion({ ...question, delivery: "navigation", redirectUri })).toBeUndefined();
    expect(readStartQuestion({ request: "sealed", origin, redirectUri, service })).toBeUndefined();
  });

  test("leads nowhere by navigation unless it says where, and an app without a name has no such page [A8][A21]", () => {
    expect(readQuestion({ ...question, delivery: "navigation" })).toBeUndefined();
    const { origin: _, ...rest } = question;
    const unnamed = { ...rest, handshake: "authorizing:github" };
    expect(readUnnamedQuestion(unnamed)).toEqual(unnamed);
    expect(readUnnamedQuestion({ ...unnamed, delivery: "navigation" })).toBeUndefined();
    expect(readUnnamedQuestion({ ...unnamed, redirectUri: "https://app.example/callback" })).toBeUndefined();
  });

  test.each(["good.example", "localhost:8080", "[::1]:8080", "xn--pple-43d.com", "192.0.2.7"])(
    "may claim the host %s",
    (claimedHost) => {
      expect(readQuestion({ ...question, claimedHost })).toMatchObject({ claimedHost });
    },
  );

  test.each([
    "Call 555-0100, your account is locked",
    "good.example/path",
    "good.example:443",
    "GOOD.example",
    "user@good.example",
    "аpple.com",
    "good.example#x",
    ["good.example"],
    "",
  ])("claims no host with %j: that is left out [A67]", (claimedHost) => {
    expect(readQuestion({ ...question, claimedHost })).toEqual(question);
  });

  test.each<[string, (value: unknown) => unknown, object]>([
    ["/start", readStartQuestion, { request: "r", origin: "https://app.example", redirectUri: "https://app.example/" }],
    ["/waiting", readWaitingQuestion, { request: "r", waitingWindow: "id" }],
    [
      "/waiting of a login that returns to a page",
      readWaitingQuestion,
      { request: "r", waitingWindow: "id", origin: "https://app.example", redirectUri: "https://app.example/admin/" },
    ],
    ["/returned", readReturned, { waitingWindow: "id", question }],
    ["/sign-out", readSignOutQuestion, { ticket: "t", refused: false, lifetimeSeconds: 600 }],
  ])("of %s is about a service that was built, and nothing else [A67]", (_, read, rest) => {
    expect(read({ ...rest, service: "github" })).toEqual({ ...rest, service: "github" });
    for (const service of [
      "gitlab",
      "__proto__",
      "toString",
      { id: "github", name: "Your Bank" },
      ["github"],
      undefined,
    ]) {
      expect(read({ ...rest, service })).toBeUndefined();
    }
  });
});

describe("[A3] the page to which a waiting window returns", () => {
  const own = { request: "r", waitingWindow: "id", service: "github", origin: "https://app.example" };

  test.each([
    "https://evil.example/admin/",
    "https://app.example.evil.example/",
    "https://app.example@evil.example/",
    "HTTPS://app.example/",
    "//app.example/",
    "javascript:alert(1)",
    "",
    7,
    null,
  ])("is never %j, and such a question is none", (redirectUri) => {
    expect(readWaitingQuestion({ ...own, redirectUri })).toBeUndefined();
    const start = {
      request: "r",
      service: "github",
      origin: "https://app.example",
      redirectUri: "https://app.example/",
    };
    expect(readStartQuestion({ ...start, inWaitingWindow: { ...own, redirectUri } })).toEqual(start);
  });

  test("is not there while it is unknown who the app is", () => {
    const { origin: _, ...unnamed } = own;
    expect(readWaitingQuestion(unnamed)).toEqual(unnamed);
    expect(readWaitingQuestion({ ...unnamed, redirectUri: "https://app.example/" })).toBeUndefined();
  });
});

describe("an origin", () => {
  test.each(["https://app.example", "http://localhost:8080", "http://[::1]:5500", "https://xn--pple-43d.com"])(
    "%s is exact",
    (origin) => expect(isExactOrigin(origin)).toBe(true),
  );

  test.each([
    "*",
    "null",
    "",
    "/",
    "https://",
    "HTTPS://app.example",
    "https://app.example:443",
    "https://app.example/",
    "file:///etc/passwd",
    "data:text/html,x",
    "blob:https://app.example/x",
    "https://app.example\\@evil.example",
  ])("%s is none [A4]", (origin) => expect(isExactOrigin(origin)).toBe(false));

  test.each([
    ["https://app.example", []],
    ["https://xn--pple-43d.com", ["punycode"]],
    ["https://a.xn--p1ai:8443", ["punycode", "port"]],
    ["https://192.0.2.7:8443", ["address", "port"]],
    ["https://[2001:db8::1]", ["address"]],
    ["http://localhost:5500", ["loopback"]],
    ["http://127.0.0.1:5500", ["loopback"]],
    ["http://[::1]:5500", ["loopback"]],
    ["http://app.localhost:3000", ["loopback"]],
    ["http://tauri.localhost", ["loopback"]],
    ["https://tauri.localhost", ["loopback"]],
    ["https://jkkddibpmfdipcemdgepabhpfkijpkog.chromiumapp.org", ["extension"]],
    ["https://752493f00e7f37a30094c6339f9e2c101b607b58.extensions.allizom.org", ["extension"]],
    ["https://jkkddibpmfdipcemdgepabhpfkijpkog.chromiumapp.org:8443", ["extension", "port"]],
    ["https://chromiumapp.org", []],
    ["https://www.evilchromiumapp.org", []],
    ["https://jkkddibpmfdipcemdgepabhpfkijpkog.chromiumapp.org.evil.example", []],
    ["https://localhost.evil.example", []],
    ["https://app.localhost.evil.example", []],
    ["https://app.notlocalhost", []],
  ])("%s comes with the notices %j [A33][A58]", (origin, notices) => {
    expect(originNotices(origin)).toEqual(notices);
  });
});

describe("an answer", () => {
  test.each<[unknown]>([
    [{ message: { code: "x" }, targetOrigin: "https://app.example" }],
    [{ location: "https://app.example/callback?code=x" }],
    [{ location: "http://127.0.0.1:4000/callback?code=x" }],
  ])("%j is carried out", (answer) => expect(readAnswer(answer)).toEqual(answer));

  test.each<[unknown]>([
    [undefined],
    [null],
    ["https://app.example"],
    [{}],
    [{ message: {}, targetOrigin: "*" }],
    [{ message: {}, targetOrigin: "/" }],
    [{ message: {}, targetOrigin: "null" }],
    [{ message: {}, targetOrigin: "https://app.example/path" }],
    [{ message: {}, targetOrigin: ["https://app.example"] }],
    [{ targetOrigin: "https://app.example" }],
    [{ location: "javascript:alert(1)" }],
    [{ location: "data:text/html,x" }],
    [{ location: "/relative" }],
    [{ location: "javascript:alert(1)", message: {}, targetOrigin: "https://app.example" }],
  ])("%j is not carried out [A4][A5]", (answer) => expect(readAnswer(answer)).toBeUndefined());
});

describe("the error page", () => {
  const harmless = errorPage({ ...broken, text: "", advice: "" }, { location: "" });

  test.each(hostileTexts)("says hostile text as text [A5] (%#)", (hostile) => {
    const page = errorPage(
      { ...broken, text: hostile, advice: hostile },
      { message: { hostile }, targetOrigin: "https://app.example" },
    );
    expect(tags(page)).toEqual(tags(harmless));
    expect(JSON.parse(answerContent(page))).toEqual({ message: { hostile }, targetOrigin: "https://app.example" });
  });

  test("says everything without script", () => {
    const page = errorPage({ ...broken, text: "Text.", advice: "Advice." });
    expect(page).toMatch(/<h1[^>]*>[^<]+<\/h1>/);
    expect(page).toContain(">Text.</p>");
    expect(page).toContain(">Advice.</p>");
    expect(page).not.toContain('name="answer"');
  });

  test("loads nothing from elsewhere and carries no script of its own", () => {
    expect(harmless).not.toMatch(/(src|href)="(?!\/)/);
    expect(harmless).not.toMatch(/<script(?![^>]* src=)|<style|style=|\son\w+=/);
  });
});

/** The names of all tags, in order. Text that became markup would change the list. */
function tags(page: string): string[] {
  return Array.from(page.matchAll(/<\/?[a-z!]+[0-9]?/gi), ([tag]) => tag);
}

function answerContent(page: string): string {
  const [, content = ""] = /<meta name="answer" content="([^"]*)">/.exec(page) ?? [];
  return content
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
