import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { armingMs } from "../../client/gate.ts";
import { FakeElement, GatePage, parts } from "./gate-page.ts";
import type { Part } from "./gate-page.ts";

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

  test("goes on when the focus only moves within the page, or the page is shown for the first time", () => {
    const page = new GatePage();
    page.wait(999);
    page.moveFocus();
    page.pageShow({ persisted: false });
    expect(page.state).toBe("counting");
    page.wait(1);
    expect(page.state).toBe("armed");
  });

  test.each(["touch", "pen"])("begins anew with every tap of a %s: the first of them was meant for another page", (pointerType) => {
    const page = new GatePage();
    page.wait(900);
    page.pointer("pointerdown", { pointerType, target: page.document });
    page.wait(900);
    expect([page.state, page.yes.disabled]).toEqual(["counting", true]);
    page.wait(100);
    expect(page.state).toBe("armed");
  });

  test("goes on when a mouse is pressed, or when a finger taps a page that is not counting", () => {
    const page = new GatePage();
    page.wait(900);
    page.pointer("pointerdown");
    page.wait(100);
    expect(page.state).toBe("armed");
    page.pointer("pointerdown", { pointerType: "touch" });
    expect(page.state).toBe("armed");
    page.setFocused(false);
    const told = page.states.length;
    page.pointer("pointerdown", { pointerType: "touch" });
    expect(page.states).toHaveLength(told);
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
      beside.press({ down: { target }, up: { target } });
      expect([beside.pressed, beside.refused]).toEqual([0, 1]);
    }
  });

  test.each<[string, (page: GatePage) => void]>([
    ["of a script", (page) => page.click({ isTrusted: false })],
    ["that the browser saw before arming", (page) => page.click({ lateMs: 1 })],
    ["without a way there", (page) => page.press({ way: "none" })],
    ["whose way there was made by a script", (page) => page.press({ way: "scripted" })],
    ["that went down before arming", (page) => page.press({ down: { lateMs: 1 } })],
    ["that another pointer ends", (page) => page.press({ up: { pointerId: 2 } })],
  ])("%s is refused, said to be, and begins the countdown anew", (_, press) => {
    const page = armedPage();
    press(page);
    expect([page.pressed, page.refused, page.state, page.yes.disabled]).toEqual([0, 1, "counting", true]);
    page.wait(armingMs);
    page.press();
    expect([page.pressed, page.refused]).toEqual([1, 1]);
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
    const page = new GatePage();
    page.key("keydown", { key: "Tab" });
    page.setFocused(false);
    page.setFocused(true);
    page.wait(armingMs);
    page.click();
    expect(page.pressed).toBe(1);
  });

  test("of a mouse that came there before the countdown began anew is refused", () => {
    const page = new GatePage();
    page.pointerMove();
    page.resize();
    page.wait(armingMs);
    page.press({ way: "none" });
    expect([page.pressed, page.refused]).toEqual([0, 1]);
  });

  test("does not count when the key only moved the focus within the page", () => {
    const page = armedPage();
    page.key("keydown", { key: "Tab" });
    page.moveFocus();
    page.click();
    expect([page.pressed, page.refused]).toEqual([0, 0]);
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
      page.press();
      page.scroll({ origin: 0 });
      page.scroll({ origin: 1 });
      page.wait(10_000);
      page.press();
      expect([page.pressed, page.refused, page.yes.disabled]).toEqual([0, 0, true]);
    }
  });
});
