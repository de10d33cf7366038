import type { IncomingMessage } from "node:http";
import { request as requestByHttp } from "node:http";
import { request as requestByHttps } from "node:https";
import type { Answer, Probe, Send } from "./case.ts";
import { NoAnswer } from "./case.ts";

const MAX_ANSWER_BYTES = 1_000_000;
/** How often and how long to wait at most when the provider answers with 429. */
const MAX_WAITS = 5;
const MAX_WAIT_SECONDS = 120;
const DEFAULT_WAIT_SECONDS = 60;

export interface Pace {
  /** How long an answer may take. */
  patienceMs: number;
  pauseMs: number;
  sleep: (ms: number) => Promise<void>;
  onWait: (seconds: number) => void;
  /** `false`: each request has a connection of its own. */
  agent?: false;
}

/**
 * Sends requests exactly as written. Unlike `fetch`, it does not normalize paths, follow redirects or drop headers. It
 * pauses before each request, and waits longer when the provider asks for that (RFC 6585 §4).
 */
export function sendTo(origin: string, pace: Pace): Send {
  return async (probe) => {
    for (let waits = 0; ; waits += 1) {
      await pace.sleep(pace.pauseMs);
      const answer = await sendOnce(origin, probe, pace).catch((error: unknown) => {
        throw new NoAnswer(probe, error instanceof Error ? error.message : String(error));
      });
      if (answer.status !== 429) return answer;
      // The answer came from the platform's rate limit, not from the provider.
      if (waits === MAX_WAITS) throw new NoAnswer(probe, `still too many requests after waiting ${MAX_WAITS} times`);
      const seconds = Math.min(Number(answer.headers.get("retry-after")) || DEFAULT_WAIT_SECONDS, MAX_WAIT_SECONDS);
      pace.onWait(seconds);
      await pace.sleep(seconds * 1_000);
    }
  };
}

function sendOnce(
  origin: string,
  { method = "GET", path, headers = {}, body }: Probe,
  { patienceMs, agent }: Pace,
): Promise<Answer> {
  const { hostname, port, protocol } = new URL(origin);
  const send = protocol === "https:" ? requestByHttps : requestByHttp;
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const outgoing = send(
      {
        hostname: hostname.replace(/^\[|\]$/g, ""),
        port,
        path,
        method,
        headers: { "user-agent": "auth-provider-attacks", ...headers, ...length },
        timeout: patienceMs,
        agent,
      },
      (incoming) => void read(incoming).then(resolve, reject),
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${patienceMs / 1_000} s`)));
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

async function read(incoming: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_ANSWER_BYTES) chunks.push(chunk);
  }
  const headers = new Headers();
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index]!, incoming.rawHeaders[index + 1]!);
  }
  return { status: incoming.statusCode ?? 0, headers, text: Buffer.concat(chunks).toString() };
}
