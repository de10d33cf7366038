import { armingMs } from "../../client/confirmation/gate.ts";
import type { Part, Stretch, Text } from "../client/confirmation/gate-page.ts";
import { parts, texts } from "../client/confirmation/gate-page.ts";

/** What the gate was told that somebody did; `at` is when the browser saw it. */
export type Input = PointerInput | MouseInput | KeyInput | Click;

interface Told {
  at: number;
  trusted: boolean;
  onButton: boolean;
}

interface PointerInput extends Told {
  type: "pointerdown" | "pointerup";
  id: number;
  /** Of the mouse: 0 is what everybody clicks with. */
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
  /** When the page was told of it. */
  known: number;
}

/** The keys that press a button. */
const pressKeys = ["Enter", " "];

/** In how many parts the witness looks whether a text has been in view. */
const LINES = 20;

/**
 * Somebody who stands beside the page and writes down what happens to it, without knowing how the gate works. Asked
 * whether a press was meant, the witness looks into these notes and at nothing else.
 */
export class Witness {
  /** Since when the page has been visible, focused, in view, read, and left alone; `Infinity`: it is not. */
  calmSince = Infinity;
  readonly inView = new Map<Part, boolean>(parts.map((part) => [part, false]));
  isVisible = true;
  isFocused = true;
  /** What is in view of the texts, and which lines of them have been while somebody could look. */
  #stretches: Partial<Record<Text, Stretch>> = {};
  readonly #linesRead = new Map(texts.map((text) => [text, new Set<number>()]));
  #movedAt = -Infinity;
  /** Every press of anything, anywhere in the page. */
  #pressed: Seen[] = [];

  get isCalm(): boolean {
    const isRead = [...this.#linesRead.values()].every((lines) => lines.size === LINES);
    return this.isVisible && this.isFocused && isRead && [...this.inView.values()].every(Boolean);
  }

  disturb(now: number): void {
    this.#look();
    this.calmSince = this.isCalm ? now : Infinity;
  }

  /** What stays as it was while other things hide the page disturbs nobody. */
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

  /** Whether there has been a second of calm and quiet, up to now or up to the press that is going on. */
  isArmed(now: number): boolean {
    return this.#wasQuietBefore(now, []) || this.#ownPresses().length > 0;
  }

  /** Whether what was seen last completes a press that a person made after such a second, in a window that lay still. */
  wasMeant(now: number): boolean {
    return this.#ownPresses().some(isComplete) && now >= this.#movedAt + armingMs;
  }

  /** Everything but this press. */
  #wasQuietBefore(time: number, press: Seen[]): boolean {
    return this.isCalm && time >= this.#quietSince(press) + armingMs;
  }

  /** What can all be one press on the button, begun after a quiet second. Or a bare click, of assistive technology. */
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
  // What a mouse does is told of by a pointer, but for a second button; then its click stands for it.
  return (
    first.type === "mousedown" && rest.length < 2 && rest.every(({ type, trusted }) => trusted && type === "click")
  );
}

/** It repeats, and clicks, until it comes up, and then nothing more comes. */
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

/** It goes up once, and clicks once, in this order; a mouse may be told of as well. */
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
