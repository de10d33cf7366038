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

export interface PointerPress {
  time: number;
  trusted: boolean;
  onButton: boolean;
  pointerId: number;
  pointerType: string;
}

export interface KeyPress {
  time: number;
  trusted: boolean;
  onButton: boolean;
  key: string;
  repeat: boolean;
}

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

  pointerMove(event: { trusted: boolean }): void {
    if (event.trusted) this.#moved = true;
  }

  pointerDown(event: PointerPress): void {
    this.#touched = true;
    this.#pointerDone = false;
    // A finger cannot move before it touches; tapping before arming restarts the countdown instead (`gate.ts`).
    const moved = this.#moved || event.pointerType !== "mouse";
    const counts = event.trusted && event.onButton && moved && this.#isAfterArming(event.time);
    this.#pointerDown = counts ? event.pointerId : undefined;
  }

  pointerUp(event: PointerPress): void {
    this.#touched = true;
    this.#pointerDone = event.trusted && event.onButton && this.#pointerDown === event.pointerId;
    this.#pointerDown = undefined;
  }

  keyDown(event: KeyPress): void {
    const wasHeld = this.#heldKeys.has(event.key);
    this.#heldKeys.add(event.key);
    if (!activatingKeys.includes(event.key)) return;
    this.#touched = true;
    if (event.repeat || wasHeld) return;
    const counts = event.trusted && event.onButton && this.#isAfterArming(event.time);
    this.#keyDown = counts ? event.key : undefined;
  }

  /** Browsers click on the *down* of Enter and on the *up* of Space; only a released key counts, whichever it is. */
  keyUp(event: KeyPress): Verdict {
    this.#heldKeys.delete(event.key);
    if (!activatingKeys.includes(event.key)) return "pending";
    this.#touched = true;
    const counts = event.trusted && event.onButton && this.#keyDown === event.key;
    this.#keyDown = undefined;
    return counts ? "accepted" : "pending";
  }

  click(event: { trusted: boolean; time: number }): Verdict {
    if (!event.trusted || !this.#isAfterArming(event.time)) return "refused";
    if (this.#pointerDone) return "accepted";
    if (this.#heldKeys.size > 0) return "pending";
    return this.#touched ? "refused" : "accepted";
  }

  #isAfterArming(time: number): boolean {
    return time >= this.#armedAt;
  }
}
