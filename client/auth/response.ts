import { isObject, isText } from "../page/values.ts";
import { clientError, responseError } from "./errors.ts";
import type { Login } from "./login.ts";
import { isOurState } from "./login.ts";
import { issuer } from "./provider.ts";

/** An authorization response (RFC 6749 §4.1.2, RFC 9207). Anybody could have written it. */
export interface AuthorizationResponse {
  state: string;
  code?: string;
  iss?: string;
  error?: string;
  error_description?: string;
}

const parameters = ["state", "code", "iss", "error", "error_description"] as const;

export function readResponse(value: unknown): AuthorizationResponse | undefined {
  if (!isObject(value) || !isText(value.state)) return undefined;
  const known = parameters.filter((name) => isText(value[name])).map((name) => [name, value[name]]);
  const response = Object.fromEntries(known) as AuthorizationResponse;
  return response.code === undefined && response.error === undefined ? undefined : response;
}

/** The response in an address, and the address without it. */
export function takeResponse(href: string): { response: AuthorizationResponse; rest: string } | undefined {
  const url = new URL(href);
  const response = readResponse(Object.fromEntries(url.searchParams));
  // It may be for another OAuth client on the same page.
  if (response === undefined || !isOurState(response.state)) return undefined;
  url.search = url.search.slice(1).split("&").filter(isOfTheApp).join("&");
  return { response, rest: url.href };
}

/** The app's own parameters keep their spelling: `URLSearchParams` would write `+` for `%20`. */
function isOfTheApp(pair: string): boolean {
  const written = new URLSearchParams(pair);
  return !parameters.some((name) => written.has(name));
}

/** @throws {AuthError} for an error response, and for a response to another login or of another server */
export function readCode(login: Login, { state, iss, code, error, error_description }: AuthorizationResponse): string {
  // Which login this answers, and which server does (RFC 6749 §10.12, RFC 9207 §2.4).
  if (state !== login.state) throw clientError("invalid_response");
  if (iss !== issuer(login)) throw clientError("wrong_issuer");
  if (error !== undefined) throw responseError(error, error_description);
  if (code === undefined) throw clientError("invalid_response");
  return code;
}
