/**
 * The one rule for the URL of an app. Whatever an app calls itself (`client_id`, `redirect_uri`, Madata's `state.url`,
 * the origin of a CMS) goes through here, and only the result is shown, sealed or used as a message target.
 *
 * Anybody can write these URLs, so nothing is repaired: a URL that a parser would have to change is refused. What a
 * browser reports as `location.href` is canonical already, so honest apps never notice.
 */

export interface AppUrl {
  /** Canonical: the input itself, or the input with the `/` that a bare origin lacks. */
  href: string;
  /** The one value for display, message target, CORS and sealing. */
  origin: string;
  hostname: string;
  /** The app runs on the user's own computer. */
  loopback: boolean;
}

const maxUrlCharacters = 2048;
const maxHostnameCharacters = 253; // RFC 1035 §2.3.4

/** RFC 8252 §7.3. No other number that leads to this computer (`127.1`, `0.0.0.0`, `[::ffff:7f00:1]`) counts. */
const loopbackHostnames = ["localhost", "127.0.0.1", "[::1]"];

/** Parsers drop tabs and newlines, trim controls, and read `\` as `/`: a person and a program would see two URLs. */
const trickyCharacters = /[\u0000-\u0020\u007F\\]/;

/** Lower case only, both slashes, then a host at once. Keeps out `javascript:`, `data:`, `blob:https://…`, `*` (which
 * `postMessage` takes for "anybody"), and the `https:evil.example` and `https:///evil.example` that parsers repair. */
const schemeAndAuthority = /^https?:\/\/([^/?#]+)/;

/** At least two labels, none empty: no intranet names, no trailing dot (`good.example.` is another origin), and no
 * punctuation that URL parsers let through (`good.example,evil.example`, `*.evil.example`). */
const dottedHostname = /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/;

/** `undefined`: refused. */
export function parseAppUrl(input: unknown): AppUrl | undefined {
  if (typeof input !== "string") return undefined;
  if (input.length > maxUrlCharacters) return undefined;
  if (trickyCharacters.test(input)) return undefined;

  const authority = schemeAndAuthority.exec(input)?.[1];
  if (authority === undefined) return undefined;
  // `https://good.example@evil.example/` is a URL of evil.example.
  if (authority.includes("@")) return undefined;

  if (!URL.canParse(input)) return undefined;
  const { href, origin, protocol, hostname } = new URL(input);
  // Upper case, default ports, dot segments, Unicode and percent-encoded hosts, `127.1`: whatever the parser changed.
  if (href !== input && href !== `${input}/`) return undefined;

  const loopback = isLoopback(hostname);
  if (protocol !== "https:" && !loopback) return undefined;
  if (!loopback && !dottedHostname.test(hostname)) return undefined;
  if (hostname.length > maxHostnameCharacters) return undefined;
  // `postMessage` and CORS would treat the opaque origins of all pages alike.
  if (origin === "null") return undefined;

  return { href, origin, hostname, loopback };
}

/** For browsers, names below `localhost` are this computer as well (RFC 6761 §6.3): `http://app.localhost:3000`,
 * `http://tauri.localhost`. Each of them is another app: none stands for another, or for `localhost` itself. */
function isLoopback(hostname: string): boolean {
  if (loopbackHostnames.includes(hostname)) return true;
  return hostname.endsWith(".localhost") && dottedHostname.test(hostname);
}

/** Whether the owner lets this app log in at all. An empty list means: any app may ask, the user decides. */
export function isAllowedApp(origin: string, allowedApps: string[]): boolean {
  return allowedApps.length === 0 || allowedApps.some((entry) => isAllowedBy(entry, origin));
}

function isAllowedBy(entry: string, origin: string): boolean {
  if (faultOfAllowedApp(entry) !== undefined) return false;
  if (entry.endsWith(anyPort)) return withoutPort(origin) === entry.slice(0, -anyPort.length);
  const [scheme, parentDomain] = entry.split("://*");
  if (parentDomain === undefined) return origin === entry;
  // `parentDomain` begins with its dot, so neither `example.com` itself nor `evilexample.com` matches.
  return origin.startsWith(`${scheme}://`) && new URL(origin).host.endsWith(parentDomain);
}

export function withoutPort(origin: string): string {
  return origin.replace(/:\d+$/, "");
}

/**
 * `ALLOWED_APPS`: origins (`https://app.example`), wildcards (`https://*.example.com`) and, for apps on this computer, any
 * port (`http://127.0.0.1:*`), separated by spaces or commas. A faulty entry stays in the list, where it allows nobody:
 * leaving it out could empty the list, and an empty list allows everybody. So commas alone are a fault, too [A50].
 */
export function parseAllowedApps(value: string): { allowed: string[]; faults: string[] } {
  const allowed = value.split(/[\s,]+/).filter((entry) => entry !== "");
  if (value !== "" && allowed.length === 0) return { allowed, faults: [`No app is in the list. ${adviceFor("")}`] };
  const faults = allowed.map(faultOfAllowedApp).filter((fault) => fault !== undefined);
  return { allowed, faults };
}

const anyPort = ":*";

function faultOfAllowedApp(entry: string): string | undefined {
  if (!/^https?:\/\//.test(entry)) return `"${entry}" has no https://. ${adviceFor(`https://${entry}`)}`;
  if (entry.endsWith(anyPort)) return faultOfAnyPort(entry);

  // A wildcard is right where an app below that domain would be.
  const example = entry.replace("://*.", "://any.");
  const app = parseAppUrl(example);
  if (app === undefined) return `"${entry}" is not the origin of an app. ${adviceFor(entry)}`;
  if (app.origin !== example) return `"${entry}" is more than an origin. ${adviceFor(entry)}`;
  if (example !== entry && app.hostname.split(".").length < 3) {
    return `"${entry}" would allow a whole top-level domain. ${adviceFor("")}`;
  }
  return undefined;
}

/** Programs get their port from the operating system (RFC 8252 §7.3). Anywhere else, another port is another app. */
function faultOfAnyPort(entry: string): string | undefined {
  const origin = entry.slice(0, -anyPort.length);
  const app = parseAppUrl(origin);
  if (app?.loopback && app.origin === origin) return undefined;
  return `"${entry}" allows any port, which only an app on this computer needs. ${adviceFor(origin)}`;
}

/** What to write instead: the origin that the owner most likely meant. */
function adviceFor(entry: string): string {
  const example = entry.replace("://*.", "://any.");
  const meant = URL.canParse(example) ? new URL(example).origin : "";
  const origin = [meant, meant.replace(/^http:/, "https:")].find((candidate) => parseAppUrl(candidate) !== undefined);
  if (origin === undefined) return 'Write "https://app.example" or "https://*.example.com".';
  return `Write "${example === entry ? origin : origin.replace("://any.", "://*.")}".`;
}
