import type { Answer, Case, Expectation, Probe, Target } from "./case.ts";
import { CANARY, MARKUP } from "./case.ts";

/** The faults of an answer: where it differs from what its case expects, or breaks a rule for all answers. */
export function judge({ request, answer: expected }: Case, answer: Answer, target: Target): string[] {
  return [...unexpected(expected, answer, target), ...wrongAnywhere(request, answer, target)];
}

function unexpected(
  { status, leadsTo, cookie, error, lacks = [], fault }: Expectation,
  answer: Answer,
  target: Target,
): string[] {
  const faults: string[] = [];
  if (status && !status.includes(answer.status))
    faults.push(`answers with status ${answer.status}, not ${status.join(" or ")}`);
  const destination = destinationOf(answer, target);
  if (leadsTo && destination !== leadsTo) faults.push(`leads to ${destination}, not to ${leadsTo}`);
  const sets = answer.headers.has("set-cookie") ? "set" : "none";
  if (cookie && sets !== cookie) faults.push(sets === "set" ? "sets a cookie" : "sets no cookie");
  if (error && !answer.text.includes(`"${error}"`)) faults.push(`does not say ${error}`);
  const all = everything(answer);
  for (const text of lacks) if (all.includes(text)) faults.push(`repeats ${text}`);
  const further = fault?.(answer);
  return further === undefined ? faults : [...faults, further];
}

/** Where the browser is sent. Foreign destinations are returned as full addresses. */
function destinationOf({ headers }: Answer, { origin, serviceOrigin }: Target): string {
  const location = headers.get("location");
  if (location === null) return "nobody";
  const url = URL.parse(location, `${origin}/`);
  if (url?.origin === serviceOrigin) return "service";
  return url?.origin === origin ? url.pathname : location;
}

/** The invariants of SECURITY.md that can be checked from outside. */
function wrongAnywhere(request: Probe, answer: Answer, target: Target): string[] {
  return [
    ...foreignDestinations(answer, target),
    ...disclosures(answer),
    ...echoes(request, answer),
    ...wrongHeaders(request, answer, target),
    ...wrongCors(request, answer),
    ...wrongCookies(answer, target),
    ...wrongCaching(request, answer),
    ...(answer.status >= 500 && answer.status !== 502 && answer.status !== 503
      ? [`fails with status ${answer.status}`]
      : []),
  ];
}

/** [A9][A43] A GET redirects only to us or to the service. */
function foreignDestinations(answer: Answer, target: Target): string[] {
  const faults: string[] = [];
  const destination = destinationOf(answer, target);
  if (!["nobody", "service"].includes(destination) && !destination.startsWith("/"))
    faults.push(`redirects to ${destination}`);
  if (destination.startsWith("//")) faults.push(`redirects to ${destination}`);
  if (answer.headers.has("refresh") || /http-equiv=["']?refresh/i.test(answer.text))
    faults.push("sends people on by a refresh");
  if (/<(?:script|img|iframe|link)[^>]+(?:src|href)=["']?(?:https?:)?\/\//i.test(answer.text))
    faults.push("loads something foreign");
  return faults;
}

/** [A35][A48] Codes, tokens and stack traces. */
function disclosures(answer: Answer): string[] {
  const faults: string[] = [];
  if (everything(answer).includes(CANARY)) faults.push("repeats the code or token that it was sent");
  if (/^\s+at .+:\d+:\d+/m.test(answer.text) || answer.text.includes("node_modules"))
    faults.push("shows a stack trace");
  return faults;
}

/** [A5] A page never repeats markup from the request. */
function echoes(request: Probe, { headers, text }: Answer): string[] {
  if (!headers.get("content-type")?.startsWith("text/html")) return [];
  const sent = decodeURIComponent(
    `${request.path} ${request.body ?? ""}`.replaceAll("+", " ").replaceAll(/%(?![0-9A-F]{2})/gi, "%25"),
  );
  return MARKUP.filter((markup) => sent.includes(markup) && text.includes(markup)).map((markup) => `repeats ${markup}`);
}

const PAGE_HEADERS: [name: string, wanted: RegExp][] = [
  ["x-content-type-options", /^nosniff$/],
  ["x-frame-options", /^DENY$/],
  ["referrer-policy", /^no-referrer$/],
  ["cross-origin-opener-policy", /^unsafe-none$/],
  ["content-security-policy", /default-src 'none'/],
  ["content-security-policy", /frame-ancestors 'none'/],
  ["content-security-policy", /require-trusted-types-for 'script'/],
  ["content-security-policy", /^(?!.*unsafe-(?:inline|eval))/],
];

const JSON_HEADERS: [name: string, wanted: RegExp][] = [
  ["x-content-type-options", /^nosniff$/],
  ["content-security-policy", /default-src 'none'/],
];

/** [A59][A66] Pages, redirects and JSON have all their security headers. The platform's own redirects are exempt. */
function wrongHeaders({ path }: Probe, { headers, status }: Answer, { origin }: Target): string[] {
  const type = headers.get("content-type") ?? "";
  const isPage = type.startsWith("text/html") || (headers.has("location") && !isPlatformRedirect(path));
  const wanted = isPage ? PAGE_HEADERS : type.startsWith("application/json") ? JSON_HEADERS : [];
  const transport: typeof wanted =
    origin.startsWith("https:") && wanted.length > 0 ? [["strict-transport-security", /max-age=\d{8}/]] : [];
  return [...wanted, ...transport]
    .filter(([name, value]) => !value.test(headers.get(name) ?? ""))
    .map(([name]) => `has a wrong ${name} (status ${status}): ${headers.get(name) ?? "none"}`);
}

/** Redirects by the rules in netlify.toml for the root, or by the platform to normalize a path. */
function isPlatformRedirect(path: string): boolean {
  return !/^\/(authorize|callback|auth|confirm)\b/.test(path);
}

const READABLE =
  /^\/(?:services\.json|token\/|revoke\/|userinfo\/|\.well-known\/|[^/]+\/\.well-known\/|[^/]+\/jwks\.json$)/;
const MODULES = /^\/(?:auth|react-admin|madata)(?:\.d)?\.[jt]s/;

/** [A37] Other origins can read only what is meant for apps, and never with credentials. */
function wrongCors({ path }: Probe, { headers }: Answer): string[] {
  const faults: string[] = [];
  if (headers.has("access-control-allow-credentials")) faults.push("allows credentials to other origins");
  const allowed = headers.get("access-control-allow-origin");
  if (allowed !== null && allowed !== "*") faults.push(`allows the origin ${allowed}`);
  if (allowed !== null && !READABLE.test(path) && !MODULES.test(path)) faults.push("lets other origins read it");
  return faults;
}

/** [A38][A39] Only binding and login cookies, protected from scripts, subdomains and other sites. */
function wrongCookies({ headers }: Answer, { origin }: Target): string[] {
  const ours = origin.startsWith("https:")
    ? /^__Host-ap(?:=[\w-]{43}|-[\w-]{22}-\d=[\w.-]*); Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=\d+$/
    : /^ap-dev(?:=[\w-]{43}|-[\w-]{22}-\d=[\w.-]*); Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/;
  const cookies = headers.getSetCookie();
  const faults = cookies.filter((cookie) => !ours.test(cookie)).map((cookie) => `sets the cookie ${cookie}`);
  if (cookies.length > 0 && headers.get("cache-control") !== "no-store")
    faults.push("sets a cookie where it may be stored");
  return faults;
}

const DYNAMIC = /^\/(?:authorize|callback|token|revoke|userinfo)\/|^\/(?:auth|callback)\?|^\/decision$/;

/** [A36] Answers for one user must not be stored. */
function wrongCaching({ path }: Probe, { headers, status }: Answer): string[] {
  // 404, 405, 414 and 431 may come from the platform, and contain no user's data.
  if (!DYNAMIC.test(path) || status === 404 || status === 405 || status === 431 || status === 414) return [];
  return headers.get("cache-control") === "no-store"
    ? []
    : [`may be stored: ${headers.get("cache-control") ?? "no cache-control"}`];
}

/** The answer as an attacker would search it, including the decoded fragment for our pages. */
function everything({ headers, text }: Answer): string {
  const names = [...headers].map(([name, value]) => `${name}: ${value}`);
  const fragment = headers.get("location")?.split("#")[1] ?? "";
  return [
    ...names,
    ...names.map(decoded),
    Buffer.from(fragment, "base64url").toString(),
    text,
    text.replaceAll("\\/", "/"),
  ].join("\n");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
