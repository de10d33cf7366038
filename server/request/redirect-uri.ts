import { parseAppUrl, withoutPort } from "../../shared/app-url.ts";
import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";

/** Parameters of authorization responses (RFC 6749 §4.1.2, RFC 9207): in a redirect URI they could pass for ours. */
const RESPONSE_PARAMETERS = ["code", "state", "iss", "error", "error_description", "error_uri"];

/**
 * The redirect URI of an app: a page of exactly the origin that client_id has [A3]. On loopback IP addresses any port
 * will do (RFC 8252 §7.3), because a native app gets its port from the operating system.
 *
 * @returns the origin that is shown, sealed and compared from here on
 * @throws {OAuthError} `invalid_redirect_uri`
 */
export function checkRedirectUri(redirectUri: string, clientId: string): { origin: string } {
  const target = parseAppUrl(redirectUri);
  const client = parseAppUrl(clientId);
  if (!target || !client || redirectUri.includes("#")) throw new OAuthError(reasons.invalid_redirect_uri);
  const query = new URL(redirectUri).searchParams;
  if (RESPONSE_PARAMETERS.some((name) => query.has(name))) throw new OAuthError(reasons.invalid_redirect_uri);
  const sameOrigin = target.origin === client.origin;
  const sameLoopbackIp = isLoopbackIp(target.hostname) && withoutPort(target.origin) === withoutPort(client.origin);
  if (!sameOrigin && !sameLoopbackIp) throw new OAuthError(reasons.invalid_redirect_uri);
  return { origin: target.origin };
}

/**
 * What redirectors take for another address, or for the place where one is given: a query and other parameters, `//`, a
 * scheme (`https:`, `/https/`), a user name's `@`, the `\` that browsers read as `/`, and the control characters that
 * they drop. A `%` that is still there after decoding was encoded twice, for somebody who decodes twice.
 *
 * The line is drawn here, because what lies beyond looks like any page: a bare host (`/go/evil.example` beside
 * `/a/b.c/index.html`), a word that stands for an address (`/go/abc`), base64. There the person is the one who decides,
 * since the question shows the whole redirect URI.
 */
const MARK_OF_ADDRESS = /[?&=;:@\\%\u0000-\u001F\u007F]|\/\/|\/https?\/|\/www\./i;

/** A redirect URI that could lead on to somewhere else: the app's own open redirector, and where it is to lead [A21]. */
export function mayCarryAddress(redirectUri: string): boolean {
  const { origin } = new URL(redirectUri);
  return MARK_OF_ADDRESS.test(decode(redirectUri.slice(origin.length)));
}

/** What cannot be decoded stays as it is, with its `%`. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `localhost` is not among them: RFC 8252 §8.3 advises against it, and other users' names may resolve to it. Nor is a name
 * below it, which is one app's. */
function isLoopbackIp(hostname: string): boolean {
  return hostname === "127.0.0.1" || hostname === "[::1]";
}
