import { isExactOrigin } from "./origin.ts";

/** The page sends it to a window that it knows nothing about, so it must not be able to say anything else. */
const handshakePattern = /^authorizing:[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Browsers sometimes lose a message that is sent while several windows open. */
const repeatMs = 1_000;

export function isHandshake(value: unknown): value is string {
  return typeof value === "string" && handshakePattern.test(value);
}

/**
 * Sends the handshake to the opener and waits until the opener sends it back. The browser sets the origin of a message, so
 * a page cannot pretend to be another one. Messages from other windows, extensions and opaque origins are ignored.
 *
 * @returns the origin of the page that answered; never settles if none does
 */
export function shakeHands(opener: Window, handshake: string): Promise<string> {
  return new Promise((resolve) => {
    const listener = ({ source, origin, data }: MessageEvent) => {
      if (source !== opener || data !== handshake || !isExactOrigin(origin)) return;
      removeEventListener("message", listener);
      clearInterval(repeating);
      resolve(origin);
    };
    addEventListener("message", listener);
    // The opener may be any page: the handshake is no secret.
    const send = () => opener.postMessage(handshake, "*");
    const repeating = setInterval(send, repeatMs);
    send();
  });
}
