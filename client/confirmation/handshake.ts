import { isExactOrigin } from "./origin.ts";

/** Only what the handshake of a CMS can be: the page says it to a window of which it knows nothing. */
const handshakePattern = /^authorizing:[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Browsers lose a message now and then that is sent while several windows are being opened. */
const repeatMs = 1_000;

export function isHandshake(value: unknown): value is string {
  return typeof value === "string" && handshakePattern.test(value);
}

/**
 * Says who we are to the window that opened this one, and waits until it says the same back. The browser writes the
 * origin of a message, so this is the one thing about a CMS that it cannot make up [A8].
 *
 * Whatever else arrives is not for us: other windows, extensions, pages without an origin of their own.
 *
 * @returns the origin of the page that answered; never settles if none does
 */
export function shakeHands(opener: Window, handshake: string): Promise<string> {
  return new Promise((resolve) => {
    const listener = ({ source, origin, data }: MessageEvent) => {
      if (source !== opener || data !== handshake || !isExactOrigin(origin)) return;
      removeEventListener("message", listener);
      clearInterval(asking);
      resolve(origin);
    };
    addEventListener("message", listener);
    // To whoever it is: the words are the same for everybody, and tell nothing.
    const ask = () => opener.postMessage(handshake, "*");
    const asking = setInterval(ask, repeatMs);
    ask();
  });
}
