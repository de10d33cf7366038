import { enable } from "../page/dom.ts";
import type { PressResult } from "./press.ts";
import { Press } from "./press.ts";

/** Longer than a double click, shorter than reading the question. */
export const armingMs = 1_000;

/** So soon is a focus noticed that no event tells of. */
const focusLookMs = 200;

/** Allows for rounding of fractional pixels; the difference is smaller than any part of a letter. */
const fullyVisibleRatio = 0.99;
const roundingPx = 1;

/** `hidden`: nobody can see it, or it is not known yet what can be seen. `ignored`: a press did not count, and the second has started again. */
export type GateState = "hidden" | "unfocused" | "out-of-view" | "unread" | "counting" | "ignored" | "armed";

type Events = WindowEventMap & DocumentEventMap;
type Listeners = { [Type in keyof Events]?: (event: Events[Type]) => unknown };

export interface GateOptions {
  button: HTMLButtonElement;
  /** Must be fully in view when the button is pressed: the origin and both buttons. */
  mustBeSeen: Element[];
  /** Must have been in view before, at once or scrolled from its beginning to its end: everything that is said. */
  mustBeRead: Iterable<Element>;
  /** @param unread what has not been in view completely */
  onState: (state: GateState, unread: Element[]) => void;
  onPressed: () => void;
}

/**
 * Keeps a button disabled until a person has had the chance to see what it does: everything that is said has been in view,
 * and then, for one uninterrupted second, the window was visible and focused, everything that matters was in view, and
 * nothing was pressed. So a page cannot get a click or a key that a person meant for something else (clickjacking).
 */
export class Gate {
  #options: GateOptions;
  #press = new Press();
  #listeners = new AbortController();
  #observer: IntersectionObserver;
  #visible = new Set<Element>();
  /** The observer has told what is in view, if anything has to be. */
  #hasLooked: boolean;
  /** What has not been in view completely, and how much of its height has been. */
  #unread: Map<Element, number>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: GateState | undefined;
  /** Why the second has not started. */
  #blockedBy: GateState | undefined;
  /** Of the window, when the second started. */
  #position = "";

  constructor(options: GateOptions) {
    this.#options = options;
    this.#observer = new IntersectionObserver((entries) => this.#onIntersection(entries), {
      threshold: [fullyVisibleRatio, 1],
    });
    this.#unread = new Map(Array.from(options.mustBeRead, (element) => [element, 0]));
    for (const element of options.mustBeSeen) this.#observer.observe(element);
    this.#hasLooked = options.mustBeSeen.length === 0;
    this.#listen();
    this.restart();
  }

  close(): void {
    this.#listeners.abort();
    this.#observer.disconnect();
    clearTimeout(this.#timer);
    enable(this.#options.button, false);
  }

  restart(state: GateState = "counting"): void {
    // An observer may still report after closing.
    if (this.#listeners.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#press.disarm();
    enable(this.#options.button, false);
    this.#position = windowPosition();
    this.#blockedBy = this.#obstacle();
    this.#setState(this.#blockedBy ?? state);
    if (this.#blockedBy === undefined) this.#timer = setTimeout(() => this.#arm(), armingMs);
    if (this.#blockedBy === "unfocused") this.#awaitFocus();
    this.#observeUnread();
  }

  /** When Firefox goes back or forward to this page, `hasFocus` becomes true only after the event that tells of it. */
  #awaitFocus(): void {
    this.#timer = setTimeout(() => (document.hasFocus() ? this.restart() : this.#awaitFocus()), focusLookMs);
  }

  #arm(): void {
    if (this.#obstacle() !== undefined || this.#hasMoved()) return this.restart();
    this.#press.arm(performance.now());
    enable(this.#options.button, true);
    this.#setState("armed");
  }

  #obstacle(): GateState | undefined {
    if (document.visibilityState !== "visible" || !this.#hasLooked) return "hidden";
    if (!document.hasFocus()) return "unfocused";
    if (this.#options.mustBeSeen.some((element) => !this.#visible.has(element))) return "out-of-view";
    return this.#unread.size > 0 ? "unread" : undefined;
  }

  /** There is no event for a window that is moved, by a script, to under the pointer. */
  #hasMoved(): boolean {
    return this.#position !== windowPosition();
  }

  #setState(state: GateState): void {
    this.#state = state;
    this.#options.onState(state, [...this.#unread.keys()]);
  }

  #listen(): void {
    const press = this.#press;
    const restart = () => this.restart();
    this.#addListeners(window, {
      // These events also tell of elements; only the window's own focus matters.
      blur: (event) => event.target === window && restart(),
      focus: (event) => event.target === window && restart(),
      resize: restart,
      pageshow: (event) => event.persisted && restart(),
    });
    this.#addListeners(document, {
      visibilitychange: restart,
      scroll: () => this.#observeUnread(),
      pointermove: () => this.#hasMoved() && restart(),
      pointerdown: (event) => this.#apply(event, press.pointerDown(event, this.#isOnButton(event))),
      pointerup: (event) => this.#apply(event, press.pointerUp(event, this.#isOnButton(event))),
      pointercancel: restart,
      mousedown: (event) => this.#onMouseDown(event),
      keydown: (event) => this.#apply(event, press.keyDown(event, this.#isOnButton(event))),
      keyup: (event) => this.#apply(event, press.keyUp(event, this.#isOnButton(event))),
    });
    this.#addListeners(this.#options.button, { click: (event) => this.#apply(event, press.click(event)) });
  }

  /** In the capture phase, so that nothing in the page can stop the event first. */
  #addListeners(target: EventTarget, listeners: Listeners): void {
    const options = { capture: true, signal: this.#listeners.signal };
    for (const [type, listener] of Object.entries(listeners))
      target.addEventListener(type, listener as EventListener, options);
  }

  /** While a long element scrolls, an observer reports nothing, unless it starts to observe the element again. */
  #observeUnread(): void {
    for (const element of this.#unread.keys()) {
      this.#observer.unobserve(element);
      this.#observer.observe(element);
    }
  }

  #onIntersection(entries: IntersectionObserverEntry[]): void {
    this.#hasLooked = true;
    for (const entry of entries) {
      this.#markRead(entry);
      if (entry.intersectionRatio >= fullyVisibleRatio) this.#visible.add(entry.target);
      else this.#visible.delete(entry.target);
    }
    if (this.#obstacle() !== this.#blockedBy) this.restart();
    else if (this.#state === "unread") this.#setState("unread");
  }

  /** Lines count only in order: what a jump has skipped has not been read. */
  #markRead({ target, boundingClientRect: whole, intersectionRect: seen }: IntersectionObserverEntry): void {
    const read = this.#unread.get(target);
    if (read === undefined || seen.height === 0 || document.visibilityState !== "visible" || !document.hasFocus())
      return;
    const isWhole = seen.width >= whole.width - roundingPx;
    const [from, to] = [seen.top - whole.top, seen.bottom - whole.top];
    if (!isWhole || from > read * whole.height + roundingPx) return;
    if (to < whole.height - roundingPx) this.#unread.set(target, Math.max(read, to / whole.height));
    else this.#unread.delete(target);
  }

  /** A mouse never gives the button the focus: the next key, meant for something else, would press it. */
  #onMouseDown(event: MouseEvent): void {
    const isOnButton = this.#isOnButton(event);
    if (isOnButton) event.preventDefault();
    this.#apply(event, this.#press.mouseDown(event, isOnButton));
  }

  #isOnButton({ target }: Event): boolean {
    return target instanceof Node && this.#options.button.contains(target);
  }

  #apply(event: Event, result: PressResult): void {
    if (result === "accepted") this.#accept();
    if (result === "ignored") this.restart(this.#isOnButton(event) ? "ignored" : "counting");
  }

  #accept(): void {
    // Something may have changed without an event.
    if (this.#state !== "armed" || this.#obstacle() !== undefined || this.#hasMoved()) return this.restart("ignored");
    this.close();
    this.#options.onPressed();
  }
}

function windowPosition(): string {
  const { screenX, screenY, innerWidth, innerHeight } = window;
  return [screenX, screenY, innerWidth, innerHeight].join();
}
