import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { readLimited } from "../request/read-limited.ts";

/**
 * The only module that sends requests. Their addresses come from configuration, never from a request, so nobody can make
 * us call an address of their choice. The answers are written by others and must be checked.
 */

const TIMEOUT_MS = 8_000;
const MAX_ANSWER_BYTES = 65_536;

export interface OutboundRequest {
  url: string;
  method: "GET" | "POST" | "DELETE";
  headers: Record<string, string>;
  body?: string;
}

export interface OutboundAnswer {
  status: number;
  text: string;
}

/** @throws {OAuthError} `service_unreachable`, `service_too_slow`, `service_unintelligible` (the answer is too long) */
export async function callService({ url, method, headers, body }: OutboundRequest): Promise<OutboundAnswer> {
  try {
    const response = await fetch(url, {
      method,
      // Without Accept some services answer with a form; without User-Agent some do not answer.
      headers: { Accept: "application/json", "User-Agent": "auth-provider", ...headers },
      ...(body === undefined ? {} : { body }),
      // Not "error", which not every runtime knows.
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (isRedirect(response)) throw new OAuthError(errors.service_unreachable);
    return { status: response.status, text: await readText(response) };
  } catch (error) {
    if (error instanceof OAuthError) throw error;
    const isTimeout = error instanceof Error && error.name === "TimeoutError";
    throw new OAuthError(isTimeout ? errors.service_too_slow : errors.service_unreachable);
  }
}

/**
 * Following a 307 would post the client secret to another address. A server's runtime shows the redirect as it came, and a
 * browser's hides it behind the status 0 (Fetch, "opaque-redirect filtered response").
 */
function isRedirect({ status }: Response): boolean {
  return status === 0 || (status >= 300 && status < 400);
}

async function readText({ body }: Response): Promise<string> {
  if (!body) return "";
  const bytes = await readLimited(body, MAX_ANSWER_BYTES);
  if (!bytes) throw new OAuthError(errors.service_unintelligible);
  return new TextDecoder().decode(bytes);
}
