import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAnswer } from "../../client/answer.ts";
import { decodeFragment } from "../../client/fragment.ts";
import { isExactOrigin, originNotices, originParts } from "../../client/origin.ts";
import { readQuestion, readStartQuestion } from "../../client/question.ts";
import { errorPage } from "../../netlify/error-page.ts";
import { broken } from "../../netlify/oauth/reasons.ts";
import { encodeFragment } from "../../netlify/oauth/question.ts";
import type { Question } from "../../netlify/oauth/question.ts";

const question: Question = {
  ticket: "sealed",
  origin: "https://app.example",
  service: { id: "github", name: "GitHub" },
  scopes: [{ value: "repo", description: "read and change your repositories" }, { value: "user" }],
  delivery: "message",
  canNavigate: false,
  refused: false,
  unknownStart: false,
  scopesMerged: false,
  offline: false,
  lifetimeSeconds: 600,
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
    const shown = { ...question, service: { id: "github", name: "Gït–Hüb 学 🐙" } };
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
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
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
    ["with a service id that is a path", { ...question, service: { id: "../github", name: "GitHub" } }],
    ["with a service without a name", { ...question, service: { id: "github" } }],
    ["with a service name of 101 characters", { ...question, service: { id: "github", name: "x".repeat(101) } }],
    ["with scopes that are texts", { ...question, scopes: ["repo"] }],
    ["without scopes", { ...question, scopes: undefined }],
    ["with an unknown delivery", { ...question, delivery: "pigeon" }],
    ["with a truthy text for a boolean", { ...question, refused: "yes" }],
    ["with an expiry that is a text", { ...question, lifetimeSeconds: "soon" }],
  ])("is refused when it is %s", (_name, value) => {
    expect(readQuestion(value)).toBeUndefined();
  });

  test("to start is refused when the redirect URI is on another origin [A3]", () => {
    const { service, origin } = question;
    const start = { request: "sealed", origin, redirectUri: "https://app.example/callback", service };
    expect(readStartQuestion(start)).toEqual(start);
    expect(readStartQuestion({ ...start, redirectUri: "https://evil.example/callback" })).toBeUndefined();
    expect(readStartQuestion({ ...start, redirectUri: "/callback" })).toBeUndefined();
  });
});

describe("an origin", () => {
  test.each(["https://app.example", "http://localhost:8080", "http://[::1]:5500", "https://xn--pple-43d.com"])(
    "%s is exact",
    (origin) => expect(isExactOrigin(origin)).toBe(true),
  );

  test.each(["*", "null", "", "/", "https://", "HTTPS://app.example", "https://app.example:443", "https://app.example/",
    "file:///etc/passwd", "data:text/html,x", "blob:https://app.example/x", "https://app.example\\@evil.example"])(
    "%s is none [A4]",
    (origin) => expect(isExactOrigin(origin)).toBe(false),
  );

  test.each([
    ["https://app.example", "https://", "", "app.example", ""],
    ["https://a.b.app.example:8443", "https://", "a.b.", "app.example", ":8443"],
    ["http://localhost:5500", "http://", "", "localhost", ":5500"],
    ["https://192.0.2.7", "https://", "", "192.0.2.7", ""],
    ["http://[::1]:5500", "http://", "", "[::1]", ":5500"],
  ])("%s is shown whole, its last two labels emphasised [A33]", (origin, scheme, subdomains, site, port) => {
    const parts = originParts(origin);
    expect(parts).toEqual({ scheme, subdomains, site, port });
    expect(parts.scheme + parts.subdomains + parts.site + parts.port).toBe(origin);
  });

  test.each([
    ["https://app.example", []],
    ["https://xn--pple-43d.com", ["punycode"]],
    ["https://a.xn--p1ai:8443", ["punycode", "port"]],
    ["https://192.0.2.7:8443", ["address", "port"]],
    ["https://[2001:db8::1]", ["address"]],
    ["http://localhost:5500", ["loopback"]],
    ["http://127.0.0.1:5500", ["loopback"]],
    ["http://[::1]:5500", ["loopback"]],
    ["https://localhost.evil.example", []],
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

/** The names of all tags, in order: text that became markup would change them. */
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
