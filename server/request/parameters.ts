import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { parseJsonObject } from "./json-object.ts";
import { readLimited } from "./read-limited.ts";

/** Long enough for the longest code that a service issues. */
export const MAX_URL_CHARACTERS = 16_384;
/** A token request needs about 2 KiB. */
export const MAX_BODY_BYTES = 16_384;
/** For parameters that an app writes itself. */
const MAX_APP_PARAMETER_CHARACTERS = 2_048;

const CONTROL_CHARACTER = /[\x00-\x1F\x7F]/;

/**
 * Reads the named parameters. A repeated parameter is an error, an empty one counts as absent, an unknown one is ignored
 * (RFC 6749 §3.1, §3.2). All values have a limited length.
 *
 * @throws {OAuthError} `duplicate_parameter`, `oversized_parameter`
 */
export function pickParameters<Name extends string>(
  from: URLSearchParams,
  names: readonly Name[],
  maxCharacters: number = MAX_APP_PARAMETER_CHARACTERS,
): Partial<Record<Name, string>> {
  const picked: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const values = from.getAll(name);
    if (values.length > 1) throw new OAuthError(errors.duplicate_parameter);
    const value = values[0];
    if (!value) continue;
    if (value.length > maxCharacters || CONTROL_CHARACTER.test(value)) throw new OAuthError(errors.oversized_parameter);
    picked[name] = value;
  }
  return picked;
}

/**
 * Whether the app asks for a token for another server (RFC 8707 §2), even by an empty parameter. Every token here is the
 * service's own, so an app that wants one for somebody else must not get it.
 */
export function namesResource(from: URLSearchParams): boolean {
  return from.has("resource");
}

/**
 * Reads a small text body. Reading stops as soon as the body is too large, whatever its Content-Length says.
 *
 * @throws {OAuthError} `too_large`, `unreadable_body`
 */
export async function readBody(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw new OAuthError(errors.too_large);
  if (!request.body) return "";
  const bytes = await readLimited(request.body, MAX_BODY_BYTES).catch(() => {
    // The client has ended the connection in the middle, or what it sent breaks the rules of HTTP.
    throw new OAuthError(errors.unreadable_body);
  });
  if (!bytes) throw new OAuthError(errors.too_large);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new OAuthError(errors.unreadable_body);
  }
}

/**
 * Reads the parameters of a token request: a form (RFC 6749 §4.1.3), or the same as JSON, which some CMSes send.
 *
 * @throws {OAuthError} `unreadable_body`, `too_large`
 */
export async function readForm(request: Request): Promise<URLSearchParams> {
  const type = mediaType(request);
  const body = await readBody(request);
  if (type === "application/x-www-form-urlencoded") return new URLSearchParams(body);
  if (type !== "application/json") throw new OAuthError(errors.unreadable_body);
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(requireJsonObject(body))) {
    if (typeof value !== "string") throw new OAuthError(errors.unreadable_body);
    form.append(name, value);
  }
  return form;
}

/**
 * Reads the JSON body of a POST from one of our own pages. The media type matters: a form on another site cannot send it,
 * and a script there would need a CORS preflight, which we do not allow.
 *
 * @throws {OAuthError} `unreadable_body`, `too_large`
 */
export async function readJson(request: Request): Promise<Record<string, unknown>> {
  if (mediaType(request) !== "application/json") throw new OAuthError(errors.unreadable_body);
  return requireJsonObject(await readBody(request));
}

function mediaType(request: Request): string {
  return (request.headers.get("content-type") ?? "").split(";", 1)[0]!.trim().toLowerCase();
}

function requireJsonObject(text: string): Record<string, unknown> {
  const object = parseJsonObject(text);
  if (!object) throw new OAuthError(errors.unreadable_body);
  return object;
}
