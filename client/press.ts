/**
 * Decides whether a press of Yes was meant. It knows nothing of the page: `gate.ts` feeds it events and says when the
 * button has been armed.
 *
 * Three ways count, all of them begun after arming:
 * - a pointer that went down and up on the button, a mouse only if it moved in this document before [A7];
 * - a key that went down and up on the button and was not held from before [A6];
 * - a click that no pointer and no key made: assistive technology.
 */
export type Verdict = "accepted" | "refused" | "pending";

/** What matters of an event; `timeStamp` is when the browser saw it. */
type Seen = Pick<Event, "timeStamp" | "isTrusted">;
export type PointerPress = Seen & Pick<PointerEvent, "pointerId" | "pointerType">;
export type KeyPress = Seen & Pick<KeyboardEvent, "key" | "repeat">;

/** Keys that activate a button. */
const activatingKeys = ["Enter", " "];

export class Press {
  #armedAt = Infinity;
  #moved = false;
  /** The pointer that is down on the button, and the one whose press is complete. */
  #pointerDown: number | undefined;
  #pointerDone = false;
  #keyDown: string | undefined;
  #heldKeys = new Set<string>();
  /** A pointer went down or up, or an activating key did, since arming: a click is then no bare click. */
  #touched = false;

  arm(time: number): void {
    this.#armedAt = time;
    this.#pointerDown = undefined;
    this.#pointerDone = false;
    this.#keyDown = undefined;
    this.#touched = false;
  }

  /** The countdown begins anew: only what happens from now on counts. Held keys stay held. */
  disarm(): void {
    this.arm(Infinity);
    this.#moved = false;
  }

  /** The window lost its focus, and the release of a key with it. A key still held will repeat before arming. */
  forgetKeys(): void {
    this.#heldKeys.clear();
  }

  pointerMove({ isTrusted }: Pick<Seen, "isTrusted">): void {
    if (isTrusted) this.#moved = true;
  }

  pointerDown(event: PointerPress, onButton: boolean): void {
    this.#touched = true;
    this.#pointerDone = false;
    // A finger cannot move before it touches; tapping before arming restarts the countdown instead (`gate.ts`).
    const moved = this.#moved || event.pointerType !== "mouse";
    const counts = onButton && moved && this.#isGenuine(event);
    this.#pointerDown = counts ? event.pointerId : undefined;
  }

  pointerUp(event: PointerPress, onButton: boolean): void {
    this.#touched = true;
    this.#pointerDone = event.isTrusted && onButton && this.#pointerDown === event.pointerId;
    this.#pointerDown = undefined;
  }

  keyDown(event: KeyPress, onButton: boolean): void {
    const wasHeld = this.#heldKeys.has(event.key);
    this.#heldKeys.add(event.key);
    if (!activatingKeys.includes(event.key)) return;
    this.#touched = true;
    if (event.repeat || wasHeld) return;
    const counts = onButton && this.#isGenuine(event);
    this.#keyDown = counts ? event.key : undefined;
  }

  /** Browsers click on the *down* of Enter and on the *up* of Space; only a released key counts, whichever it is. */
  keyUp(event: KeyPress, onButton: boolean): Verdict {
    this.#heldKeys.delete(event.key);
    if (!activatingKeys.includes(event.key)) return "pending";
    this.#touched = true;
    const counts = event.isTrusted && onButton && this.#keyDown === event.key;
    this.#keyDown = undefined;
    return counts ? "accepted" : "pending";
  }

  click(event: Seen): Verdict {
    if (!this.#isGenuine(event)) return "refused";
    if (this.#pointerDone) return "accepted";
    if (this.#heldKeys.size > 0) return "pending";
    return this.#touched ? "refused" : "accepted";
  }

  /** Not made by a script, and not begun before arming, however late it comes. */
  #isGenuine({ isTrusted, timeStamp }: Seen): boolean {
    return isTrusted && timeStamp >= this.#armedAt;
  }
}
