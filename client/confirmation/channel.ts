/**
 * Between the waiting window and the service's window, within our origin. The channel's name contains the id of the waiting
 * window, which nobody else knows.
 */

const namePrefix = "waiting:";

/** How long the waiting window may take to confirm that it has the value. */
const answerMs = 2_000;

const received = "received";

/**
 * In the waiting window: listens until `onValue` takes a value (`true`).
 *
 * @returns whether the browser allows it. Some do not where they block cookies
 */
export function listenAs(id: string, onValue: (value: unknown) => boolean): boolean {
  const channel = openChannel(id);
  if (channel === undefined) return false;
  channel.onmessage = ({ data }: MessageEvent) => {
    if (data === received || !onValue(data)) return;
    channel.postMessage(received);
    channel.close();
  };
  return true;
}

/** In the service's window. `false`: nobody has taken the value. */
export async function sendTo(id: string, value: unknown): Promise<boolean> {
  const channel = openChannel(id);
  if (channel === undefined) return false;
  return await new Promise<boolean>((resolve) => {
    channel.onmessage = ({ data }: MessageEvent) => data === received && resolve(true);
    setTimeout(() => resolve(false), answerMs);
    channel.postMessage(value);
  }).finally(() => channel.close());
}

function openChannel(id: string): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(namePrefix + id);
  } catch {
    return undefined;
  }
}
