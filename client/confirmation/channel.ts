/**
 * Between the holding window and the service's own window, within our origin: the name of the channel is the holding
 * window's id, which nobody else knows.
 */

const namePrefix = "holding:";

/** How long a window that is there may take to say so. */
const answerMs = 2_000;

const received = "received";

export interface Channel {
  close(): void;
}

/** In the holding window: takes what is sent under its id, for as long as `onValue` does not want it (`false`). */
export function listenAs(id: string, onValue: (value: unknown) => boolean): Channel {
  const channel = new BroadcastChannel(namePrefix + id);
  channel.onmessage = ({ data }: MessageEvent) => {
    if (data === received || !onValue(data)) return;
    channel.postMessage(received);
    channel.close();
  };
  return channel;
}

/** In the service's window. `false`: nobody there, or nobody who wants it. */
export function sendTo(id: string, value: unknown): Promise<boolean> {
  const channel = new BroadcastChannel(namePrefix + id);
  return new Promise<boolean>((resolve) => {
    channel.onmessage = ({ data }: MessageEvent) => data === received && resolve(true);
    setTimeout(() => resolve(false), answerMs);
    channel.postMessage(value);
  }).finally(() => channel.close());
}
