import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { armingMs } from "../../../client/confirmation/gate.ts";
import type { Part } from "./gate-page.ts";
import { FakeElement, GatePage, parts } from "./gate-page.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function armedPage(): GatePage {
  const page = new GatePage();
  page.wait(armingMs);
  return page;
}

describe("[A7] the countdown", () => {
  test("takes a second, during which the button is disabled", () => {
    expect(armingMs).toBe(1_000);
    const page = new GatePage();
    expect([page.state, page.yes.disabled]).toEqual(["counting", true]);
    page.wait(armingMs - 1);
    expect([page.state, page.yes.disabled]).toEqual(["counting", true]);
    page.wait(1);
    expect([page.state, page.yes.disabled]).toEqual(["armed", false]);
  });

  test("is over once: nothing happens by itself after arming", () => {
    const page = armedPage();
    const told = page.states.length;
    page.wait(60_000);
    expect(page.states).toHaveLength(told);
    expect(page.pressed).toBe(0);
  });

  test("begins only when everything that matters is in view", () => {
    const page = new GatePage({ inView: false });
    expect([page.state, page.yes.disabled]).toEqual(["out-of-view", true]);
    page.wait(10_000);
    expect([page.state, page.yes.disabled]).toEqual(["out-of-view", true]);
    page.scroll({ origin: 1, no: 1 });
    expect(page.state).toBe("out-of-view");
    page.scroll({ yes: 1 });
    expect(page.state).toBe("counting");
    page.wait(armingMs);
    expect(page.state).toBe("armed");
  });

  test.each(parts)("stops when %s is no longer fully in view, and begins anew when it is again", (part) => {
    const page = armedPage();
    page.scroll({ [part]: 0.98 } satisfies Partial<Record<Part, number>>);
    expect([page.state, page.yes.disabled]).toEqual(["out-of-view", true]);
    page.wait(10_000);
    expect(page.state).toBe("out-of-view");
    page.scroll({ [part]: 0.99 });
    expect(page.state).toBe("counting");
    page.wait(armingMs - 1);
    expect(page.yes.disabled).toBe(true);
  });

  test("is told of the smallest part that is missing, and of all of it being there", () => {
    expect(new GatePage().thresholds).toEqual([0.99, 1]);
  });

  test("does not begin anew when a part stays in view", () => {
    const page = new GatePage();
    page.wait(600);
    page.scroll({ origin: 0.995 });
    page.wait(400);
    expect(page.state).toBe("armed");
    page.scroll({ origin: 1 });
    expect(page.state).toBe("armed");
  });

  test.each<[string, (page: GatePage) => void]>([
    ["the window is resized", (page) => page.resize()],
    ["the page comes back from the back-forward cache", (page) => page.pageShow({ persisted: true })],
    ["the window gets the focus", (page) => page.setFocused(true)],
    ["the page is said to be visible", (page) => page.setVisible(true)],
    ["the page restarts it", (page) => page.gate.restart()],
  ])("begins anew when %s", (_, disturb) => {
    for (const waitedMs of [0, 999, 1_000, 5_000]) {
      const page = new GatePage();
      page.wait(waitedMs);
      disturb(page);
      expect([page.state, page.yes.disabled]).toEqual(["counting", true]);
      page.wait(armingMs - 1);
      expect([page.state, page.yes.disabled]).toEqual(["counting", true]);
      page.wait(1);
      expect([page.state, page.yes.disabled]).toEqual(["armed", false]);
    }
  });

  test.each<[string, string, (page: GatePage) => void, (page: GatePage) => void]>([
    ["hidden", "hidden", (page) => page.setVisible(false), (page) => page.setVisible(true)],
    ["without focus", "unfocused", (page) => page.setFocused(false), (page) => page.setFocused(true)],
  ])("stands still while the window is %s", (_, state, begin, end) => {
    const page = armedPage();
    begin(page);
    expect([page.state, page.yes.disabled]).toEqual([state, true]);
    const told = page.states.length;
    page.wait(10_000);
    expect(page.states).toHaveLength(told);
    expect(page.yes.disabled).toBe(true);
    end(page);
    expect(page.state).toBe("counting");
    page.wait(armingMs);
    expect(page.state).toBe("armed");
  });

  test("does not arm a page that lost its focus without saying so", () => {
    const page = new GatePage();
    page.wait(500);
    page.isFocused = false;
    page.wait(500);
    expect([page.state, page.yes.disabled]).toEqual(["unfocused", true]);
  });

  test("begins when the window has the focus, also where the event tells of it too early, as in Firefox", () => {
    const page = new GatePage();
    page.setFocused(false);
    page.window.hear("focus", { target: page.window });
    expect(page.state).toBe("unfocused");
    page.isFocused = true;
    page.wait(armingMs - 1);
    expect([page.state, page.yes.disabled]).toEqual(["counting", true]);
    page.wait(armingMs);
    expect([page.state, page.yes.disabled]).toEqual(["armed", false]);
  });

  test("goes on when the focus only moves within the page, or the page is shown for the first time", () => {
    const page = new GatePage();
    page.wait(999);
    page.moveFocus();
    page.pageShow({ persisted: false });
    expect(page.state).toBe("counting");
    page.wait(1);
    expect(page.state).toBe("armed");
  });

  test.each<[string, (page: GatePage) => void]>([
    ["a pointer that goes down", (page) => page.pointer("pointerdown", { target: page.document })],
    ["a pointer that comes up", (page) => page.pointer("pointerup", { target: page.document })],
    ["a pointer that is taken away", (page) => page.pointer("pointercancel", { target: page.document })],
    ["a second button of a mouse", (page) => page.pointer("mousedown", { target: page.document })],
    ["Enter", (page) => page.key("keydown", { target: page.document })],
    ["the space bar", (page) => page.key("keydown", { key: " ", target: page.document })],
    ["a key that is held", (page) => page.key("keydown", { repeat: true, target: page.document })],
    ["a key that comes up", (page) => page.key("keyup", { target: page.document })],
  ])("begins anew with %s anywhere in the page: the press was meant for something else", (_, press) => {
    for (const waitedMs of [0, 999, 1_000, 5_000]) {
      const page = new GatePage();
      page.wait(waitedMs);
      press(page);
      expect([page.state, page.yes.disabled]).toEqual(["counting", true]);
      page.wait(armingMs - 1);
      expect(page.yes.disabled).toBe(true);
      page.wait(1);
      expect(page.state).toBe("armed");
    }
  });

  test.each([150, 250, 400, 900, 999])(
    "never ends under clicks that come every %i ms, and ends a second after the last",
    (everyMs) => {
      const page = new GatePage();
      for (let waitedMs = 0; waitedMs < 10_000; waitedMs += everyMs) {
        page.press();
        page.wait(everyMs);
      }
      expect([page.pressed, page.state]).toEqual([0, "ignored"]);
      page.wait(armingMs);
      page.press();
      expect(page.pressed).toBe(1);
    },
  );

  test("goes on when keys move the focus or scroll: Yes stays within reach of the keyboard", () => {
    const page = new GatePage();
    page.wait(999);
    for (const key of ["Tab", "Shift", "ArrowDown", "PageDown", "End", "Home"]) {
      page.key("keydown", { key, target: page.document });
      page.key("keydown", { key, repeat: true, target: page.document });
      page.key("keyup", { key });
    }
    page.wait(1);
    expect(page.state).toBe("armed");
  });

  test("begins anew when the window has been moved under the pointer, as soon as anything tells of it", () => {
    const moving = armedPage();
    moving.pointerMove();
    expect(moving.state).toBe("armed");
    moving.moveWindow();
    moving.pointerMove();
    expect(moving.state).toBe("counting");

    const counting = new GatePage();
    counting.wait(500);
    counting.moveWindow();
    counting.wait(500);
    expect(counting.state).toBe("counting");
    counting.wait(armingMs);
    expect(counting.state).toBe("armed");
  });
});

describe("[A7] what must be read", () => {
  test("keeps the button closed until all of it has been in view, also a part at a time", () => {
    const page = new GatePage({ read: false });
    expect([page.state, page.yes.disabled]).toEqual(["unread", true]);
    page.read({ warning: [0, 1] });
    page.wait(10_000);
    expect([page.state, page.yes.disabled]).toEqual(["unread", true]);
    page.read({ scope: [0, 1] });
    expect(page.state).toBe("counting");
    page.wait(armingMs);
    expect(page.state).toBe("armed");
  });

  test("may be longer than the view: then it is scrolled through, from its beginning to its end", () => {
    const page = new GatePage({ read: false });
    page.read({ warning: [0, 1], scope: [0, 0.3] });
    page.read({ scope: [0.25, 0.6] });
    page.read({ scope: [0, 0.3] });
    page.read({ scope: [0.6, 0.9] });
    expect(page.state).toBe("unread");
    page.read({ scope: [0.7, 0.995] });
    expect(page.state).toBe("counting");
  });

  test("is not read by a jump to its end, but once what was passed over has been in view as well", () => {
    const page = new GatePage({ read: false });
    page.read({ warning: [0, 1], scope: [0, 0.3] });
    page.read({ scope: [0.32, 1] });
    expect(page.state).toBe("unread");
    page.read({ scope: [0.3, 1] });
    expect(page.state).toBe("counting");
  });

  test("is not read where its lines are cut off at a side", () => {
    const page = new GatePage({ read: false });
    page.read({ warning: [0, 1] });
    page.read({ scope: [0, 1] }, 298);
    expect(page.state).toBe("unread");
    page.read({ scope: [0, 1] }, 299);
    expect(page.state).toBe("counting");
  });

  test("is read only while the window is visible and has the focus; what is in view then counts at once", () => {
    for (const away of ["hide", "blur"]) {
      const page = new GatePage({ read: false });
      if (away === "hide") page.setVisible(false);
      else page.setFocused(false);
      page.read({ warning: [0, 1] });
      page.read({ scope: [0, 1] });
      if (away === "hide") page.setVisible(true);
      else page.setFocused(true);
      expect(page.state).toBe("unread");
      page.read({ warning: [0, 1] });
      expect(page.state).toBe("counting");
    }
  });

  test("need not stay in view, and is read once", () => {
    const page = armedPage();
    page.read({});
    expect(page.state).toBe("armed");
    page.resize();
    expect(page.state).toBe("counting");
  });

  test("gives way to what must be in view now: the way back to the question is said first", () => {
    const page = new GatePage({ read: false });
    page.scroll({ origin: 0 });
    expect(page.state).toBe("out-of-view");
    page.scroll({ origin: 1 });
    expect(page.state).toBe("unread");
  });
});

describe("a press", () => {
  test("is heard of before anything else on the page can stop it", () => {
    const { window, document, yes } = armedPage();
    for (const target of [window, document, yes]) expect(target.captured).toBe(target.listenerCount);
  });

  test("counts once, and closes the gate", () => {
    const page = armedPage();
    page.press();
    expect([page.pressed, page.refused, page.yes.disabled, page.isObserved]).toEqual([1, 0, true, false]);
    page.wait(10_000);
    page.press();
    page.setFocused(true);
    page.resize();
    page.wait(10_000);
    expect([page.pressed, page.refused, page.yes.disabled, page.state]).toEqual([1, 0, true, "armed"]);
    expect([page.window, page.document, page.yes].map(({ listenerCount }) => listenerCount)).toEqual([0, 0, 0]);
  });

  test("by a key counts when the key is released", () => {
    const page = armedPage();
    page.key("keydown");
    expect(page.pressed).toBe(0);
    page.key("keyup");
    expect(page.pressed).toBe(1);
  });

  test("by a key that went down elsewhere, or that presses nothing, does not count", () => {
    for (const key of ["Enter", " ", "Tab", "x"]) {
      const page = armedPage();
      page.key("keyup", { key });
      expect(page.pressed).toBe(0);
    }
  });

  test("by assistive technology counts as a bare click", () => {
    const page = armedPage();
    page.click();
    expect(page.pressed).toBe(1);
  });

  test("counts on what is inside the button, and not beside it", () => {
    const inside = armedPage();
    inside.press({ down: { target: inside.label }, up: { target: inside.label } });
    expect(inside.pressed).toBe(1);
    for (const target of [inside.elements.no, new FakeElement(), inside.document]) {
      const beside = armedPage();
      beside.pointer("pointerdown", { target });
      beside.pointer("pointerup", { target });
      expect([beside.pressed, beside.refused, beside.state]).toEqual([0, 0, "counting"]);
    }
  });

  test.each<[string, (page: GatePage) => void]>([
    ["of a script", (page) => page.click({ isTrusted: false })],
    ["that the browser saw before arming", (page) => page.click({ lateMs: 1 })],
    ["that went down before arming", (page) => page.press({ down: { lateMs: 1 } })],
    ["that another pointer ends", (page) => page.press({ up: { pointerId: 2 } })],
    ["with another button of the mouse", (page) => page.press({ down: { button: 2 } })],
    ["that went down beside it", (page) => page.press({ down: { target: page.elements.no } })],
    ["in a window that has been moved", (page) => (page.moveWindow(), page.press())],
    ["of a mouse while it is closed", (page) => (page.resize(), page.press())],
    ["of a key while it is closed", (page) => (page.resize(), page.pressKey())],
    ["of assistive technology while it is closed", (page) => (page.resize(), page.click())],
  ])("%s is refused, said to be, and begins the countdown anew", (_, press) => {
    const page = armedPage();
    press(page);
    expect([page.pressed, page.state, page.yes.disabled]).toEqual([0, "ignored", true]);
    page.wait(armingMs);
    page.press();
    expect(page.pressed).toBe(1);
  });

  test("of a mouse never leaves the focus on the button, where the next key would press it", () => {
    const page = new GatePage();
    page.press();
    expect(page.prevented, "closed").toBe(1);
    page.press({ down: { target: page.label } });
    expect(page.prevented, "on its label").toBe(2);
    page.wait(armingMs);
    page.pointer("mousedown");
    expect(page.prevented, "open").toBe(3);
    page.pointer("mousedown", { target: page.elements.no });
    page.pressKey();
    expect(page.prevented, "anything else is as usual").toBe(3);
  });

  test("of a finger counts, though a mouse is told of as well", () => {
    const page = armedPage();
    page.tap();
    expect([page.pressed, page.refused]).toEqual([1, 0]);
  });

  test("with the left button of a mouse whose right one is held counts after a second of quiet only [A7]", () => {
    const page = new GatePage();
    page.pointer("pointerdown", { button: 2 });
    page.wait(armingMs - 1);
    page.pointer("mousedown");
    page.wait(armingMs - 1);
    page.click();
    expect([page.pressed, page.state]).toEqual([0, "ignored"]);
  });

  test("of a key that is held from before is neither, however often it repeats [A6]", () => {
    const page = new GatePage();
    page.key("keydown");
    for (let repeats = 0; repeats < 50; repeats += 1) {
      page.wait(30);
      page.key("keydown", { repeat: true });
      page.click();
    }
    page.key("keyup");
    expect(page.pressed).toBe(0);
  });

  test("of a key whose release was lost with the focus counts again", () => {
    const page = armedPage();
    page.key("keydown");
    page.setFocused(false);
    page.setFocused(true);
    page.wait(armingMs);
    page.pressKey();
    expect(page.pressed).toBe(1);
  });

  test("of a pointer that has lain there all the time counts after a second of quiet, whatever was refused before", () => {
    const page = new GatePage();
    for (let presses = 0; presses < 3; presses += 1) {
      page.pointer("pointerdown");
      page.pointer("pointerup");
      page.wait(200);
    }
    expect(page.state).toBe("ignored");
    page.wait(armingMs);
    page.press();
    expect(page.pressed).toBe(1);
  });

  test.each<[string, (page: GatePage) => void]>([
    ["lost its focus", (page) => (page.isFocused = false)],
    ["was hidden", (page) => (page.document.visibilityState = "hidden")],
  ])("does not count on a page that %s without saying so", (_, change) => {
    for (const pressIt of ["click", "pressKey"] as const) {
      const page = armedPage();
      change(page);
      page[pressIt]();
      expect([page.pressed, page.yes.disabled]).toEqual([0, true]);
      expect(page.state).not.toBe("armed");
    }
  });
});

describe("a closed gate", () => {
  test("is closed for good, whenever it was closed", () => {
    for (const waitedMs of [0, 999, 1_000]) {
      const page = new GatePage();
      page.wait(waitedMs);
      page.gate.close();
      page.wait(armingMs);
      page.tap();
      page.isFocused = false;
      page.scroll({ origin: 0 });
      page.gate.restart();
      page.isFocused = true;
      page.scroll({ origin: 1 });
      page.wait(10_000);
      page.press();
      expect([page.pressed, page.refused, page.yes.disabled]).toEqual([0, 0, true]);
    }
  });
});
