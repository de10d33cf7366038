/** base64url of UTF-8 JSON, as the server writes it. */
export function encodeFragment(value: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Returns `undefined` for anything that `encodeFragment` would not write: anybody can link to a page with any fragment. */
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

/** The value of a fragment, and when the page got it. Lifetimes count from then, so the computer's clock may be wrong. */
export interface Taken {
  value: unknown;
  /** Milliseconds since 1970, by this computer's clock. */
  takenAtMs: number;
}

/**
 * Removes the fragment from the address bar and the history, where others could find it. After a reload it is in
 * `history.state`, which no other page can read.
 */
export function takeFragment(path: string): Taken {
  // An opener can change the fragment without a reload; the page would then show something else than it was given.
  addEventListener("hashchange", () => location.reload());
  if (location.hash === "") return (history.state as Taken | null) ?? { value: undefined, takenAtMs: 0 };
  const taken = { value: decodeFragment(location.hash), takenAtMs: Date.now() };
  history.replaceState(taken, "", path);
  return taken;
}

/** Stores a value in place of the fragment, for a reload. */
export function keepFragment(path: string, taken: Taken): void {
  history.replaceState(taken, "", path);
}

/** After the answer: a reload must not ask again. */
export function forgetFragment(path: string): void {
  history.replaceState(null, "", path);
}
