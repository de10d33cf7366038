/** Longer than any function may run. */
const timeoutMs = 60_000;

export interface Reply {
  status: number;
  /** `undefined`: no JSON. */
  body: unknown;
}

/**
 * One same-origin POST. It must be `fetch`: under `Referrer-Policy: no-referrer` a form would send `Origin: null`, and
 * the server could not tell our page from another.
 *
 * @returns `undefined` if the server could not be reached
 */
export async function postJson(path: string, body: unknown): Promise<Reply | undefined> {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, body: await response.json().catch(() => undefined) };
  } catch {
    return undefined;
  }
}
