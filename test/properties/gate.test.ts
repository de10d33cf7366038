import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { armingMs } from "../../client/confirmation/gate.ts";
import { RUNS } from "../attacks/tools.ts";
import type { FakeTarget, Stretch } from "../client/confirmation/gate-page.ts";
import { GatePage, parts, texts } from "../client/confirmation/gate-page.ts";
import { Witness } from "./witness.ts";

/**
 * The confirmation gate as a state machine: events on the page and presses by anybody, in any order. A witness that
 * does not know how the gate works decides whether an accepted press can have been intended.
 */

/* ---- What can happen ---- */

type Step = fc.Command<Witness, GatePage>;

/** Runs one step and asserts what must hold after every step. */
function step(name: string, run: (witness: Witness, page: GatePage) => void): Step {
  return {
    check: () => true,
    toString: () => name,
    run: (witness, page) => {
      const before = page.pressed;
      const wasArmed = !page.yes.disabled;
      run(witness, page);
      const now = performance.now();
      if (page.pressed > before) {
        expect(before, "released once").toBe(0);
        expect(wasArmed, "released by an enabled button").toBe(true);
        expect(witness.wasMeant(now), "meant by a person").toBe(true);
      }
      if (page.pressed > 0) expect(page.yes.disabled, "closed").toBe(true);
      if (!page.yes.disabled) expect(witness.isArmed(now), "enabled after a second of calm and quiet").toBe(true);
    },
  };
}

function disturbance(name: string, change: (witness: Witness, page: GatePage) => void): Step {
  return step(name, (witness, page) => {
    change(witness, page);
    witness.disturb(performance.now());
  });
}

const waiting = fc
  .oneof(fc.constantFrom(1, 999, armingMs, armingMs + 1), fc.integer({ min: 1, max: 3_000 }))
  .map((ms) => step(`wait ${ms} ms`, (_, page) => page.wait(ms)));

const seeing = fc.boolean().map((isVisible) =>
  disturbance(isVisible ? "show" : "hide", (witness, page) => {
    witness.isVisible = isVisible;
    page.setVisible(isVisible);
  }),
);

const focusing = fc.boolean().map((isFocused) =>
  disturbance(isFocused ? "focus" : "blur", (witness, page) => {
    witness.isFocused = isFocused;
    page.setFocused(isFocused);
  }),
);

const ratio = fc.constantFrom(0, 0.5, 0.98, 0.99, 1);
const scrolling = fc.tuple(fc.constantFrom(...parts), ratio).map(([part, ratio]) =>
  step(`scroll ${part} to ${ratio}`, (witness, page) => {
    witness.change(performance.now(), () => witness.inView.set(part, ratio >= 0.99));
    page.scroll({ [part]: ratio });
  }),
);

const stretch = fc.constantFrom<Stretch>([0, 1], [0, 1], [0, 0.5], [0.5, 1], [0.4, 0.9], [0.9, 1], [0, 0]);
const reading = fc.tuple(fc.constantFrom(...texts), stretch).map(([text, stretch]) =>
  step(`read ${text} from ${stretch[0]} to ${stretch[1]}`, (witness, page) => {
    witness.change(performance.now(), () => witness.scrollTo({ [text]: stretch }));
    page.read({ [text]: stretch });
  }),
);

const resizing = fc.constant(disturbance("resize", (_, page) => page.resize()));
const comingBack = fc.constant(disturbance("come back", (_, page) => page.pageShow({ persisted: true })));
const movingWindow = fc.constant(
  step("move the window", (witness, page) => {
    witness.moveWindow(performance.now());
    page.moveWindow();
  }),
);
const nothing = fc.constantFrom(
  step("show for the first time", (_, page) => page.pageShow({ persisted: false })),
  step("move the focus within the page", (_, page) => page.moveFocus()),
);

/** The event tells the page where its window is now. */
const moving = fc.constant(step("move the pointer", (_, page) => page.pointerMove()));

/** Usually genuine, on the button, and reported at once. */
const trusted = fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });
const lateMs = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(1, 100, 2_000) },
);

interface Source {
  trusted: boolean;
  onButton: boolean;
  /** How long ago the browser saw the event. */
  lateMs: number;
}

interface Pointing extends Source {
  type: "pointerdown" | "pointerup";
  id: number;
  button: number;
}

interface PressingMouse extends Source {
  type: "mousedown";
}

interface Typing extends Source {
  type: "keydown" | "keyup";
  key: string;
  repeat: boolean;
}

type Clicking = Omit<Source, "onButton">;

const source = { trusted, onButton: trusted, lateMs };
const pointerOf = <Type extends Pointing["type"]>(...types: Type[]) =>
  fc.record({
    ...source,
    type: fc.constantFrom(...types),
    id: fc.constantFrom(1, 1, 1, 2),
    button: fc.constantFrom(0, 0, 0, 2),
  });
const mouse = fc.record({ ...source, type: fc.constant("mousedown" as const) });
const keyOf = <Type extends Typing["type"]>(...types: Type[]) =>
  fc.record({
    ...source,
    type: fc.constantFrom(...types),
    key: fc.constantFrom("Enter", "Enter", " ", "Tab"),
    repeat: fc.boolean(),
  });
const click = fc.record({ trusted, lateMs });

function pointAt({ type, id, button, onButton, lateMs, trusted }: Pointing, witness: Witness, page: GatePage): void {
  const now = performance.now();
  witness.see({ type, at: now - lateMs, trusted, onButton, id, button }, now);
  page.pointer(type, { isTrusted: trusted, lateMs, pointerId: id, button, target: placeOf(page, onButton) });
}

function pressMouse({ type, onButton, lateMs, trusted }: PressingMouse, witness: Witness, page: GatePage): void {
  const now = performance.now();
  witness.see({ type, at: now - lateMs, trusted, onButton }, now);
  page.pointer(type, { isTrusted: trusted, lateMs, target: placeOf(page, onButton) });
}

function typeOn({ type, key, repeat, onButton, lateMs, trusted }: Typing, witness: Witness, page: GatePage): void {
  const now = performance.now();
  witness.see({ type, at: now - lateMs, trusted, onButton, key, repeat }, now);
  page.key(type, { isTrusted: trusted, lateMs, key, repeat, target: placeOf(page, onButton) });
}

function clickOn({ lateMs, trusted }: Clicking, witness: Witness, page: GatePage): void {
  const now = performance.now();
  witness.see({ type: "click", at: now - lateMs, trusted }, now);
  page.click({ isTrusted: trusted, lateMs });
}

const pointing = pointerOf("pointerdown", "pointerup").map((event) =>
  step(`point ${fc.stringify(event)}`, (witness, page) => pointAt(event, witness, page)),
);

const pressingMouse = mouse.map((event) =>
  step(`press the mouse ${fc.stringify(event)}`, (witness, page) => pressMouse(event, witness, page)),
);

const typing = keyOf("keydown", "keyup").map((event) =>
  step(`type ${fc.stringify(event)}`, (witness, page) => typeOn(event, witness, page)),
);

const clicking = click.map((event) =>
  step(`click ${fc.stringify(event)}`, (witness, page) => clickOn(event, witness, page)),
);

/** A whole press, in which something may be wrong. */
const pressing = fc
  .tuple(pointerOf("pointerdown"), mouse, pointerOf("pointerup"), click)
  .map(([down, mouse, up, clicked]) =>
    step(`press ${fc.stringify([down, mouse, up, clicked])}`, (witness, page) => {
      pointAt(down, witness, page);
      pressMouse(mouse, witness, page);
      pointAt(up, witness, page);
      clickOn(clicked, witness, page);
    }),
  );

/** A series of clicks where Yes is, which may have begun at any time. */
const clickTrain = fc
  .record({ everyMs: fc.integer({ min: 20, max: 999 }), count: fc.integer({ min: 2, max: 8 }) })
  .map(({ everyMs, count }) =>
    step(`click ${count} times, every ${everyMs} ms`, (witness, page) => {
      for (let clicks = 0; clicks < count && page.pressed === 0; clicks += 1) {
        if (clicks > 0) page.wait(everyMs);
        const event = { lateMs: 0, trusted: true, onButton: true };
        pointAt({ ...event, type: "pointerdown", id: 1, button: 0 }, witness, page);
        pointAt({ ...event, type: "pointerup", id: 1, button: 0 }, witness, page);
        clickOn(event, witness, page);
      }
    }),
  );

function placeOf(page: GatePage, onButton: boolean): FakeTarget {
  return onButton ? page.label : page.elements.no;
}

const doing = [moving, pointing, pressingMouse, typing, clicking, pressing, pressing, clickTrain];
const disturbing = [seeing, focusing, scrolling, reading, resizing, comingBack, movingWindow, nothing];
const anything = fc.commands([...disturbing, ...doing, ...doing, ...doing, waiting, waiting, waiting, waiting], {
  maxCommands: 60,
  size: "max",
});

/** A page that accepts a press at once, so that short sequences test the press. */
function openPage(witness: Witness, read: boolean): GatePage {
  const page = new GatePage({ read });
  for (const part of parts) witness.inView.set(part, true);
  if (read) witness.scrollTo({ warning: [0, 1], scope: [0, 1] });
  witness.disturb(performance.now());
  return page;
}

const isRead = fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });

describe("whatever happens to the confirmation page", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  test("[A6][A7] nothing is released but by a fresh press of a person, after a quiet second, on what was in view and read", () => {
    let released = 0;
    fc.assert(
      fc.property(anything, isRead, (steps, read) => {
        const witness = new Witness();
        const page = openPage(witness, read);
        fc.modelRun(() => ({ model: witness, real: page }), steps);
        released += page.pressed;
        page.gate.close();
      }),
      RUNS,
    );
    // Without enough releases, the property above would prove nothing.
    expect(released).toBeGreaterThan(50);
  });

  test("[A7] once everything is in view and read and a quiet second has passed, a press counts: no sequence ends in a dead page", () => {
    fc.assert(
      fc.property(anything, isRead, fc.constantFrom("mouse", "touch", "key", "bare click"), (steps, read, way) => {
        const witness = new Witness();
        const page = openPage(witness, read);
        fc.modelRun(() => ({ model: witness, real: page }), steps);
        page.setVisible(true);
        page.setFocused(false);
        page.setFocused(true);
        page.scroll({ origin: 1, no: 1, yes: 1 });
        page.read({ warning: [0, 1], scope: [0, 1] });
        page.wait(2 * armingMs);
        if (page.pressed === 0) press(page, way);
        expect(page.pressed).toBe(1);
      }),
      RUNS,
    );
  });
});

function press(page: GatePage, way: "mouse" | "touch" | "key" | "bare click"): void {
  if (way === "bare click") return page.click();
  if (way === "key") return page.pressKey();
  if (way === "touch") return page.tap();
  page.press();
}
