/**
 * Between the waiting window and the service's window, within our origin. The channel's name contains the id of the waiting
 * window, which nobody else knows.
 */

const namePrefix = "waiting:";

/** How long the waiting window may take to confirm that it has the value. */
const answerMs = 2_000;

const received = "received";

export interface Channel {
  close(): void;
}

/** In the waiting window: listens until `onValue` takes a value (`true`). */
export function listenAs(id: string, onValue: (value: unknown) => boolean): Channel {
  const channel = new BroadcastChannel(namePrefix + id);
  channel.onmessage = ({ data }: MessageEvent) => {
    if (data === received || !onValue(data)) return;
    channel.postMessage(received);
    channel.close();
  };
  return channel;
}

/** In the service's window. `false`: nobody has taken the value. */
export function sendTo(id: string, value: unknown): Promise<boolean> {
  const channel = new BroadcastChannel(namePrefix + id);
  return new Promise<boolean>((resolve) => {
    channel.onmessage = ({ data }: MessageEvent) => data === received && resolve(true);
    setTimeout(() => resolve(false), answerMs);
    channel.postMessage(value);
  }).finally(() => channel.close());
}
