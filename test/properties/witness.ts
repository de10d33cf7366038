import { armingMs } from "../../client/gate.ts";
import { parts } from "../client/gate-page.ts";
import type { Part } from "../client/gate-page.ts";

/** What the gate was told that somebody did; `at` is when the browser saw it. */
export type Input = PointerMove | PointerInput | KeyInput | Click;

interface PointerMove {
  type: "pointermove";
  trusted: boolean;
}

interface PointerInput {
  type: "pointerdown" | "pointerup";
  at: number;
  trusted: boolean;
  onButton: boolean;
  id: number;
  kind: string;
}

interface KeyInput {
  type: "keydown" | "keyup";
  at: number;
  trusted: boolean;
  onButton: boolean;
  key: string;
  repeat: boolean;
}

interface Click {
  type: "click";
  at: number;
  trusted: boolean;
}

interface Seen {
  input: Input;
  /** When the page was told of it. */
  known: number;
  /** The key had gone down before, and not come up. */
  wasHeld: boolean;
}

/** The keys that press a button. */
const pressKeys = ["Enter", " "];

/**
 * Somebody who stands beside the page and writes down what happens to it, without knowing how the gate works. Asked
 * whether a press was meant, the witness looks into these notes and at nothing else.
 */
export class Witness {
  /** Since when the page has been visible, focused, fully in view and left alone; `Infinity`: it is not. */
  calmSince = Infinity;
  readonly inView = new Map<Part, boolean>(parts.map((part) => [part, false]));
  isVisible = true;
  isFocused = true;
  /** Keys that went down and have not come up, as far as this window was told. */
  readonly heldKeys = new Set<string>();
  /** Everything since the page has been calm. */
  #seen: Seen[] = [];

  get isCalm(): boolean {
    return this.isVisible && this.isFocused && [...this.inView.values()].every(Boolean);
  }

  isArmed(now: number): boolean {
    return this.isCalm && now >= this.calmSince + armingMs;
  }

  disturb(now: number): void {
    this.calmSince = this.isCalm ? now : Infinity;
    this.#seen = [];
  }

  see(input: Input, known: number): void {
    this.#seen.push({ input, known, wasHeld: isKey(input) && this.heldKeys.has(input.key) });
    if (input.type === "keydown") this.heldKeys.add(input.key);
    if (input.type === "keyup") this.heldKeys.delete(input.key);
  }

  /** Whether what was seen last completes a press that a person made after a second of calm. */
  wasMeant(now: number): boolean {
    if (!this.isArmed(now)) return false;
    const armedAt = this.calmSince + armingMs;
    const seen = this.#seen.filter(({ known }) => known >= armedAt);
    const last = seen.at(-1)?.input;
    if (last?.type === "keyup") return isKeyPress(seen, last, armedAt);
    if (last?.type !== "click" || !last.trusted || last.at < armedAt) return false;
    return this.#isPointerPress(seen, armedAt) || this.#isBareClick(seen);
  }

  /** Down and up on the button, with no other pointer between; a mouse has also come there in this document. */
  #isPointerPress(seen: Seen[], armedAt: number): boolean {
    const [down, up] = seen.map(({ input }) => input).filter(isPointer).slice(-2);
    if (down?.type !== "pointerdown" || up?.type !== "pointerup" || down.id !== up.id) return false;
    if (!isGenuine(down) || !isGenuine(up) || down.at < armedAt) return false;
    const before = this.#seen.slice(0, this.#seen.findIndex(({ input }) => input === down));
    return down.kind !== "mouse" || before.some(({ input }) => input.type === "pointermove" && input.trusted);
  }

  /** Assistive technology: a click, and nothing that could have made one. */
  #isBareClick(seen: Seen[]): boolean {
    return this.heldKeys.size === 0 && !seen.some(({ input }) => isPointer(input) || isPressKey(input));
  }
}

function isKeyPress(seen: Seen[], up: KeyInput, armedAt: number): boolean {
  // A key that goes on repeating began with the first of its events.
  const isRepetition = ({ input, wasHeld }: Seen) => input.type === "keydown" && (input.repeat || wasHeld);
  const keys = seen.filter((entry) => !isRepetition(entry)).map(({ input }) => input).filter(isPressKey);
  const [down, last] = keys.slice(-2);
  if (down?.type !== "keydown" || last !== up || down.key !== up.key) return false;
  return isGenuine(down) && isGenuine(up) && down.at >= armedAt;
}

function isGenuine({ trusted, onButton }: PointerInput | KeyInput): boolean {
  return trusted && onButton;
}

function isPointer(input: Input): input is PointerInput {
  return input.type === "pointerdown" || input.type === "pointerup";
}

function isKey(input: Input): input is KeyInput {
  return input.type === "keydown" || input.type === "keyup";
}

function isPressKey(input: Input): input is KeyInput {
  return isKey(input) && pressKeys.includes(input.key);
}
