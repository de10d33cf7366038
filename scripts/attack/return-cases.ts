import type { Case, Expectation, Probe, Target } from "./case.ts";
import { CANARY, EVIL, MARKUP, queryOf } from "./case.ts";

const REFUSED: Expectation = { status: [400], leadsTo: "nobody", cookie: "none" };
/** If the owner has turned off Madata's dialect, the service is unknown there. */
const NO_QUESTION: Expectation = { status: [400, 403, 404], leadsTo: "nobody", cookie: "none" };

/** Attacks on the return from the service and on the confirmation. */
export function returnCases(target: Target): Case[] {
  return [...foreignStates(target), ...madataStates(target), ...markup(target), ...gate(target)];
}

function callbackPath({ service }: Target, parameters: Record<string, string | string[] | undefined>): string {
  return `/callback/${service}?${queryOf(parameters)}`;
}

function madataPath({ backend }: Target, url: string, parameters: Record<string, string> = {}): string {
  return `/callback?${queryOf({ code: CANARY, state: JSON.stringify({ url, backend }), ...parameters })}`;
}

function foreignStates(target: Target): Case[] {
  const json = JSON.stringify({ url: `${target.app}/`, backend: target.backend });
  const states: [Case["row"], string, string | undefined][] = [
    ["A13", "without a state", undefined],
    ["A13", "with an empty state", ""],
    ["A13", "with the app's own state", "state-of-the-app"],
    [
      "A13",
      "with a state that nobody sealed",
      "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
    ],
    ["A14", "with Madata's state", json],
    ["A14", "with a CMS's state", "authorizing:github"],
  ];
  return [
    ...states.map(([row, title, state]) => ({
      row,
      title: `a code ${title}`,
      request: { path: callbackPath(target, { code: CANARY, state }) },
      answer: REFUSED,
      smoke: state === json,
    })),
    {
      row: "A14",
      title: "a sealed state at the root",
      request: { path: `/callback?${queryOf({ code: CANARY, state: "a..b.c.d" })}` },
      answer: REFUSED,
    },
    {
      row: "A42",
      title: "two codes",
      request: { path: callbackPath(target, { code: [CANARY, "x"], state: "x" }) },
      answer: REFUSED,
    },
    {
      row: "A42",
      title: "two states",
      request: { path: callbackPath(target, { code: CANARY, state: ["x", "y"] }) },
      answer: REFUSED,
    },
    {
      row: "A22",
      title: "a code at the callback of a service that is none",
      request: { path: `/callback/nobody?${queryOf({ code: CANARY, state: "x" })}` },
      answer: { status: [400, 404], leadsTo: "nobody", cookie: "none" },
    },
    {
      row: "A61",
      title: "a code by POST",
      request: {
        method: "POST",
        path: callbackPath(target, { code: CANARY, state: "x" }),
        headers: { "sec-fetch-mode": "navigate" },
        body: "",
      },
      answer: { status: [400, 405], leadsTo: "nobody", cookie: "none" },
    },
    {
      row: "A62",
      title: "a return that is only fetched in advance",
      request: { path: callbackPath(target, { code: CANARY, state: "x" }), headers: { "sec-purpose": "prefetch" } },
      answer: { status: [204], leadsTo: "nobody", cookie: "none" },
    },
  ];
}

/** Whoever made the link controls everything in this state. */
function madataStates(target: Target): Case[] {
  const addresses = [
    "*",
    "null",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://good.example@evil.example/",
    `blob:${EVIL}/x`,
    "https://good.example\\.evil.example/",
    "http://good.example/",
    "about:srcdoc",
    "//evil.example/",
    "https://good.example./",
    "",
  ];
  const { app } = target;
  const raw = (state: string): string => `/callback?${queryOf({ code: CANARY, state })}`;
  return [
    ...addresses.map((url) => ({
      row: "A4" as const,
      title: `state.url=${url}`,
      request: { path: madataPath(target, url) },
      answer: NO_QUESTION,
      smoke: url === "*",
    })),
    {
      row: "A19",
      title: "a page of the attacker leads here",
      request: { path: madataPath(target, `${app}/`), headers: { referer: `${EVIL}/` } },
      answer: NO_QUESTION,
    },
    {
      row: "A23",
      title: "a service that the owner has not got",
      request: { path: madataPath({ ...target, backend: "EvilGitlab" }, `${app}/`) },
      answer: NO_QUESTION,
    },
    {
      row: "A41",
      title: "state with inherited names",
      request: { path: raw(`{"__proto__":{"url":"${EVIL}/","backend":"Github"}}`) },
      answer: NO_QUESTION,
    },
    {
      row: "A41",
      title: "state.backend=__proto__",
      request: { path: madataPath({ ...target, backend: "__proto__" }, `${app}/`) },
      answer: NO_QUESTION,
    },
    {
      row: "A42",
      title: "state.url is a list",
      request: { path: raw(`{"url":["${app}/"],"backend":"${target.backend}"}`) },
      answer: NO_QUESTION,
    },
    { row: "A47", title: "state of nested lists", request: { path: raw("[".repeat(4_000)) }, answer: NO_QUESTION },
  ];
}

function markup(target: Target): Case[] {
  return MARKUP.flatMap((text) => [
    {
      row: "A5" as const,
      title: `markup from the service: ${text}`,
      request: {
        path: callbackPath(target, { error: text, error_description: text, error_uri: text, state: text, iss: text }),
      },
      answer: REFUSED,
    },
    {
      row: "A5" as const,
      title: `markup in Madata's state: ${text}`,
      request: { path: madataPath({ ...target, backend: text }, text, { error: text, error_description: text }) },
      answer: NO_QUESTION,
    },
  ]);
}

/** Codes and tokens are released only through `POST /decision`, which accepts requests only from our own pages. */
function gate(target: Target): Case[] {
  const own = { origin: target.origin, "sec-fetch-site": "same-origin", "content-type": "application/json" };
  const decision = { ticket: CANARY, origin: EVIL, service: target.service, decision: "yes", opener: true };
  const post = (headers: Record<string, string>, body: unknown = decision): Probe => ({
    method: "POST",
    path: "/decision",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const { origin: _, ...withoutOrigin } = own;
  const foreign: [string, Record<string, string>][] = [
    ["the attacker's page", { ...own, origin: EVIL }],
    ["a sandboxed page", { ...own, origin: "null" }],
    ["nobody", withoutOrigin],
    ["a neighbour by port", { ...own, origin: `${target.origin}:8443` }],
    ["a neighbour by name", { ...own, origin: target.origin.replace("://", "://sub.") }],
    ["another site that says it is us", { ...own, "sec-fetch-site": "cross-site" }],
    ["another host of our site", { ...own, "sec-fetch-site": "same-site" }],
    ["the address bar", { ...own, "sec-fetch-site": "none" }],
  ];
  return [
    ...foreign.map(([who, headers], index) => ({
      row: "A2" as const,
      title: `POST /decision by ${who}`,
      request: post(headers),
      answer: { status: [403], leadsTo: "nobody" as const, cookie: "none" as const },
      smoke: index === 0,
    })),
    {
      row: "A2",
      title: "POST /decision by a form",
      request: post({ ...own, "content-type": "text/plain" }),
      answer: REFUSED,
    },
    {
      row: "A2",
      title: "POST /decision as a form",
      request: post({ ...own, "content-type": "application/x-www-form-urlencoded" }, "ticket=x"),
      answer: REFUSED,
    },
    { row: "A1", title: "Yes without a ticket", request: post(own, {}), answer: REFUSED },
    { row: "A1", title: "Yes to a ticket that nobody sealed", request: post(own), answer: REFUSED, smoke: true },
    {
      row: "A1",
      title: "Yes with a ticket of another type",
      request: post(own, { ...decision, ticket: [CANARY] }),
      answer: REFUSED,
    },
    {
      row: "A41",
      title: "Yes for a service that every object has",
      request: post(own, { ...decision, service: "__proto__" }),
      answer: { status: [404], leadsTo: "nobody" },
    },
    {
      row: "A46",
      title: "more than 16 KiB at the gate",
      request: post(own, `{"ticket":"${"x".repeat(16_384)}"}`),
      answer: { status: [413], leadsTo: "nobody" },
    },
    ...["GET", "OPTIONS", "PUT", "DELETE", "PATCH"].map((method) => ({
      row: "A37" as const,
      title: `${method} /decision`,
      request: { method, path: "/decision", headers: { origin: EVIL, "access-control-request-method": "POST" } },
      answer: { status: [404, 405], leadsTo: "nobody" as const, cookie: "none" as const },
    })),
  ];
}
