import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { readLimited } from "../request/read-limited.ts";

/**
 * The one module that calls out. Where it calls to is always configuration, never part of a request [A12]; what comes
 * back is somebody else's text.
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

/** @throws {OAuthError} `service_unreachable`, `service_too_slow`, `service_unintelligible` (more text than any answer needs) */
export async function callService({ url, method, headers, body }: OutboundRequest): Promise<OutboundAnswer> {
  try {
    const response = await fetch(url, {
      method,
      // Without Accept some services answer a form; without User-Agent some answer nothing.
      headers: { Accept: "application/json", "User-Agent": "auth-provider", ...headers },
      ...(body === undefined ? {} : { body }),
      // A 307 would post the client secret to wherever it points [A17].
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, text: await readText(response) };
  } catch (error) {
    if (error instanceof OAuthError) throw error;
    const isTimeout = error instanceof Error && error.name === "TimeoutError";
    throw new OAuthError(isTimeout ? reasons.service_too_slow : reasons.service_unreachable);
  }
}

async function readText({ body }: Response): Promise<string> {
  if (!body) return "";
  const bytes = await readLimited(body, MAX_ANSWER_BYTES);
  if (!bytes) throw new OAuthError(reasons.service_unintelligible);
  return new TextDecoder().decode(bytes);
}

/** The members of a JSON object; `undefined` for anything else. */
export function parseJsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
