import { EVIL } from "../../../scripts/attack/case.ts";
import type { Breakage } from "./local-site.ts";

/** Adds or replaces headers. `null` removes one. */
function withHeaders(answer: Response, changes: Record<string, string | null>): Response {
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return new Response(answer.body, { status: answer.status, headers });
}

const isPage = (answer: Response) => answer.headers.get("content-type")?.startsWith("text/html");
const redirect = (location: string) =>
  new Response(null, { status: 302, headers: { location, "cache-control": "no-store" } });
const parameter = (path: string, name: string) => new URLSearchParams(path.split("?")[1]).get(name) ?? "";

/** A fault of a bad provider, the row of an attack that finds it, and a function that adds the fault to an answer. */
export const BREAKAGES: [what: string, row: string, spoil: Breakage][] = [
  [
    "pages without CSP",
    "A66",
    (_, answer) => (isPage(answer) ? withHeaders(answer, { "content-security-policy": null }) : answer),
  ],
  [
    "pages with inline scripts",
    "A66",
    (_, answer) =>
      isPage(answer)
        ? withHeaders(answer, {
            "content-security-policy":
              "default-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; script-src 'unsafe-inline'",
          })
        : answer,
  ],
  ["pages that can be framed", "A66", (_, answer) => withHeaders(answer, { "x-frame-options": null })],
  [
    "a redirect that cuts the opener",
    "A18",
    (_, answer) =>
      answer.status === 303 ? withHeaders(answer, { "cross-origin-opener-policy": "same-origin" }) : answer,
  ],
  ["a Referer for others", "A66", (_, answer) => withHeaders(answer, { "referrer-policy": "origin" })],
  [
    "an open redirector",
    "A9",
    ({ path }, answer) => (parameter(path, "next") === "" ? answer : redirect(parameter(path, "next"))),
  ],
  ["a path that is an address", "A9", ({ path }, answer) => (path.startsWith("//") ? redirect(path) : answer)],
  [
    "an app that is sent its error by itself",
    "A24",
    ({ path }, answer) =>
      answer.status === 400 && path.startsWith("/authorize")
        ? redirect(`${parameter(path, "redirect_uri") || EVIL}?error=x`)
        : answer,
  ],
  [
    "any redirect URI",
    "A3",
    ({ path }, answer) =>
      path.startsWith("/authorize") && answer.status === 400
        ? redirect("https://github.example/login/oauth/authorize")
        : answer,
  ],
  [
    "no start page",
    "A18",
    (_, answer) =>
      answer.headers.get("location")?.includes("/start#")
        ? redirect("https://github.example/login/oauth/authorize")
        : answer,
  ],
  [
    "a wildcard for an app",
    "A4",
    ({ path }, answer) =>
      path.startsWith("/callback?") && path.includes("url%22%3A%22*")
        ? new Response(null, { status: 303, headers: { location: "/confirm#x" } })
        : answer,
  ],
  [
    "a page that shows the code",
    "A13",
    async ({ path }, answer) =>
      path.startsWith("/callback/") && isPage(answer)
        ? new Response(`${await answer.text()}${parameter(path, "code")}`, answer)
        : answer,
  ],
  [
    "a code in a fragment",
    "A18",
    ({ path }, answer) =>
      answer.status === 303
        ? withHeaders(answer, {
            location: `/start#${Buffer.from(`canary0123456789canary0123456789canary01234 ${path}`).toString("base64url")}`,
          })
        : answer,
  ],
  [
    "a page that shows what it was sent",
    "A5",
    async ({ path }, answer) =>
      isPage(answer) ? new Response(`${await answer.text()}${parameter(path, "state")}`, answer) : answer,
  ],
  [
    "CORS with credentials",
    "A37",
    ({ headers }, answer) =>
      headers?.origin
        ? withHeaders(answer, {
            "access-control-allow-origin": headers.origin,
            "access-control-allow-credentials": "true",
          })
        : answer,
  ],
  [
    "CORS at the gate",
    "A2",
    ({ path }, answer) => (path === "/decision" ? withHeaders(answer, { "access-control-allow-origin": "*" }) : answer),
  ],
  [
    "a gate that anybody may open",
    "A2",
    ({ path, method }, answer) =>
      path === "/decision" && method === "POST"
        ? Response.json({}, { headers: { "cache-control": "no-store" } })
        : answer,
  ],
  [
    "a cookie that scripts can read",
    "A39",
    (_, answer) =>
      answer.headers.has("set-cookie")
        ? withHeaders(answer, { "set-cookie": answer.headers.get("set-cookie")!.replace("HttpOnly; ", "") })
        : answer,
  ],
  [
    "a cookie for every request",
    "A39",
    (_, answer) =>
      withHeaders(answer, { "set-cookie": `ap-dev=${"a".repeat(43)}; Path=/; HttpOnly; SameSite=Lax; Max-Age=4380` }),
  ],
  ["answers that may be stored", "A3", (_, answer) => withHeaders(answer, { "cache-control": "public, max-age=60" })],
  [
    "a published secret",
    "A10",
    ({ path }, answer) => (path === "/.secret.json" ? Response.json({ Github: { client_secret: "x" } }) : answer),
  ],
  [
    "a stack trace",
    "A26",
    ({ path }, answer) =>
      path.startsWith("/token") ? new Response("Error\n    at token (/var/task/token.mjs:1:2)", answer) : answer,
  ],
  ["a failure", "A26", ({ path }, answer) => (path.startsWith("/token") ? new Response("", { status: 500 }) : answer)],
  [
    "an issuer from the request",
    "A53",
    ({ path, headers }, answer) =>
      path.includes(".well-known") && headers?.["x-forwarded-host"]
        ? Response.json({ issuer: `https://${headers["x-forwarded-host"]}/github` })
        : answer,
  ],
  [
    "a host from the request",
    "A16",
    ({ headers }, answer) =>
      headers?.["x-forwarded-host"]
        ? redirect(`https://github.example/x?redirect_uri=https://${headers["x-forwarded-host"]}/callback`)
        : answer,
  ],
  [
    "PKCE that may be plain",
    "A53",
    async ({ path }, answer) =>
      path.includes(".well-known") && answer.status === 200
        ? new Response((await answer.text()).replace('"S256"', '"S256", "plain"'), answer)
        : answer,
  ],
  [
    "keys with their private half",
    "A73",
    ({ path }, answer) =>
      path.endsWith("/jwks.json") ? Response.json({ keys: [{ kty: "OKP", crv: "Ed25519", x: "x", d: "d" }] }) : answer,
  ],
  [
    "keys of another address",
    "A53",
    async ({ path }, answer) =>
      path.includes(".well-known") && answer.status === 200
        ? new Response((await answer.text()).replace("{", `{"jwks_uri":"${EVIL}/jwks.json",`), answer)
        : answer,
  ],
  [
    "ID tokens without a signature",
    "A53",
    async ({ path }, answer) =>
      path.includes(".well-known") && answer.status === 200
        ? new Response((await answer.text()).replace("{", '{"id_token_signing_alg_values_supported":["none"],'), answer)
        : answer,
  ],
  [
    "a list that shows too much",
    "A55",
    async ({ path, method }, answer) =>
      path === "/services.json" && method === "GET"
        ? new Response((await answer.text()).replace('"id"', '"client_secret":"x","id"'), answer)
        : answer,
  ],
  [
    "a page with a foreign logo",
    "A66",
    async (_, answer) =>
      isPage(answer) ? new Response(`${await answer.text()}<img src="https://logo.example/x.svg">`, answer) : answer,
  ],
  [
    "a page that goes on by itself",
    "A66",
    (_, answer) => (isPage(answer) ? withHeaders(answer, { refresh: "0; url=/" }) : answer),
  ],
  [
    "a token for any code",
    "A26",
    ({ path, method }, answer) =>
      path.startsWith("/token/github") && method === "POST"
        ? Response.json({ access_token: "x" }, { headers: { "cache-control": "no-store" } })
        : answer,
  ],
  [
    "a profile for a token in the address",
    "A34",
    ({ path }, answer) =>
      path.includes("?access_token")
        ? Response.json({ sub: "1" }, { headers: { "cache-control": "no-store" } })
        : answer,
  ],
  [
    "a cookie for a page that nobody sees",
    "A62",
    ({ headers }, answer) => (headers?.["sec-purpose"] ? redirect("https://github.example/x") : answer),
  ],
];
