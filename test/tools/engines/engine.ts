import { setTimeout as sleep } from "node:timers/promises";
import { PATIENCE_MS } from "../patience.ts";
import type { KeyStep, Pointer, PointerStep } from "./actions.ts";

/** What the suite of `test/engines` needs of a browser, whatever drives it. */
export interface Engine {
  /** As users know it, with its version. */
  version: string;
  /** The window that stays open. */
  main: EngineWindow;
  /** Whether it keeps pages from opening windows that nobody has asked for, as users' browsers do. */
  blocksPopups: boolean;
  /** All windows and tabs. */
  windows(): Promise<EngineWindow[]>;
  /** A tab beside the main window. */
  openTab(): Promise<EngineWindow>;
  /** Where to point for the frame at the top left of a page. */
  frameOf(window: EngineWindow): Promise<EngineWindow>;
  /** A window that shares no cookies with the others. */
  openPrivate(): Promise<EngineWindow>;
  /** Another window, in which neither pages nor servers can keep anything. */
  openBlocked(): Promise<EngineWindow>;
  /** Ends what `openPrivate` or `openBlocked` has begun. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export interface EngineWindow {
  id: string;
  goto(address: string): Promise<void>;
  reload(): Promise<void>;
  back(): Promise<void>;
  forward(): Promise<void>;
  /** Runs in the page. Arguments and result are JSON. */
  run<Arguments extends unknown[], Result>(
    code: (...values: Arguments) => Result | Promise<Result>,
    ...values: Arguments
  ): Promise<Result>;
  point(pointer: Pointer, ...steps: PointerStep[]): Promise<void>;
  type(...steps: KeyStep[]): Promise<void>;
  screenshot(): Promise<Buffer>;
  close(): Promise<void>;
}

/** Thrown by an engine that cannot do something. The test is then skipped, and the table says so. */
export class NotPossible extends Error {}

/** A call of `code` in the page, as an expression. */
export function callOf(code: (...values: never[]) => unknown, values: unknown[]): string {
  return `(async () => JSON.stringify({ value: await (${code})(...${JSON.stringify(values)}) }))()`;
}

export function resultOf<Result>(json: string): Result {
  return (JSON.parse(json) as { value: Result }).value;
}

const pollMs = 100;

/** Waits until `look` finds something. While a window is opened, changes its page or closes, looking may fail. */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | undefined | null | false>,
): Promise<Found> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  let failure: unknown;
  while (performance.now() < deadlineMs) {
    try {
      const found = await look();
      if (found !== undefined && found !== null && found !== false) return found;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    await sleep(pollMs);
  }
  throw new Error(`This did not happen: ${what}`, { cause: failure });
}
