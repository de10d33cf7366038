import { PRIVATE_KEY_MEMBERS } from "../network/published-keys.ts";
import type { Answer, Case, Target } from "./case.ts";
import { authorizePath, CANARY, EVIL, queryOf } from "./case.ts";

/** Attacks on all other addresses of the provider's host. */
export function siteCases(target: Target): Case[] {
  return [
    ...pages(),
    ...hiddenFiles(),
    ...redirectors(target),
    ...deceptions(target),
    ...names(target),
    ...metadata(target),
    ...keys(target),
    ...list(target),
  ];
}

function pages(): Case[] {
  return ["/", "/confirm", "/start", "/waiting", "/returned", "/sign-out", "/try"].map((path) => ({
    row: "A66",
    title: `the page ${path} cannot be framed, and runs nothing but our own scripts`,
    request: { path },
    answer: { status: [200], leadsTo: "nobody", cookie: "none" },
    smoke: path === "/confirm",
  }));
}

function hiddenFiles(): Case[] {
  const secret = ["/.secret.json", "/secret.json", "/.env", "/.git/config", "/.git/HEAD", "/.netlify/state.json"];
  const sources = [
    "/netlify.toml",
    "/package.json",
    "/package-lock.json",
    "/services.json.bak",
    "/netlify/functions/token.ts",
    "/dist/functions/provider.mjs",
    "/functions/provider.mjs",
    "/provider.mjs.map",
    "/confirm.js.map",
    "/%2e%2e/.secret.json",
    "/..%2f.secret.json",
    "/public/../.secret.json",
  ];
  const workers = ["/sw.js", "/service-worker.js"];
  const absent = {
    status: [400, 403, 404],
    leadsTo: "nobody" as const,
    cookie: "none" as const,
    lacks: ["client_secret"],
  };
  return [
    ...[...secret, ...sources].map((path) => ({
      row: "A10" as const,
      title: `GET ${path}`,
      request: { path },
      answer: absent,
      smoke: path === "/.secret.json",
    })),
    ...workers.map((path) => ({ row: "A60" as const, title: `GET ${path}`, request: { path }, answer: absent })),
    {
      row: "A61",
      title: "a function past its path",
      request: {
        method: "POST",
        path: "/.netlify/functions/provider",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: "x=1",
      },
      answer: { status: [400, 403, 404, 405], leadsTo: "nobody" },
    },
  ];
}

/** All common parameter names of redirectors, at every path. */
function redirectors(target: Target): Case[] {
  const wanted = [
    "url",
    "next",
    "return_to",
    "returnTo",
    "redirect",
    "redirect_uri",
    "redirect_url",
    "goto",
    "continue",
    "dest",
    "target",
    "rurl",
    "r",
    "u",
  ];
  const query = queryOf(Object.fromEntries(wanted.map((name) => [name, `${EVIL}/`])));
  const paths = [
    "/",
    "/confirm",
    "/start",
    "/auth",
    "/callback",
    `/callback/${target.service}`,
    `/authorize/${target.service}`,
    `/${target.service}/oauth/authorize`,
    "/nowhere",
  ];
  const tricks = [
    "//evil.example",
    "//evil.example/%2e%2e",
    "/\\evil.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "/;@evil.example",
    "///evil.example/..",
    "/%0d%0alocation:%20https://evil.example",
  ];
  return [...paths.map((path) => `${path}?${query}`), ...tricks].map((path, index) => ({
    row: "A9",
    title: `GET ${path.slice(0, 60)}`,
    request: { path },
    answer: { leadsTo: "nobody", cookie: "none" },
    smoke: index === 1,
  }));
}

/** A cache may mistake the end of a path for a file name. */
function deceptions({ service }: Target): Case[] {
  const query = queryOf({ code: CANARY, state: "x" });
  const paths = [
    `/callback/${service}/x.css?${query}`,
    `/callback/${service};x.css?${query}`,
    `/callback/${service}%2fx.css?${query}`,
    `/token/${service}/a.js`,
    `/authorize/${service}/x.png`,
    `/userinfo/${service}/x.jpg`,
    "/services.json/x.css",
  ];
  return paths.map((path, index) => ({
    row: "A36",
    title: `GET ${path.split("?")[0]}`,
    request: { path },
    answer: { status: [400, 404], leadsTo: "nobody", cookie: "none" },
    smoke: index === 0,
  }));
}

function names(target: Target): Case[] {
  const inherited = [
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "nobody",
    target.service.toUpperCase(),
    `${target.service}%20`,
    `${target.service}%00`,
  ];
  return inherited
    .filter((name) => name !== target.service)
    .flatMap((name, index) =>
      [
        authorizePath({ ...target, service: name }),
        `/callback/${name}?code=${CANARY}&state=x`,
        `/userinfo/${name}`,
        `/.well-known/oauth-authorization-server/${name}`,
      ].map((path) => ({
        row: "A41" as const,
        title: `GET ${path.split("?")[0]}`,
        request: { path },
        // Platforms answer some forms of a path themselves.
        answer: { status: [400, 404], leadsTo: "nobody" as const, cookie: "none" as const },
        smoke: index === 0 && path.startsWith("/authorize"),
      })),
    );
}

function metadata({ origin, service }: Target): Case[] {
  const issuer = `${origin}/${service}`;
  const paths = [`/.well-known/oauth-authorization-server/${service}`, `/${service}/.well-known/openid-configuration`];
  const fault = (answer: Answer): string | undefined => {
    const document = parseObject(answer.text);
    if (!document) return "is no JSON object";
    if (document.issuer !== issuer) return `names the issuer ${String(document.issuer)}`;
    if (String(document.code_challenge_methods_supported) !== "S256")
      return "offers another code challenge method than S256";
    if (String(document.response_types_supported) !== "code") return "offers another response type than code";
    if (document.authorization_response_iss_parameter_supported !== true) return "does not announce iss (RFC 9207)";
    if ("jwks_uri" in document && document.jwks_uri !== `${issuer}/jwks.json`) return "names keys that are not its own";
    if (/"(none|HS\d+)"/.test(JSON.stringify(document.id_token_signing_alg_values_supported ?? []))) {
      return "offers ID tokens that anybody could sign";
    }
    const endpoints = Object.entries(document).filter(([name]) => name.endsWith("_endpoint"));
    const foreign = endpoints.find(([, address]) => !String(address).startsWith(`${origin}/`));
    return foreign ? `leads to ${String(foreign[1])}` : undefined;
  };
  return paths.flatMap((path, index) => [
    {
      row: "A53" as const,
      title: `GET ${path}`,
      request: { path },
      answer: { status: [200], fault },
      smoke: index === 0,
    },
    {
      row: "A53" as const,
      title: `GET ${path} with another host in the headers`,
      request: {
        path: `${path}?issuer=${EVIL}`,
        headers: { "x-forwarded-host": "evil.example", forwarded: "host=evil.example", origin: EVIL },
      },
      answer: { status: [200], lacks: ["evil.example"], fault },
    },
  ]);
}

function keys({ service }: Target): Case[] {
  const fault = ({ status, text }: Answer): string | undefined => {
    if (status === 404) return undefined;
    const list = parseObject(text)?.keys;
    if (!Array.isArray(list)) return "is no list of keys";
    const members = list.flatMap((key) => Object.keys(key as object));
    const hidden = members.find((member) => PRIVATE_KEY_MEMBERS.includes(member));
    return hidden === undefined ? undefined : `publishes ${hidden}, which is a part of a private key`;
  };
  return [
    {
      row: "A73",
      title: "the keys of ID tokens are public ones",
      request: { path: `/${service}/jwks.json` },
      answer: { status: [200, 404], leadsTo: "nobody", cookie: "none", fault },
      smoke: true,
    },
  ];
}

const PUBLIC_FIELDS = [
  "id",
  "name",
  "client_id",
  "api_key",
  "icon",
  "issuer",
  "default_scopes",
  "allowed_scopes",
  "refresh",
  "revocation",
  "opener",
  "madata",
  "try",
  "manage_url",
];

function list({ service }: Target): Case[] {
  const fault = ({ text }: Answer): string | undefined => {
    const services = parseObject(text);
    if (!services) return "is no JSON object";
    const fields = Object.values(services).flatMap((entry) => Object.keys(entry as object));
    const further = fields.find((field) => !PUBLIC_FIELDS.includes(field));
    if (further !== undefined) return `shows ${further}`;
    return Object.values(services).some((entry) => (entry as { id?: string }).id === service)
      ? undefined
      : `lacks ${service}`;
  };
  return [
    {
      row: "A55",
      title: "GET /services.json",
      request: { path: "/services.json" },
      answer: { status: [200], cookie: "none", fault },
    },
    ...["POST", "PUT", "DELETE", "PATCH"].map((method) => ({
      row: "A55" as const,
      title: `${method} /services.json`,
      request: {
        method,
        path: "/services.json",
        headers: { "content-type": "application/json" },
        body: '{"Github":{"client_id":"x"}}',
      },
      answer: { status: [404, 405], leadsTo: "nobody" as const },
    })),
  ];
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
