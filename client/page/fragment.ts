/** base64url of UTF-8 JSON, as the server writes it. */
export function encodeFragment(value: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Decodes what `encodeFragment` made: base64url of UTF-8 JSON. Anything else is `undefined`; anybody can write one. */
export function decodeFragment(fragment: string): unknown {
  const encoded = fragment.replace(/^#/, "");
  if (!/^[A-Za-z0-9_-]+$/.test(encoded)) return undefined;
  try {
    const binary = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** What a page was given, and when. Seconds count from there, so a computer's clock may be as wrong as it likes. */
export interface Taken {
  value: unknown;
  /** Milliseconds since 1970, by this computer's clock. */
  takenAtMs: number;
}

/**
 * Takes the page's fragment out of the address bar and out of the history [A35]. A reload finds it in `history.state`,
 * which no other page can read.
 */
export function takeFragment(path: string): Taken {
  // An opener can change our fragment without loading the page anew: then what is shown would not be what is asked.
  addEventListener("hashchange", () => location.reload());
  if (location.hash === "") return (history.state as Taken | null) ?? { value: undefined, takenAtMs: 0 };
  const taken = { value: decodeFragment(location.hash), takenAtMs: Date.now() };
  history.replaceState(taken, "", path);
  return taken;
}

/** What has become known since goes along with it, for a reload. */
export function keepFragment(path: string, taken: Taken): void {
  history.replaceState(taken, "", path);
}

/** The answer has been given: a reload must not ask again. */
export function forgetFragment(path: string): void {
  history.replaceState(null, "", path);
}
