import { parseAppUrl, withoutPort } from "../../shared/app-url.ts";
import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";

/** Parameters of authorization responses (RFC 6749 §4.1.2, RFC 9207). In a redirect URI they could be taken for ours. */
const RESPONSE_PARAMETERS = ["code", "state", "iss", "error", "error_description", "error_uri"];

/**
 * Checks the redirect URI of an app: it must have the same origin as client_id, so that a code cannot be sent to somebody
 * else. On loopback IP addresses the port may differ (RFC 8252 §7.3): the operating system chooses it.
 *
 * @returns the origin that is shown, sealed and compared from here on
 * @throws {OAuthError} `invalid_redirect_uri`
 */
export function checkRedirectUri(redirectUri: string, clientId: string): { origin: string } {
  const target = parseAppUrl(redirectUri);
  const client = parseAppUrl(clientId);
  if (!target || !client || redirectUri.includes("#")) throw new OAuthError(errors.invalid_redirect_uri);
  const query = new URL(redirectUri).searchParams;
  if (RESPONSE_PARAMETERS.some((name) => query.has(name))) throw new OAuthError(errors.invalid_redirect_uri);
  const sameOrigin = target.origin === client.origin;
  const sameLoopbackIp = isLoopbackIp(target.hostname) && withoutPort(target.origin) === withoutPort(client.origin);
  if (!sameOrigin && !sameLoopbackIp) throw new OAuthError(errors.invalid_redirect_uri);
  return { origin: target.origin };
}

/**
 * Signs of another address in a path: a query and other parameters, `//`, a scheme (`https:`, `/https/`), the `@` after a
 * user name, the `\` that browsers read as `/`, and the control characters that they drop. A `%` after decoding means
 * that something was encoded twice, for a redirector that decodes twice.
 *
 * Other addresses cannot be told from ordinary paths: a bare host (`/go/evil.example` and `/a/b.c/index.html`), a word that
 * stands for an address (`/go/abc`), base64. For those, the question shows the whole redirect URI and the user decides.
 */
const SIGN_OF_ADDRESS = /[?&=;:@\\%\u0000-\u001F\u007F]|\/\/|\/https?\/|\/www\./i;

/**
 * Whether a redirect URI could contain another address: an open redirector of the app would send the code there. All others
 * are *plain* pages.
 */
export function mayCarryAddress(redirectUri: string): boolean {
  const { origin } = new URL(redirectUri);
  return SIGN_OF_ADDRESS.test(decode(redirectUri.slice(origin.length)));
}

/** Text that cannot be decoded stays as it is, with its `%`. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Not `localhost`, which RFC 8252 §8.3 advises against, nor a name below it: each of these names is an app of its own. */
function isLoopbackIp(hostname: string): boolean {
  return hostname === "127.0.0.1" || hostname === "[::1]";
}
