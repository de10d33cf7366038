import { armingMs } from "../../client/confirmation/gate.ts";
import type { Part, Stretch, Text } from "../client/confirmation/gate-page.ts";
import { parts, texts } from "../client/confirmation/gate-page.ts";

/** An input event that the gate was told about. `at` is when the browser saw it. */
export type Input = PointerInput | MouseInput | KeyInput | Click;

interface Told {
  at: number;
  trusted: boolean;
  onButton: boolean;
}

interface PointerInput extends Told {
  type: "pointerdown" | "pointerup";
  id: number;
  /** The mouse button. 0 is the primary one. */
  button: number;
}

interface MouseInput extends Told {
  type: "mousedown";
}

interface KeyInput extends Told {
  type: "keydown" | "keyup";
  key: string;
  repeat: boolean;
}

interface Click extends Omit<Told, "onButton"> {
  type: "click";
}

interface Seen {
  input: Input;
  /** When the page received the event. */
  known: number;
}

/** The keys that press a button. */
const pressKeys = ["Enter", " "];

/** The witness divides each text into this many lines and checks whether each has been in view. */
const LINES = 20;

/**
 * An observer of the page that records what happens to it and does not know how the gate works. It decides only from
 * these records whether a press was intended.
 */
export class Witness {
  /** Since when the page has been visible, focused, in view, read and undisturbed. `Infinity`: it is not. */
  calmSince = Infinity;
  readonly inView = new Map<Part, boolean>(parts.map((part) => [part, false]));
  isVisible = true;
  isFocused = true;
  /** The part of each text that is in view, and the lines of it that have been in view while the user could look. */
  #stretches: Partial<Record<Text, Stretch>> = {};
  readonly #linesRead = new Map(texts.map((text) => [text, new Set<number>()]));
  #movedAt = -Infinity;
  /** Every press, anywhere in the page. */
  #pressed: Seen[] = [];

  get isCalm(): boolean {
    const isRead = [...this.#linesRead.values()].every((lines) => lines.size === LINES);
    return this.isVisible && this.isFocused && isRead && [...this.inView.values()].every(Boolean);
  }

  disturb(now: number): void {
    this.#look();
    this.calmSince = this.isCalm ? now : Infinity;
  }

  /** A change that makes no difference, because something else hides the page anyway, is not a disturbance. */
  change(now: number, change: () => void): void {
    const wasCalm = this.isCalm;
    change();
    this.#look();
    if (this.isCalm !== wasCalm) this.disturb(now);
  }

  scrollTo(stretches: Partial<Record<Text, Stretch>>): void {
    this.#stretches = stretches;
  }

  moveWindow(now: number): void {
    this.#movedAt = now;
  }

  see(input: Input, known: number): void {
    if ("key" in input && !pressKeys.includes(input.key)) return;
    this.#pressed.push({ input, known });
  }

  /** Whether there has been a calm second without input, up to now or up to the current press. */
  isArmed(now: number): boolean {
    return this.#wasQuietBefore(now, []) || this.#ownPresses().length > 0;
  }

  /**
   * Whether the latest input completes a press that a user began after such a second, in a window that did not move.
   */
  wasMeant(now: number): boolean {
    return this.#ownPresses().some(isComplete) && now >= this.#movedAt + armingMs;
  }

  /** `press` is the current press; all other input counts. */
  #wasQuietBefore(time: number, press: Seen[]): boolean {
    return this.isCalm && time >= this.#quietSince(press) + armingMs;
  }

  /**
   * The input that can be one press on the button, begun after a quiet second, or a bare click from assistive
   * technology.
   */
  #ownPresses(): Seen[][] {
    const starts = [...this.#pressed.keys()].map((start) => this.#pressed.slice(start));
    const presses = starts.filter((press) => isOnePress(press.map(({ input }) => input)));
    return presses.filter((press) => this.#wasQuietBefore(press[0]!.input.at, press));
  }

  #quietSince(own: Seen[]): number {
    const others = this.#pressed.slice(0, this.#pressed.length - own.length);
    return Math.max(this.calmSince, others.at(-1)?.known ?? -Infinity);
  }

  #look(): void {
    if (!this.isVisible || !this.isFocused) return;
    for (const [text, [from, to]] of Object.entries(this.#stretches) as [Text, Stretch][]) {
      for (let line = 0; line < LINES; line += 1) {
        if (line / LINES >= from - 0.011 && (line + 1) / LINES <= to + 0.011) this.#linesRead.get(text)!.add(line);
      }
    }
  }
}

function isOnePress([first, ...rest]: Input[]): boolean {
  if (first === undefined || !first.trusted) return false;
  if ([first, ...rest].filter(({ type }) => type === "mousedown").length > 1) return false;
  if (first.type === "click") return rest.length === 0;
  if (!first.onButton) return false;
  if (first.type === "keydown") return !first.repeat && isKeyPress(first, rest);
  if (first.type === "pointerdown") return first.button === 0 && isPointerPress(first, rest);
  // Pointer events report the mouse, except for a second button. For that one, the click completes the press.
  return (
    first.type === "mousedown" && rest.length < 2 && rest.every(({ type, trusted }) => trusted && type === "click")
  );
}

/** The key repeats and clicks until it is released. Nothing comes after that. */
function isKeyPress({ key }: KeyInput, rest: Input[]): boolean {
  const up = rest.findIndex(({ type }) => type === "keyup");
  if (up >= 0 && up < rest.length - 1) return false;
  return rest.every((input) =>
    input.type === "keyup" ? isGenuine(input) && input.key === key : isOfHeldKey(input, key),
  );
}

function isOfHeldKey(input: Input, key: string): boolean {
  if (input.type === "keydown") return input.key === key;
  return input.type === "click" ? input.trusted : input.type === "mousedown" && isGenuine(input);
}

/** One release, then one click. Mouse events may come in addition. */
function isPointerPress({ id }: PointerInput, rest: Input[]): boolean {
  const others = rest.filter((input) => input.type !== "mousedown" || !isGenuine(input));
  const [up, click, ...more] = others;
  if (up === undefined) return true;
  if (up.type !== "pointerup" || up.id !== id || !isGenuine(up) || more.length > 0) return false;
  return click === undefined || (click.type === "click" && click.trusted);
}

function isComplete(press: Seen[]): boolean {
  const types = press.map(({ input }) => input.type);
  if (types[0] === "keydown") return types.at(-1) === "keyup";
  return types.at(-1) === "click" && (types[0] !== "pointerdown" || types.includes("pointerup"));
}

function isGenuine({ trusted, onButton }: Told): boolean {
  return trusted && onButton;
}
