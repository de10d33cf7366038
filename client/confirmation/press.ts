/**
 * Decides whether a press of Yes was meant. It knows nothing of the page: `gate.ts` feeds it events and says when the
 * button has been armed, which is after a second in which nothing was pressed.
 *
 * Three ways count, all of them begun after arming:
 * - a pointer that went down and up on the button [A7];
 * - a key that went down and up on the button, however long it was held in between [A6];
 * - a click that no pointer and no key made: assistive technology.
 *
 * Every other press, anywhere in the page, is refused, and the second begins anew: clicks in a row never count.
 */
export type Verdict = "accepted" | "refused" | "pending";

/** What matters of an event; `timeStamp` is when the browser saw it. */
type Seen = Pick<Event, "timeStamp" | "isTrusted">;
export type PointerPress = Seen & Pick<PointerEvent, "pointerId" | "button">;
export type KeyPress = Seen & Pick<KeyboardEvent, "key" | "repeat">;

/** Keys that activate a button. Others move the focus, scroll, or belong to a screen reader. */
const activatingKeys = ["Enter", " "];

export class Press {
  #armedAt = Infinity;
  /** What is down on the button: a pointer, by its id, or a key. */
  #down: number | string | undefined;
  /** The pointer has come up there, too. */
  #isComplete = false;
  #wasMouseDown = false;

  arm(time: number): void {
    this.#armedAt = time;
    this.#down = undefined;
    this.#isComplete = false;
    this.#wasMouseDown = false;
  }

  /** The countdown begins anew: only what happens from the next arming on counts. */
  disarm(): void {
    this.arm(Infinity);
  }

  pointerDown(event: PointerPress, onButton: boolean): Verdict {
    return this.#begin(event.pointerId, event, onButton && event.button === 0);
  }

  pointerUp(event: PointerPress, onButton: boolean): Verdict {
    this.#isComplete = onButton && event.isTrusted && this.#down === event.pointerId;
    this.#down = undefined;
    return this.#isComplete ? "pending" : "refused";
  }

  /** Of a second button of a mouse, while the first is down, nothing else tells (Pointer Events §4.1.1.1). */
  mouseDown(event: Seen, onButton: boolean): Verdict {
    const isFirst = !this.#wasMouseDown;
    this.#wasMouseDown = true;
    return isFirst && onButton && this.#isGenuine(event) ? "pending" : "refused";
  }

  keyDown(event: KeyPress, onButton: boolean): Verdict {
    if (!activatingKeys.includes(event.key) || event.key === this.#down) return "pending";
    return this.#begin(event.key, event, onButton && !event.repeat);
  }

  /** Browsers click on the *down* of Enter and on the *up* of Space; only a released key counts, whichever it is. */
  keyUp(event: KeyPress, onButton: boolean): Verdict {
    if (!activatingKeys.includes(event.key)) return "pending";
    return onButton && event.isTrusted && this.#down === event.key ? "accepted" : "refused";
  }

  click(event: Seen): Verdict {
    if (!this.#isGenuine(event)) return "refused";
    if (this.#down === undefined) return "accepted";
    // The key's own click; its release is still to come.
    return typeof this.#down === "string" ? "pending" : "refused";
  }

  /** One press at a time. */
  #begin(what: number | string, event: Seen, counts: boolean): Verdict {
    const isSecond = this.#down !== undefined || this.#isComplete || this.#wasMouseDown;
    if (isSecond || !counts || !this.#isGenuine(event)) return "refused";
    this.#down = what;
    return "pending";
  }

  /** Not made by a script, and not begun before arming, however late it comes. */
  #isGenuine({ isTrusted, timeStamp }: Seen): boolean {
    return isTrusted && timeStamp >= this.#armedAt;
  }
}
