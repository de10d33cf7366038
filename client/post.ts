import type { Refusal } from "../netlify/oauth/question.ts";
import { readAnswer } from "./answer.ts";

/** Longer than any function may run. */
const timeoutMs = 60_000;

export type Reply =
  | { kind: "success"; body: unknown }
  | { kind: "refusal"; status: number; refusal: Refusal | undefined }
  | { kind: "unreachable" };

/**
 * One same-origin POST. It must be `fetch`: under `Referrer-Policy: no-referrer` a form would send `Origin: null`, and
 * the server could not tell our page from another.
 */
export async function postJson(path: string, body: unknown): Promise<Reply> {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      credentials: "same-origin",
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answered: unknown = await response.json().catch(() => undefined);
    if (response.status === 200) return { kind: "success", body: answered };
    return { kind: "refusal", status: response.status, refusal: readRefusal(answered) };
  } catch {
    return { kind: "unreachable" };
  }
}

/** Asks for nothing, so that the function behind the path is awake when it is needed. */
export function wake(path: string): void {
  void fetch(path, { method: "OPTIONS" }).catch(() => undefined);
}

function readRefusal(value: unknown): Refusal | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { error, error_description, reason, answer } = value as Record<string, unknown>;
  if (typeof error !== "string" || typeof error_description !== "string" || typeof reason !== "string") return undefined;
  const readable = readAnswer(answer);
  return { error, error_description, reason, ...(readable !== undefined && { answer: readable }) };
}
