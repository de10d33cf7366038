/**
 * The one rule for the URL of an app. Every URL that identifies an app (`client_id`, `redirect_uri`, Madata's `state.url`,
 * the origin of a CMS) is checked here, and only the result is shown, sealed or used as a message target.
 *
 * Anybody can write these URLs, so nothing is repaired: a URL that a parser would change is rejected. `location.href` is
 * already canonical, so this does not affect honest apps.
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

const MAX_URL_CHARACTERS = 2048;
const MAX_HOSTNAME_CHARACTERS = 253; // RFC 1035 §2.3.4

/** RFC 8252 §7.3. Other spellings of this computer's address (`127.1`, `0.0.0.0`, `[::ffff:7f00:1]`) are rejected. */
const LOOPBACK_HOSTNAMES = ["localhost", "127.0.0.1", "[::1]"];

/** URL parsers drop tabs and newlines, trim control characters, and read `\` as `/`, so people would read another URL. */
const AMBIGUOUS_CHARACTERS = /[\u0000-\u0020\u007F\\]/;

/**
 * Lower case, two slashes, then the host. Rejects `javascript:`, `data:`, `blob:https://…`, `*` (which `postMessage` takes
 * for "anybody"), and `https:evil.example` and `https:///evil.example`, which URL parsers repair.
 */
const SCHEME_AND_AUTHORITY = /^https?:\/\/([^/?#]+)/;

/**
 * At least two labels, none of them empty: no intranet names, no trailing dot (`good.example.` is another origin), and no
 * punctuation that URL parsers accept (`good.example,evil.example`, `*.evil.example`).
 */
const DOTTED_HOSTNAME = /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/;

/** `undefined`: the URL is not acceptable. */
export function parseAppUrl(input: unknown): AppUrl | undefined {
  if (typeof input !== "string") return undefined;
  if (input.length > MAX_URL_CHARACTERS) return undefined;
  if (AMBIGUOUS_CHARACTERS.test(input)) return undefined;

  const authority = SCHEME_AND_AUTHORITY.exec(input)?.[1];
  if (authority === undefined) return undefined;
  // `https://good.example@evil.example/` belongs to evil.example.
  if (authority.includes("@")) return undefined;

  if (!URL.canParse(input)) return undefined;
  const { href, origin, protocol, hostname } = new URL(input);
  // The parser changes upper case, default ports, dot segments, Unicode and percent-encoded hosts, `127.1`.
  if (href !== input && href !== `${input}/`) return undefined;

  const loopback = isLoopback(hostname);
  if (protocol !== "https:" && !loopback) return undefined;
  if (!loopback && !DOTTED_HOSTNAME.test(hostname)) return undefined;
  if (hostname.length > MAX_HOSTNAME_CHARACTERS) return undefined;
  // An opaque origin: `postMessage` and CORS could not tell one such page from another.
  if (origin === "null") return undefined;

  return { href, origin, hostname, loopback };
}

/**
 * For browsers, names below `localhost` are this computer as well (RFC 6761 §6.3): `http://app.localhost:3000`,
 * `http://tauri.localhost`. Each of these names is an app of its own.
 */
function isLoopback(hostname: string): boolean {
  if (LOOPBACK_HOSTNAMES.includes(hostname)) return true;
  return hostname.endsWith(".localhost") && DOTTED_HOSTNAME.test(hostname);
}

/** Whether the owner allows this app. With an empty list, any app may ask, and the user decides. */
export function isAllowedApp(origin: string, allowedApps: string[]): boolean {
  return allowedApps.length === 0 || allowedApps.some((entry) => isAllowedBy(entry, origin));
}

function isAllowedBy(entry: string, origin: string): boolean {
  if (issueWithEntry(entry) !== undefined) return false;
  if (entry.endsWith(ANY_PORT)) return withoutPort(origin) === entry.slice(0, -ANY_PORT.length);
  const [scheme, parentDomain] = entry.split("://*");
  if (parentDomain === undefined) return origin === entry;
  // `parentDomain` starts with a dot, so neither `example.com` nor `evilexample.com` matches.
  return origin.startsWith(`${scheme}://`) && new URL(origin).host.endsWith(parentDomain);
}

export function withoutPort(origin: string): string {
  return origin.replace(/:\d+$/, "");
}

/**
 * Reads `ALLOWED_APPS`: origins (`https://app.example`), wildcards (`https://*.example.com`) and, for apps on this
 * computer, any port (`http://127.0.0.1:*`), separated by spaces or commas. A wrong entry stays in the list, where it
 * allows nobody: without it, the list could become empty, and an empty list allows everybody. For the same reason, a list
 * of nothing but commas is an issue.
 */
export function parseAllowedApps(value: string): { allowed: string[]; issues: string[] } {
  const allowed = value.split(/[\s,]+/).filter((entry) => entry !== "");
  if (value !== "" && allowed.length === 0) return { allowed, issues: [`No app is in the list. ${adviceFor("")}`] };
  const issues = allowed.map(issueWithEntry).filter((issue) => issue !== undefined);
  return { allowed, issues };
}

const ANY_PORT = ":*";

function issueWithEntry(entry: string): string | undefined {
  if (!/^https?:\/\//.test(entry)) return `"${entry}" has no https://. ${adviceFor(`https://${entry}`)}`;
  if (entry.endsWith(ANY_PORT)) return issueWithAnyPort(entry);

  // A wildcard is valid if an app below that domain would be.
  const example = entry.replace("://*.", "://any.");
  const app = parseAppUrl(example);
  if (app === undefined) return `"${entry}" is not the origin of an app. ${adviceFor(entry)}`;
  if (app.origin !== example) return `"${entry}" is more than an origin. ${adviceFor(entry)}`;
  if (example !== entry && app.hostname.split(".").length < 3) {
    return `"${entry}" would allow a whole top-level domain. ${adviceFor("")}`;
  }
  return undefined;
}

/** Native apps get their port from the operating system (RFC 8252 §7.3). Anywhere else, another port is another app. */
function issueWithAnyPort(entry: string): string | undefined {
  const origin = entry.slice(0, -ANY_PORT.length);
  const app = parseAppUrl(origin);
  if (app?.loopback && app.origin === origin) return undefined;
  return `"${entry}" allows any port, which only an app on this computer needs. ${adviceFor(origin)}`;
}

/** Suggests the origin that the owner most likely meant. */
function adviceFor(entry: string): string {
  const example = entry.replace("://*.", "://any.");
  const meant = URL.canParse(example) ? new URL(example).origin : "";
  const origin = [meant, meant.replace(/^http:/, "https:")].find((candidate) => parseAppUrl(candidate) !== undefined);
  if (origin === undefined) return 'Write "https://app.example" or "https://*.example.com".';
  return `Write "${example === entry ? origin : origin.replace("://any.", "://*.")}".`;
}
