/**
 * Decides whether a press of Yes was meant. It knows nothing of the page: `gate.ts` passes events on, and arms it after a
 * second in which nothing was pressed.
 *
 * Three kinds of presses count, if they began after arming:
 * - a pointer that went down and up on the button, which keeps out the second click of a double click;
 * - a key that went down and up on the button, which keeps out a key that was held down since before the page came;
 * - a click without a pointer or a key: assistive technology.
 *
 * Any other press, anywhere in the page, is ignored and makes the second start again, so a series of clicks never counts.
 */
export type PressResult = "accepted" | "ignored" | "pending";

/** `timeStamp` is when the browser saw the event. */
type Timed = Pick<Event, "timeStamp" | "isTrusted">;
export type PointerPress = Timed & Pick<PointerEvent, "pointerId" | "button">;
export type KeyPress = Timed & Pick<KeyboardEvent, "key" | "repeat">;

/** Only these keys activate a button. */
const activatingKeys = ["Enter", " "];

export class Press {
  #armedAt = Infinity;
  /** What is down on the button: a pointer, by its id, or a key, by its name. */
  #down: number | string | undefined;
  /** The pointer has come up on the button, too. */
  #isComplete = false;
  #wasMouseDown = false;

  arm(time: number): void {
    this.#armedAt = time;
    this.#down = undefined;
    this.#isComplete = false;
    this.#wasMouseDown = false;
  }

  /** Nothing counts until it is armed again. */
  disarm(): void {
    this.arm(Infinity);
  }

  pointerDown(event: PointerPress, onButton: boolean): PressResult {
    return this.#begin(event.pointerId, event, onButton && event.button === 0);
  }

  pointerUp(event: PointerPress, onButton: boolean): PressResult {
    this.#isComplete = onButton && event.isTrusted && this.#down === event.pointerId;
    this.#down = undefined;
    return this.#isComplete ? "pending" : "ignored";
  }

  /** A second mouse button, while the first is down, causes no pointer event (Pointer Events §4.1.1.1). */
  mouseDown(event: Timed, onButton: boolean): PressResult {
    const isFirst = !this.#wasMouseDown;
    this.#wasMouseDown = true;
    return isFirst && onButton && this.#isGenuine(event) ? "pending" : "ignored";
  }

  keyDown(event: KeyPress, onButton: boolean): PressResult {
    if (!activatingKeys.includes(event.key) || event.key === this.#down) return "pending";
    return this.#begin(event.key, event, onButton && !event.repeat);
  }

  /** Browsers click when Enter goes *down* and when Space comes *up*. Here both count when they come up. */
  keyUp(event: KeyPress, onButton: boolean): PressResult {
    if (!activatingKeys.includes(event.key)) return "pending";
    return onButton && event.isTrusted && this.#down === event.key ? "accepted" : "ignored";
  }

  click(event: Timed): PressResult {
    if (!this.#isGenuine(event)) return "ignored";
    if (this.#down === undefined) return "accepted";
    // The click of a key that is still down.
    return typeof this.#down === "string" ? "pending" : "ignored";
  }

  /** One press at a time. */
  #begin(what: number | string, event: Timed, counts: boolean): PressResult {
    const isSecond = this.#down !== undefined || this.#isComplete || this.#wasMouseDown;
    if (isSecond || !counts || !this.#isGenuine(event)) return "ignored";
    this.#down = what;
    return "pending";
  }

  /** Not made by a script, and not begun before arming, even if it is handled later. */
  #isGenuine({ isTrusted, timeStamp }: Timed): boolean {
    return isTrusted && timeStamp >= this.#armedAt;
  }
}
