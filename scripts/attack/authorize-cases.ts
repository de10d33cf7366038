import type { Answer, Case, Expectation, Probe, Target } from "./case.ts";
import { authorizePath, CANARY, EVIL, MARKUP, queryOf, startedByApp } from "./case.ts";

const REFUSED: Expectation = { status: [400], leadsTo: "nobody", cookie: "none" };

/** Attacks on the start of a login. */
export function authorizeCases(target: Target): Case[] {
  return [
    ...redirectUris(target),
    ...appAddresses(target),
    ...starts(target),
    ...downgrades(target),
    ...repeatedParameters(target),
    ...markup(target),
    ...steering(target),
    ...cookies(target),
    ...platform(target),
  ];
}

function refused(row: Case["row"], title: string, path: string, target: Target): Case {
  return { row, title, request: { path, headers: startedByApp(target) }, answer: REFUSED };
}

function redirectUris(target: Target): Case[] {
  const { app, origin } = target;
  const { host, protocol } = new URL(app);
  const variants = [
    `${EVIL}/callback`,
    `${protocol}//sub.${host}/callback`,
    `${protocol}//${host}.evil.example/callback`,
    `${protocol}//evil${host}/callback`,
    `${app}:8443/callback`,
    `${protocol}//${host}@evil.example/callback`,
    `${protocol}//evil.example\\@${host}/callback`,
    `${app}\\callback`,
    `${app}/a/../callback`,
    `${app}/a/%2e%2e/callback`,
    `//${host}/callback`,
    `https:${host}/callback`,
    `https:///${host}/callback`,
    `${app}./callback`,
    `${app}/callback#x`,
    `${app}/call back`,
    `${app}/\ncallback`,
    `${app}/callback?code=x`,
    "/callback",
    "javascript:alert(1)",
    "data:text/html,x",
    `blob:${app}/x`,
    "urn:ietf:wg:oauth:2.0:oob",
    `${origin}/callback/${target.service}`,
    "null",
    "*",
  ];
  return variants.map((redirect_uri, index) => ({
    ...refused("A3", `redirect_uri=${redirect_uri}`, authorizePath(target, { redirect_uri }), target),
    smoke: index === 0,
  }));
}

function appAddresses(target: Target): Case[] {
  const messageTargets = [
    "*",
    "null",
    "/",
    "javascript:alert(1)",
    "data:text/html,x",
    `blob:${EVIL}/x`,
    "about:srcdoc",
  ];
  const misleading = [
    `https://good.example@evil.example/`,
    "https://good.example\\.evil.example/",
    "https:evil.example/",
  ];
  const nobody = [
    "https://good.example./",
    "https://аpple.example/",
    "https://GOOD.example/",
    "https://good/",
    "https://",
  ];
  const local = [
    "http://good.example/",
    "http://127.1/",
    "http://2130706433/",
    "http://0.0.0.0/",
    "http://localhost.evil.example/",
  ];
  const byMessage = (client_id: string) =>
    authorizePath(target, { client_id, redirect_uri: undefined, response_mode: "web_message" });
  return [
    ...messageTargets.map((address) =>
      refused("A4", `client_id=${address} as target of a message`, byMessage(address), target),
    ),
    ...misleading.map((address) => refused("A4", `client_id=${address}`, byMessage(address), target)),
    ...nobody.map((address) => refused("A33", `client_id=${address}`, byMessage(address), target)),
    ...local.map((address) => refused("A58", `client_id=${address}`, byMessage(address), target)),
  ];
}

/** Apps do not register, so the start of a login decides whether the user must confirm the app's address first. */
function starts(target: Target): Case[] {
  const path = authorizePath(target);
  const asked: Expectation = { status: [303], leadsTo: "/start" };
  const click = (headers: Record<string, string>, body = `{"request":"${CANARY}"}`): Probe => ({
    method: "POST",
    path: `/authorize/${target.service}`,
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  const notOurs: Expectation = { status: [403], leadsTo: "nobody", cookie: "none" };
  return [
    { row: "A18", title: "a link that nobody vouches for", request: { path }, answer: asked, smoke: true },
    {
      row: "A18",
      title: "a page of the attacker starts it",
      request: { path, headers: { referer: `${EVIL}/` } },
      answer: asked,
    },
    {
      row: "A18",
      title: "nobody vouches, result by message",
      request: { path: authorizePath(target, { response_mode: "web_message" }) },
      answer: asked,
    },
    ...[`/out?to=${EVIL}`, `/go/${EVIL}`, "/go/https%253A%252F%252Fevil.example", "//evil.example"].flatMap(
      (path): Case[] => [
        {
          row: "A21",
          title: `nobody vouches, redirect_uri=…${path}`,
          request: { path: authorizePath(target, { redirect_uri: target.app + path }) },
          answer: REFUSED,
        },
        {
          row: "A21",
          title: `a page of the app starts it, redirect_uri=…${path}`,
          request: { path: authorizePath(target, { redirect_uri: target.app + path }), headers: startedByApp(target) },
          answer: asked,
        },
      ],
    ),
    {
      row: "A31",
      title: "a token for another server (resource)",
      request: { path: authorizePath(target, { resource: EVIL }), headers: startedByApp(target) },
      answer: REFUSED,
    },
    ...["fragment", "form_post", "query.jwt"].map((response_mode) =>
      refused("A21", `response_mode=${response_mode}`, authorizePath(target, { response_mode }), target),
    ),
    { row: "A18", title: "the click, sent by the attacker's page", request: click({ origin: EVIL }), answer: notOurs },
    { row: "A18", title: "the click, sent from a sandboxed page", request: click({ origin: "null" }), answer: notOurs },
    { row: "A18", title: "the click, sent by nobody", request: click({}), answer: notOurs },
    {
      row: "A18",
      title: "the click without the browser's own request",
      request: click({ origin: target.origin, "sec-fetch-site": "same-origin" }),
      answer: REFUSED,
    },
    {
      row: "A9",
      title: "a code of the service ends at /authorize",
      request: { path: `${path}&code=${CANARY}` },
      answer: REFUSED,
    },
  ];
}

function downgrades(target: Target): Case[] {
  const challenges: Record<string, string | undefined>[] = [
    { code_challenge: undefined },
    { code_challenge: undefined, code_challenge_method: undefined },
    { code_challenge_method: undefined },
    { code_challenge_method: "plain" },
    { code_challenge_method: "s256" },
    { code_challenge: "x".repeat(42) },
    { code_challenge: "x".repeat(44) },
    { code_challenge: `${"x".repeat(42)}+` },
  ];
  const types = ["token", "id_token", "code token", "none", "CODE"];
  return [
    ...challenges.map((change, index) => ({
      ...refused("A24", `PKCE: ${JSON.stringify(change)}`, authorizePath(target, change), target),
      smoke: index === 3,
    })),
    ...types.map((response_type) =>
      refused("A34", `response_type=${response_type}`, authorizePath(target, { response_type }), target),
    ),
  ];
}

function repeatedParameters(target: Target): Case[] {
  const names = [
    "client_id",
    "redirect_uri",
    "response_type",
    "code_challenge",
    "code_challenge_method",
    "state",
    "scope",
  ];
  return names.map((name) =>
    refused("A42", `${name} twice`, authorizePath(target, { [name]: [`${target.app}/`, `${EVIL}/`] }), target),
  );
}

function markup(target: Target): Case[] {
  const names = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "code_challenge",
    "anything",
  ];
  const everywhere = MARKUP.map((text) => Object.fromEntries(names.map((name) => [name, text])));
  const each = names.map((name) => ({ code_challenge: undefined, [name]: MARKUP[0] }));
  return [...everywhere, ...each].map((change, index) => ({
    row: "A5",
    title: `markup in ${Object.keys(change).join(", ")}`,
    request: { path: authorizePath(target, change) },
    answer: REFUSED,
    smoke: index === 0,
  }));
}

/** The redirect goes to the configured service, whatever else the request contains. */
function steering(target: Target): Case[] {
  const toService: Expectation = { status: [302], leadsTo: "service", lacks: ["evil.example"] };
  const names = [
    "instance",
    "issuer",
    "host",
    "authorization_endpoint",
    "token_endpoint",
    "service",
    "provider",
    "url",
  ];
  const headers: Record<string, string>[] = [
    { "x-forwarded-host": "evil.example" },
    { "x-forwarded-proto": "http", "x-forwarded-port": "1" },
    { forwarded: "host=evil.example;proto=http" },
    { "x-original-url": `${EVIL}/`, "x-rewrite-url": `${EVIL}/`, "x-original-host": "evil.example" },
  ];
  return [
    ...names.map((name) => ({
      row: "A12" as const,
      title: `${name} names another server`,
      request: { path: authorizePath(target, { [name]: `${EVIL}/` }), headers: startedByApp(target) },
      answer: toService,
    })),
    ...headers.map((forged, index) => ({
      row: "A16" as const,
      title: `another host in ${Object.keys(forged).join(", ")}`,
      request: { path: authorizePath(target), headers: { ...startedByApp(target), ...forged } },
      answer: toService,
      smoke: index === 0,
    })),
  ];
}

function cookies(target: Target): Case[] {
  const name = target.origin.startsWith("https:") ? "__Host-ap" : "ap-dev";
  const value = "c".repeat(43);
  const path = authorizePath(target);
  const began = (cookie: string): Probe => ({ path, headers: { ...startedByApp(target), cookie } });
  const forged = [
    `${name}=x`,
    `${name}="${value}"`,
    `${name}=${value}; ${name}=${value}`,
    `\u2000${name}=${value}`,
    `=${name}=${value}`,
  ];
  const advance: Record<string, string>[] = [
    { "sec-purpose": "prefetch" },
    { "sec-purpose": "prefetch;prerender" },
    { purpose: "prefetch" },
  ];
  return [
    {
      row: "A39",
      title: "the cookie is set where there is none",
      request: { path, headers: startedByApp(target) },
      answer: { cookie: "set" },
      smoke: true,
    },
    {
      row: "A39",
      title: "and renewed where there is one, with the value that it has",
      request: began(`a=b; ${name}=${value}`),
      answer: { leadsTo: "service", cookie: "set", fault: (answer) => replaces(`${name}=${value}`, answer) },
    },
    ...forged.filter(isSendable).map((cookie) => ({
      row: "A38" as const,
      title: `a cookie that is none: ${cookie}`,
      request: began(cookie),
      answer: { leadsTo: "service" as const, cookie: "set" as const, lacks: [value] },
    })),
    ...advance.map((headers) => ({
      row: "A62" as const,
      title: `only fetched in advance: ${JSON.stringify(headers)}`,
      request: { path, headers: { ...startedByApp(target), ...headers } },
      answer: { status: [204], leadsTo: "nobody" as const, cookie: "none" as const },
      smoke: "purpose" in headers,
    })),
  ];
}

function replaces(cookie: string, { headers }: Answer): string | undefined {
  return headers.get("set-cookie")?.startsWith(`${cookie};`) ? undefined : "replaces the cookie";
}

/** As in browsers, a header can contain only Latin-1 characters. */
function isSendable(value: string): boolean {
  return /^[\x20-\xFF]*$/.test(value);
}

function platform(target: Target): Case[] {
  const large: Expectation = { status: [400, 413, 414, 431], leadsTo: "nobody", cookie: "none" };
  const path = authorizePath(target);
  return [
    {
      row: "A46",
      title: "an address of more than 16 KiB",
      request: { path: `${path}&x=${"x".repeat(16_384)}` },
      answer: large,
    },
    ...["PUT", "DELETE", "PATCH", "OPTIONS"].map((method) => ({
      row: "A61" as const,
      title: `${method} /authorize`,
      request: { method, path },
      answer: { status: [404, 405], leadsTo: "nobody" as const, cookie: "none" as const },
    })),
    {
      row: "A8",
      title: "a CMS that does not exist",
      request: { path: `/auth?${queryOf({ provider: "nobody", site_id: "evil.example", scope: "repo" })}` },
      answer: { status: [400, 404], leadsTo: "nobody", cookie: "none", lacks: ["evil.example"] },
    },
  ];
}
