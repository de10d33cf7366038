import { vi } from "vitest";
import type { GateState } from "../../../client/confirmation/gate.ts";
import { Gate } from "../../../client/confirmation/gate.ts";

/**
 * A fake page for the gate, with its own clock: a window, a document, three elements that must be in view, two texts
 * that must be read, and methods that act as the user or a script. Each event has the time that the browser gave it.
 */

type Listener = (event: never) => void;

/** The fields of an event that the gate reads. */
export interface FakeEvent {
  target: FakeTarget;
  timeStamp: number;
  isTrusted: boolean;
  persisted: boolean;
  pointerId: number;
  button: number;
  key: string;
  repeat: boolean;
  preventDefault(): void;
}

export class FakeTarget {
  readonly #listeners = new Map<string, Set<Listener>>();

  /** The number of listeners in the capture phase. */
  captured = 0;

  addEventListener(
    type: string,
    listener: Listener,
    { capture, signal }: { capture?: boolean; signal?: AbortSignal } = {},
  ): void {
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
  readonly #attributes = new Map<string, string>();
  readonly #children: FakeElement[];

  constructor(children: FakeElement[] = []) {
    super();
    this.#children = children;
  }

  setAttribute(name: string, value: string): void {
    this.#attributes.set(name, value);
  }

  get disabled(): boolean {
    return this.#attributes.get("aria-disabled") === "true";
  }

  contains(other: unknown): boolean {
    return other === this || this.#children.some((child) => child.contains(other));
  }
}

/** The part of an element's bounding box that the gate needs. */
interface Box {
  top: number;
  bottom: number;
  width: number;
  height: number;
}

interface Intersection {
  target: FakeElement;
  intersectionRatio: number;
  boundingClientRect: Box;
  intersectionRect: Box;
}

type OnIntersection = (entries: Intersection[]) => void;

/** The elements that must be in view. */
export const parts = ["origin", "no", "yes"] as const;
export type Part = (typeof parts)[number];

/** The texts that must be read. */
export const texts = ["warning", "scope"] as const;
export type Text = (typeof texts)[number];

/** The size of each text. */
const HEIGHT = 100;
const WIDTH = 300;

/** The part of a text that is in view, as fractions of its height. */
export type Stretch = [from: number, to: number];
const ALL: Stretch = [0, 1];

type PointerChanges = Partial<Pick<FakeEvent, "isTrusted" | "pointerId" | "button">> & Place;
type KeyChanges = Partial<Pick<FakeEvent, "isTrusted" | "key" | "repeat">> & Place;

interface Place {
  target?: FakeTarget;
  /** How late the browser delivers the event. */
  lateMs?: number;
}

/** The properties in which a press differs from the default. */
interface PointerPress {
  down?: PointerChanges;
  up?: PointerChanges;
}

export class GatePage {
  readonly window = Object.assign(new FakeTarget(), { screenX: 10, screenY: 20, innerWidth: 480, innerHeight: 640 });
  readonly document = Object.assign(new FakeTarget(), { visibilityState: "visible", hasFocus: () => this.isFocused });
  /** Stands for the button's text and progress bar. */
  readonly label = new FakeElement();
  readonly elements: Record<Part, FakeElement> = {
    origin: new FakeElement(),
    no: new FakeElement(),
    yes: new FakeElement([this.label]),
  };
  readonly texts: Record<Text, FakeElement> = { warning: new FakeElement(), scope: new FakeElement() };
  readonly gate: Gate;
  readonly states: GateState[] = [];
  /** How many presses were kept from moving the focus. */
  prevented = 0;
  isFocused = true;
  isObserved = false;
  thresholds: number[] = [];
  pressed = 0;
  #onIntersection: OnIntersection = () => {};
  /** What the observer reports for each text. */
  readonly #inView = new Map<FakeElement, Stretch>();

  /** By default, everything is in view. Requires fake timers. */
  constructor({ inView = true, read = true } = {}) {
    vi.stubGlobal("window", this.window);
    vi.stubGlobal("document", this.document);
    vi.stubGlobal("addEventListener", this.window.addEventListener.bind(this.window));
    vi.stubGlobal("Node", FakeElement);
    vi.stubGlobal("IntersectionObserver", this.#observerClass());
    this.gate = new Gate({
      button: this.yes as unknown as HTMLButtonElement,
      mustBeSeen: Object.values(this.elements) as unknown as Element[],
      mustBeRead: Object.values(this.texts) as unknown as Element[],
      onState: (state) => this.states.push(state),
      onPressed: () => (this.pressed += 1),
    });
    if (read) this.read({ warning: ALL, scope: ALL });
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
        // Browsers report this slightly later, which makes no difference here.
        const stretch = page.#inView.get(element);
        if (stretch !== undefined) page.#onIntersection([stretchOf(element, stretch)]);
      }

      unobserve(element: FakeElement): void {
        this.#observed.delete(element);
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

  /** How many presses were ignored. */
  get refused(): number {
    return this.states.filter((state) => state === "ignored").length;
  }

  /* ---- Changes to the page ---- */

  wait(ms: number): void {
    vi.advanceTimersByTime(ms);
  }

  /** Reports new visibility, as after scrolling or a layout change. */
  scroll(ratios: Partial<Record<Part, number>>): void {
    const entries = parts.flatMap((part) => {
      const ratio = ratios[part];
      return ratio === undefined ? [] : [{ ...stretchOf(this.elements[part], [0, ratio]), intersectionRatio: ratio }];
    });
    this.#onIntersection(entries);
  }

  /** Scrolls so that exactly these parts of these texts are in view. */
  read(stretches: Partial<Record<Text, Stretch>>, width = WIDTH): void {
    this.#inView.clear();
    for (const text of texts) if (stretches[text] !== undefined) this.#inView.set(this.texts[text], stretches[text]);
    if (width !== WIDTH)
      return this.#onIntersection([...this.#inView].map(([text, stretch]) => stretchOf(text, stretch, width)));
    this.document.hear("scroll", this.#event(this.document));
  }

  /** Moves the window as a window manager does: without an event. */
  moveWindow(): void {
    this.window.screenX += 1;
  }

  setVisible(isVisible: boolean): void {
    this.document.visibilityState = isVisible ? "visible" : "hidden";
    this.document.hear("visibilitychange", this.#event(this.document));
  }

  setFocused(isFocused: boolean): void {
    this.isFocused = isFocused;
    this.window.hear(isFocused ? "focus" : "blur", this.#event(this.window));
  }

  /** Moves focus between two elements of the page. The window's capturing listeners hear the `blur`. */
  moveFocus(): void {
    this.window.hear("blur", this.#event(this.elements.no));
    this.window.hear("focus", this.#event(this.elements.yes));
  }

  resize(): void {
    this.window.hear("resize", this.#event(this.window));
  }

  /** Shows the page for the first time, or restores it from the back-forward cache. */
  pageShow({ persisted }: { persisted: boolean }): void {
    this.window.hear("pageshow", { ...this.#event(this.document), persisted });
  }

  /* ---- Actions of the user or a script ---- */

  pointerMove(): void {
    this.document.hear("pointermove", this.#event(this.document));
  }

  pointer(
    type: "pointerdown" | "pointerup" | "pointercancel" | "mousedown",
    { lateMs = 0, target = this.yes, ...changes }: PointerChanges = {},
  ): void {
    this.document.hear(type, { ...this.#event(target, lateMs), ...changes });
  }

  key(type: "keydown" | "keyup", { lateMs = 0, target = this.yes, ...changes }: KeyChanges = {}): void {
    this.document.hear(type, { ...this.#event(target, lateMs), ...changes });
  }

  click({ isTrusted = true, lateMs = 0 } = {}): void {
    this.yes.hear("click", { ...this.#event(this.yes, lateMs), isTrusted });
  }

  /** Presses with a mouse that was already over the button. */
  press({ down = {}, up = {} }: PointerPress = {}): void {
    this.pointer("pointerdown", down);
    this.pointer("mousedown", down);
    this.pointer("pointerup", up);
    this.click();
  }

  /** Taps with a finger. Browsers send mouse events afterwards. */
  tap(): void {
    for (const type of ["pointerdown", "pointerup", "mousedown"] as const) this.pointer(type);
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
      ...{ pointerId: 1, button: 0, key: "Enter", repeat: false },
      preventDefault: () => void (this.prevented += 1),
    };
  }
}

function stretchOf(target: FakeElement, [from, to]: Stretch, width = WIDTH): Intersection {
  const height = (to - from) * HEIGHT;
  const boundingClientRect = { top: -from * HEIGHT, bottom: (1 - from) * HEIGHT, width: WIDTH, height: HEIGHT };
  const intersectionRect = { top: 0, bottom: height, width, height };
  return { target, intersectionRatio: to - from, boundingClientRect, intersectionRect };
}
