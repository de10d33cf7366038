import { vi } from "vitest";
import { Gate } from "../../client/gate.ts";
import type { GateState } from "../../client/gate.ts";

/**
 * A page as far as the gate can see one, and the time in it: a window, a document, three things that must be seen, and
 * a person (or a script) who does something. Events come with the time that the browser gave them.
 */

type Listener = (event: never) => void;

/** What the gate reads of any event. */
export interface FakeEvent {
  target: FakeTarget;
  timeStamp: number;
  isTrusted: boolean;
  persisted: boolean;
  pointerId: number;
  pointerType: string;
  key: string;
  repeat: boolean;
}

export class FakeTarget {
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Listeners that hear an event before the elements further down do. */
  captured = 0;

  addEventListener(type: string, listener: Listener, { capture, signal }: { capture?: boolean; signal?: AbortSignal } = {}): void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    if (capture === true) this.captured += 1;
    signal?.addEventListener("abort", () => listeners.delete(listener));
  }

  removeEventListener(type: string, listener: Listener): void {
    this.#listeners.get(type)?.delete(listener);
  }

  hear(type: string, event: object): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) listener(event as never);
  }

  get listenerCount(): number {
    return [...this.#listeners.values()].reduce((count, listeners) => count + listeners.size, 0);
  }
}

export class FakeElement extends FakeTarget {
  disabled = false;
  readonly #children: FakeElement[];

  constructor(children: FakeElement[] = []) {
    super();
    this.#children = children;
  }

  contains(other: unknown): boolean {
    return other === this || this.#children.some((child) => child.contains(other));
  }
}

interface Intersection {
  target: FakeElement;
  intersectionRatio: number;
}

type OnIntersection = (entries: Intersection[]) => void;

/** The parts of the page that must be in view. */
export const parts = ["origin", "no", "yes"] as const;
export type Part = (typeof parts)[number];

type PointerChanges = Partial<Pick<FakeEvent, "isTrusted" | "pointerId" | "pointerType">> & Place;
type KeyChanges = Partial<Pick<FakeEvent, "isTrusted" | "key" | "repeat">> & Place;

interface Place {
  target?: FakeTarget;
  /** How long ago the browser saw what it tells of only now. */
  lateMs?: number;
}

/** What is special about a press, if anything. */
interface MousePress {
  /** How the mouse came there. */
  way?: "real" | "scripted" | "none";
  down?: PointerChanges;
  up?: PointerChanges;
}

export class GatePage {
  readonly window = new FakeTarget();
  readonly document = Object.assign(new FakeTarget(), { visibilityState: "visible", hasFocus: () => this.isFocused });
  /** What the button's own text and progress bar are to the gate. */
  readonly label = new FakeElement();
  readonly elements: Record<Part, FakeElement> = {
    origin: new FakeElement(),
    no: new FakeElement(),
    yes: new FakeElement([this.label]),
  };
  readonly gate: Gate;
  readonly states: GateState[] = [];
  isFocused = true;
  isObserved = false;
  thresholds: number[] = [];
  refused = 0;
  pressed = 0;
  #onIntersection: OnIntersection = () => {};

  /** With everything in view, unless told otherwise. Expects fake timers. */
  constructor({ inView = true } = {}) {
    vi.stubGlobal("window", this.window);
    vi.stubGlobal("document", this.document);
    vi.stubGlobal("addEventListener", this.window.addEventListener.bind(this.window));
    vi.stubGlobal("Node", FakeElement);
    vi.stubGlobal("IntersectionObserver", this.#observerClass());
    this.gate = new Gate({
      button: this.yes as unknown as HTMLButtonElement,
      mustBeSeen: Object.values(this.elements) as unknown as Element[],
      onState: (state) => this.states.push(state),
      onRefused: () => (this.refused += 1),
      onPressed: () => (this.pressed += 1),
    });
    if (inView) this.scroll({ origin: 1, no: 1, yes: 1 });
  }

  #observerClass() {
    const page = this;
    return class {
      readonly #observed = new Set<FakeElement>();

      constructor(callback: OnIntersection, { threshold }: { threshold: number[] }) {
        page.thresholds = threshold;
        page.isObserved = true;
        page.#onIntersection = (entries) => callback(entries.filter(({ target }) => this.#observed.has(target)));
      }

      observe(element: FakeElement): void {
        this.#observed.add(element);
      }

      disconnect(): void {
        this.#observed.clear();
        page.isObserved = false;
      }
    };
  }

  get yes(): FakeElement {
    return this.elements.yes;
  }

  get state(): GateState | undefined {
    return this.states.at(-1);
  }

  /* ---- What happens to the page ---- */

  wait(ms: number): void {
    vi.advanceTimersByTime(ms);
  }

  /** What the observer sees after scrolling, or after a change of the layout. */
  scroll(ratios: Partial<Record<Part, number>>): void {
    const entries = parts.flatMap((part) => {
      const intersectionRatio = ratios[part];
      return intersectionRatio === undefined ? [] : [{ target: this.elements[part], intersectionRatio }];
    });
    this.#onIntersection(entries);
  }

  setVisible(isVisible: boolean): void {
    this.document.visibilityState = isVisible ? "visible" : "hidden";
    this.document.hear("visibilitychange", this.#event(this.document));
  }

  setFocused(isFocused: boolean): void {
    this.isFocused = isFocused;
    this.window.hear(isFocused ? "focus" : "blur", this.#event(this.window));
  }

  /** Focus moves between two elements of the page; the window is told on the way down. */
  moveFocus(): void {
    this.window.hear("blur", this.#event(this.elements.no));
    this.window.hear("focus", this.#event(this.elements.yes));
  }

  resize(): void {
    this.window.hear("resize", this.#event(this.window));
  }

  /** Comes back from the back-forward cache, or is shown for the first time. */
  pageShow({ persisted }: { persisted: boolean }): void {
    this.window.hear("pageshow", { ...this.#event(this.document), persisted });
  }

  /* ---- What a person or a script does ---- */

  pointerMove({ isTrusted = true } = {}): void {
    this.document.hear("pointermove", { ...this.#event(this.document), isTrusted });
  }

  pointer(type: "pointerdown" | "pointerup", { lateMs = 0, target = this.yes, ...changes }: PointerChanges = {}): void {
    this.document.hear(type, { ...this.#event(target, lateMs), ...changes });
  }

  key(type: "keydown" | "keyup", { lateMs = 0, target = this.yes, ...changes }: KeyChanges = {}): void {
    this.document.hear(type, { ...this.#event(target, lateMs), ...changes });
  }

  /** Also while the button is disabled, when browsers would not even tell of it. */
  click({ isTrusted = true, lateMs = 0 } = {}): void {
    this.yes.hear("click", { ...this.#event(this.yes, lateMs), isTrusted });
  }

  /** As a mouse does it, from the way there to the click. */
  press({ way = "real", down = {}, up = {} }: MousePress = {}): void {
    if (way !== "none") this.pointerMove({ isTrusted: way === "real" });
    this.pointer("pointerdown", down);
    this.pointer("pointerup", up);
    this.click();
  }

  pressKey(): void {
    this.key("keydown");
    this.key("keyup");
  }

  #event(target: FakeTarget, lateMs = 0): FakeEvent {
    const timeStamp = performance.now() - lateMs;
    return {
      ...{ target, timeStamp, isTrusted: true, persisted: false },
      ...{ pointerId: 1, pointerType: "mouse", key: "Enter", repeat: false },
    };
  }
}
