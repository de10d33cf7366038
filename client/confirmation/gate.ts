import type { Verdict } from "./press.ts";
import { Press } from "./press.ts";

/** Longer than a double click, shorter than reading the question. */
export const armingMs = 1_000;

/** Rounding of fractional pixels; nothing of a letter fits into the rest. */
const fullyVisibleRatio = 0.99;
const roundingPx = 1;

/** `refused`: a press did not count, and the countdown has begun anew. */
export type GateState = "hidden" | "unfocused" | "out-of-view" | "unread" | "counting" | "refused" | "armed";

type Events = WindowEventMap & DocumentEventMap;
type Listeners = { [Type in keyof Events]?: (event: Events[Type]) => unknown };

export interface GateOptions {
  button: HTMLButtonElement;
  /** What must be fully in view when the button is pressed: the origin and both buttons. */
  mustBeSeen: Element[];
  /** What must have been in view before, in one piece or scrolled from its beginning to its end: all that is said. */
  mustBeRead: Iterable<Element>;
  onState: (state: GateState) => void;
  onPressed: () => void;
}

/**
 * Keeps a button disabled until a person has had the chance to see what it does: everything that is said has been in
 * view, and then, for one second without interruption, the window was visible and focused, everything that matters was
 * in view, and nothing was pressed [A6][A7].
 */
export class Gate {
  #options: GateOptions;
  #press = new Press();
  #listeners = new AbortController();
  #observer: IntersectionObserver;
  #visible = new Set<Element>();
  /** What is still to be read, and which part of its height has been. */
  #unread: Map<Element, number>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: GateState | undefined;
  /** What has kept the countdown from beginning. */
  #blockedBy: GateState | undefined;
  /** Of the window, when the countdown began. */
  #place = "";

  constructor(options: GateOptions) {
    this.#options = options;
    this.#observer = new IntersectionObserver((entries) => this.#onIntersection(entries), {
      threshold: [fullyVisibleRatio, 1],
    });
    this.#unread = new Map(Array.from(options.mustBeRead, (element) => [element, 0]));
    options.mustBeSeen.forEach((element) => this.#observer.observe(element));
    this.#listen();
    this.restart();
  }

  close(): void {
    this.#listeners.abort();
    this.#observer.disconnect();
    clearTimeout(this.#timer);
    this.#options.button.disabled = true;
  }

  restart(state: GateState = "counting"): void {
    // An observer may still have something to tell.
    if (this.#listeners.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#press.disarm();
    this.#options.button.disabled = true;
    this.#place = placeOfWindow();
    this.#blockedBy = this.#obstacle();
    this.#enter(this.#blockedBy ?? state);
    if (this.#blockedBy === undefined) this.#timer = setTimeout(() => this.#arm(), armingMs);
    this.#look();
  }

  #arm(): void {
    if (this.#obstacle() !== undefined || this.#hasMoved()) return this.restart();
    this.#press.arm(performance.now());
    this.#options.button.disabled = false;
    this.#enter("armed");
  }

  #obstacle(): GateState | undefined {
    if (document.visibilityState !== "visible") return "hidden";
    if (!document.hasFocus()) return "unfocused";
    if (this.#options.mustBeSeen.some((element) => !this.#visible.has(element))) return "out-of-view";
    return this.#unread.size > 0 ? "unread" : undefined;
  }

  /** A window that is moved under the pointer does not say so. */
  #hasMoved(): boolean {
    return this.#place !== placeOfWindow();
  }

  #enter(state: GateState): void {
    this.#state = state;
    this.#options.onState(state);
  }

  #listen(): void {
    const press = this.#press;
    const restart = () => this.restart();
    this.#hear(window, {
      // Focus also moves between elements of the page; only the window's own focus matters.
      blur: (event) => event.target === window && restart(),
      focus: (event) => event.target === window && restart(),
      resize: restart,
      pageshow: (event) => event.persisted && restart(),
    });
    this.#hear(document, {
      visibilitychange: restart,
      scroll: () => this.#look(),
      pointermove: () => this.#hasMoved() && restart(),
      pointerdown: (event) => this.#obey(event, press.pointerDown(event, this.#isOnButton(event))),
      pointerup: (event) => this.#obey(event, press.pointerUp(event, this.#isOnButton(event))),
      pointercancel: restart,
      mousedown: (event) => this.#obey(event, press.mouseDown(event, this.#isOnButton(event))),
      keydown: (event) => this.#obey(event, press.keyDown(event, this.#isOnButton(event))),
      keyup: (event) => this.#obey(event, press.keyUp(event, this.#isOnButton(event))),
    });
    this.#hear(this.#options.button, { click: (event) => this.#obey(event, press.click(event)) });
  }

  /** Before anything further down in the page does, and until the gate closes. */
  #hear(target: EventTarget, listeners: Listeners): void {
    const options = { capture: true, signal: this.#listeners.signal };
    for (const [type, listener] of Object.entries(listeners))
      target.addEventListener(type, listener as EventListener, options);
  }

  /** Observers tell of what is longer than the view only when it comes and goes, so they are asked anew. */
  #look(): void {
    for (const element of this.#unread.keys()) {
      this.#observer.unobserve(element);
      this.#observer.observe(element);
    }
  }

  #onIntersection(entries: IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      this.#read(entry);
      if (entry.intersectionRatio >= fullyVisibleRatio) this.#visible.add(entry.target);
      else this.#visible.delete(entry.target);
    }
    if (this.#obstacle() !== this.#blockedBy) this.restart();
  }

  /** In the order of the lines: what a jump has passed over is still to be read. */
  #read({ target, boundingClientRect: whole, intersectionRect: seen }: IntersectionObserverEntry): void {
    const read = this.#unread.get(target);
    if (read === undefined || seen.height === 0 || document.visibilityState !== "visible" || !document.hasFocus())
      return;
    const isWhole = seen.width >= whole.width - roundingPx;
    const [from, to] = [seen.top - whole.top, seen.bottom - whole.top];
    if (!isWhole || from > read * whole.height + roundingPx) return;
    if (to < whole.height - roundingPx) this.#unread.set(target, Math.max(read, to / whole.height));
    else this.#unread.delete(target);
  }

  #isOnButton({ target }: Event): boolean {
    return target instanceof Node && this.#options.button.contains(target);
  }

  /** A disabled button lets presses through to what it stands in (`base.css`). */
  #isWhereButtonIs(event: Event): boolean {
    return this.#isOnButton(event) || event.target === this.#options.button.parentElement;
  }

  #obey(event: Event, verdict: Verdict): void {
    if (verdict === "accepted") this.#accept();
    if (verdict === "refused") this.restart(this.#isWhereButtonIs(event) ? "refused" : "counting");
  }

  #accept(): void {
    // Whatever changed since the last event that told of it.
    if (this.#state !== "armed" || this.#obstacle() !== undefined || this.#hasMoved()) return this.restart("refused");
    this.close();
    this.#options.onPressed();
  }
}

function placeOfWindow(): string {
  const { screenX, screenY, innerWidth, innerHeight } = window;
  return [screenX, screenY, innerWidth, innerHeight].join();
}
