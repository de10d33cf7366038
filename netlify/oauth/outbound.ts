import { readLimited } from "./read-limited.ts";

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

/** Why there is no answer. */
export type OutboundFailure = "unreachable" | "too_slow" | "too_large";

export class OutboundError extends Error {
  readonly failure: OutboundFailure;

  constructor(failure: OutboundFailure) {
    super(failure);
    this.failure = failure;
  }
}

/** @throws {OutboundError} when there is no answer, or more of it than any of our questions needs */
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
    if (error instanceof OutboundError) throw error;
    throw new OutboundError(error instanceof Error && error.name === "TimeoutError" ? "too_slow" : "unreachable");
  }
}

async function readText({ body }: Response): Promise<string> {
  if (!body) return "";
  const bytes = await readLimited(body, MAX_ANSWER_BYTES);
  if (!bytes) throw new OutboundError("too_large");
  return new TextDecoder().decode(bytes);
}
