import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { readLimited } from "./read-limited.ts";

/** Longest address of a request: room for the largest code of a service. */
export const MAX_URL_CHARACTERS = 16_384;
/** Longest body of a POST; a token request needs about 2 KiB. */
export const MAX_BODY_BYTES = 16_384;
/** Longest parameter that an app writes itself. */
const MAX_APP_PARAMETER_CHARACTERS = 2_048;
/** Longest parameter that holds a value sealed by us, or a service's code. */
export const MAX_SEALED_CHARACTERS = 12_288;

const CONTROL_CHARACTER = /[\x00-\x1F\x7F]/;

/**
 * Picks the named parameters. A repeated one is an error, an empty one counts as absent, an unknown one is ignored
 * (RFC 6749 §3.1, §3.2). Whatever follows works with plain strings of bounded length.
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
    if (values.length > 1) throw new OAuthError(reasons.duplicate_parameter);
    const value = values[0];
    if (!value) continue;
    if (value.length > maxCharacters || CONTROL_CHARACTER.test(value))
      throw new OAuthError(reasons.oversized_parameter);
    picked[name] = value;
  }
  return picked;
}

/**
 * Whether a token for another server is asked for (RFC 8707 §2), even if only by an empty parameter. Every token here is
 * the service's own, and an app that meant it for somebody else must not be handed one.
 */
export function namesResource(from: URLSearchParams): boolean {
  return from.has("resource");
}

/**
 * Reads a small text body, and stops reading when it turns out to be large, whatever Content-Length says.
 *
 * @throws {OAuthError} `too_large`, `unreadable_body`
 */
export async function readBody(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw new OAuthError(reasons.too_large);
  if (!request.body) return "";
  const bytes = await readLimited(request.body, MAX_BODY_BYTES);
  if (!bytes) throw new OAuthError(reasons.too_large);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new OAuthError(reasons.unreadable_body);
  }
}

/**
 * A token request's parameters: a form (RFC 6749 §4.1.3), or the same as JSON, which the PKCE modes of some CMSes send.
 *
 * @throws {OAuthError} `unreadable_body`, `too_large`
 */
export async function readForm(request: Request): Promise<URLSearchParams> {
  const type = mediaType(request);
  const body = await readBody(request);
  if (type === "application/x-www-form-urlencoded") return new URLSearchParams(body);
  if (type !== "application/json") throw new OAuthError(reasons.unreadable_body);
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parseJsonObject(body))) {
    if (typeof value !== "string") throw new OAuthError(reasons.unreadable_body);
    form.append(name, value);
  }
  return form;
}

/**
 * The JSON body of a POST that our own pages send. The type matters: a form on a foreign page cannot send it without a
 * preflight, which we do not answer [A2].
 *
 * @throws {OAuthError} `unreadable_body`, `too_large`
 */
export async function readJson(request: Request): Promise<Record<string, unknown>> {
  if (mediaType(request) !== "application/json") throw new OAuthError(reasons.unreadable_body);
  return parseJsonObject(await readBody(request));
}

function mediaType(request: Request): string {
  return (request.headers.get("content-type") ?? "").split(";", 1)[0]!.trim().toLowerCase();
}

function parseJsonObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new OAuthError(reasons.unreadable_body);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new OAuthError(reasons.unreadable_body);
  return value as Record<string, unknown>;
}
