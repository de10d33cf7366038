import { Press } from "./press.ts";
import type { Verdict } from "./press.ts";

/** Longer than a double click, shorter than reading the question. */
export const armingMs = 1_000;

/** Rounding of fractional pixels; nothing of a letter fits into the rest. */
const fullyVisibleRatio = 0.99;

export type GateState = "hidden" | "unfocused" | "out-of-view" | "counting" | "armed";

type Events = WindowEventMap & DocumentEventMap;
type Listeners = { [Type in keyof Events]?: (event: Events[Type]) => unknown };

export interface GateOptions {
  button: HTMLButtonElement;
  /** What must be fully in view: the origin and both buttons. */
  mustBeSeen: Element[];
  onState: (state: GateState) => void;
  /** A press came that did not count; the countdown has begun anew. */
  onRefused: () => void;
  onPressed: () => void;
}

/**
 * Keeps a button disabled until a person has had the chance to see what it does: one second without interruption with
 * the window visible and focused, and everything that matters in view [A6][A7].
 */
export class Gate {
  #options: GateOptions;
  #press = new Press();
  #listeners = new AbortController();
  #observer: IntersectionObserver;
  #visible = new Set<Element>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: GateState | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#observer = new IntersectionObserver((entries) => this.#onIntersection(entries), {
      threshold: [fullyVisibleRatio, 1],
    });
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

  restart(): void {
    clearTimeout(this.#timer);
    this.#press.disarm();
    this.#options.button.disabled = true;
    const obstacle = this.#obstacle();
    this.#enter(obstacle ?? "counting");
    if (obstacle === undefined) this.#timer = setTimeout(() => this.#arm(), armingMs);
  }

  #arm(): void {
    if (this.#obstacle() !== undefined) return this.restart();
    this.#press.arm(performance.now());
    this.#options.button.disabled = false;
    this.#enter("armed");
  }

  #obstacle(): GateState | undefined {
    if (document.visibilityState !== "visible") return "hidden";
    if (!document.hasFocus()) return "unfocused";
    if (this.#options.mustBeSeen.some((element) => !this.#visible.has(element))) return "out-of-view";
    return undefined;
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
      blur: (event) => event.target === window && this.#onBlur(),
      focus: (event) => event.target === window && restart(),
      resize: restart,
      pageshow: (event) => event.persisted && restart(),
    });
    this.#hear(document, {
      visibilitychange: restart,
      pointermove: (event) => press.pointerMove(event),
      pointerdown: (event) => this.#onPointerDown(event),
      pointerup: (event) => press.pointerUp(event, this.#isOnButton(event)),
      keydown: (event) => press.keyDown(event, this.#isOnButton(event)),
      keyup: (event) => this.#obey(press.keyUp(event, this.#isOnButton(event))),
    });
    this.#hear(this.#options.button, { click: (event) => this.#obey(press.click(event)) });
  }

  /** Before anything further down in the page does, and until the gate closes. */
  #hear(target: EventTarget, listeners: Listeners): void {
    const options = { capture: true, signal: this.#listeners.signal };
    for (const [type, listener] of Object.entries(listeners)) target.addEventListener(type, listener as EventListener, options);
  }

  #onIntersection(entries: IntersectionObserverEntry[]): void {
    for (const { target, intersectionRatio } of entries) {
      if (intersectionRatio >= fullyVisibleRatio) this.#visible.add(target);
      else this.#visible.delete(target);
    }
    const isInView = this.#state !== "out-of-view";
    const shouldBeInView = this.#obstacle() !== "out-of-view";
    if (isInView !== shouldBeInView) this.restart();
  }

  #onBlur(): void {
    this.#press.forgetKeys();
    this.restart();
  }

  #onPointerDown(event: PointerEvent): void {
    this.#press.pointerDown(event, this.#isOnButton(event));
    // Taps in a row, the first of them meant for another page, must never reach an armed button.
    if (event.pointerType !== "mouse" && this.#state === "counting") this.restart();
  }

  #isOnButton({ target }: Event): boolean {
    return target instanceof Node && this.#options.button.contains(target);
  }

  #obey(verdict: Verdict): void {
    if (verdict === "accepted") this.#accept();
    if (verdict === "refused") this.#refuse();
  }

  #accept(): void {
    // Whatever changed since the last event that told of it.
    if (this.#state !== "armed" || this.#obstacle() !== undefined) return this.restart();
    this.close();
    this.#options.onPressed();
  }

  #refuse(): void {
    this.restart();
    this.#options.onRefused();
  }
}
