import { beforeEach, describe, expect, test } from "vitest";
import type { KeyPress, PointerPress } from "../../../client/confirmation/press.ts";
import { Press } from "../../../client/confirmation/press.ts";

const armedAt = 1_000;
let press: Press;

beforeEach(() => {
  press = new Press();
});

type PointerChanges = Partial<PointerPress & Place>;
type KeyChanges = Partial<KeyPress & Place>;

interface Place {
  onButton: boolean;
}

function pointerDown(timeStamp: number, changes: PointerChanges = {}) {
  const event = { timeStamp, isTrusted: true, onButton: true, pointerId: 1, button: 0, ...changes };
  return press.pointerDown(event, event.onButton);
}

function pointerUp(timeStamp: number, changes: PointerChanges = {}) {
  const event = { timeStamp, isTrusted: true, onButton: true, pointerId: 1, button: 0, ...changes };
  return press.pointerUp(event, event.onButton);
}

function key(timeStamp: number, changes: KeyChanges = {}): KeyPress & Place {
  return { timeStamp, isTrusted: true, onButton: true, key: "Enter", repeat: false, ...changes };
}

function keyDown(timeStamp: number, changes: KeyChanges = {}) {
  const event = key(timeStamp, changes);
  return press.keyDown(event, event.onButton);
}

function keyUp(timeStamp: number, changes: KeyChanges = {}) {
  const event = key(timeStamp, changes);
  return press.keyUp(event, event.onButton);
}

function click(timeStamp: number) {
  return press.click({ isTrusted: true, timeStamp });
}

describe("a pointer", () => {
  test("counts when it went down and up on the button after arming, wherever it was before", () => {
    press.arm(armedAt);
    expect(pointerDown(armedAt)).toBe("pending");
    expect(pointerUp(1_150)).toBe("pending");
    expect(click(1_150)).toBe("accepted");
  });

  test.each<[string, number, PointerChanges]>([
    ["before arming [A7]", 999, {}],
    ["elsewhere", 1_100, { onButton: false }],
    ["by a script", 1_100, { isTrusted: false }],
    ["with another button of the mouse", 1_100, { button: 2 }],
  ])("does not count when it went down %s", (_, timeStamp, changes) => {
    press.arm(armedAt);
    expect(pointerDown(timeStamp, changes)).toBe("ignored");
  });

  test("does not count before the first arming, nor when only its release comes after [A7]", () => {
    expect(pointerDown(990)).toBe("ignored");
    press.arm(armedAt);
    expect(pointerUp(1_100)).toBe("ignored");
  });

  test.each<[string, PointerChanges]>([
    ["elsewhere", { onButton: false }],
    ["by a script", { isTrusted: false }],
    ["as another pointer", { pointerId: 2 }],
  ])("does not count when it went up %s", (_, changes) => {
    press.arm(armedAt);
    pointerDown(1_100);
    expect(pointerUp(1_150, changes)).toBe("ignored");
  });

  test("does not count when the countdown began anew in between", () => {
    press.arm(armedAt);
    pointerDown(1_100);
    press.disarm();
    press.arm(2_200);
    expect(pointerUp(2_300)).toBe("ignored");
  });

  test("does not count while another is down, or a key, nor after one whose click never came", () => {
    press.arm(armedAt);
    pointerDown(1_100);
    expect(pointerDown(1_120, { pointerId: 2 })).toBe("ignored");
    expect(keyDown(1_120)).toBe("ignored");

    press.arm(armedAt);
    keyDown(1_100);
    expect(pointerDown(1_120)).toBe("ignored");

    press.arm(armedAt);
    pointerDown(1_100);
    pointerUp(1_150);
    expect(pointerDown(1_200)).toBe("ignored");
  });

  test("that is still down has made no click", () => {
    press.arm(armedAt);
    pointerDown(1_100);
    expect(click(1_110)).toBe("ignored");
  });

  test("can be told of as a mouse, too: that refuses what no pointer event tells of, and counts for nothing [A7]", () => {
    const mouseDown = (timeStamp: number, onButton = true, isTrusted = true) =>
      press.mouseDown({ isTrusted, timeStamp }, onButton);
    expect(mouseDown(990)).toBe("ignored");
    press.arm(armedAt);
    expect(mouseDown(999)).toBe("ignored");
    expect(mouseDown(1_100, false)).toBe("ignored");
    expect(mouseDown(1_100, true, false)).toBe("ignored");
    press.disarm();
    press.arm(armedAt);
    expect(mouseDown(1_100)).toBe("pending");
    expect(mouseDown(1_200)).toBe("ignored");
  });
});

describe.each([["Enter"], [" "]])("the key %j", (name) => {
  test("counts once it is released on the button, however long it was held", () => {
    press.arm(armedAt);
    expect(keyDown(1_100, { key: name })).toBe("pending");
    expect(click(1_100)).toBe("pending");
    expect(keyDown(1_600, { key: name, repeat: true })).toBe("pending");
    expect(click(1_600)).toBe("pending");
    expect(keyUp(1_700, { key: name })).toBe("accepted");
  });

  test("does not count when it was held from before [A6]", () => {
    expect(keyDown(500, { key: name, onButton: false })).toBe("ignored");
    press.arm(armedAt);
    expect(keyDown(1_100, { key: name, repeat: true })).toBe("ignored");
    expect(keyUp(1_200, { key: name })).toBe("ignored");
  });

  test.each<[string, number, KeyChanges]>([
    ["before arming", 999, {}],
    ["elsewhere", 1_100, { onButton: false }],
    ["by a script", 1_100, { isTrusted: false }],
  ])("does not count when it went down %s", (_, timeStamp, changes) => {
    press.arm(armedAt);
    expect(keyDown(timeStamp, { key: name, ...changes })).toBe("ignored");
    expect(keyUp(1_200, { key: name })).toBe("ignored");
  });

  test("does not count when it came up elsewhere, or by a script, or is not the one that went down", () => {
    for (const changes of [{ onButton: false }, { isTrusted: false }]) {
      press.arm(armedAt);
      keyDown(1_100, { key: name });
      expect(keyUp(1_200, { key: name, ...changes })).toBe("ignored");
    }
    press.arm(armedAt);
    keyDown(1_100, { key: name });
    expect(keyUp(1_200, { key: name === " " ? "Enter" : " " })).toBe("ignored");
  });
});

test("other keys press nothing and refuse nothing: they move the focus, scroll, or belong to a screen reader", () => {
  for (const name of ["Tab", "Shift", "ArrowDown", "PageDown", "Home", "End", "Control", "Escape", "x"]) {
    expect(keyDown(500, { key: name, onButton: false })).toBe("pending");
    press.arm(armedAt);
    expect(keyDown(1_100, { key: name })).toBe("pending");
    expect(keyUp(1_200, { key: name })).toBe("pending");
    press.disarm();
  }
});

describe("a bare click, as assistive technology makes it", () => {
  test("counts after arming [A7]", () => {
    press.arm(armedAt);
    expect(click(armedAt)).toBe("accepted");
  });

  test("counts while other keys are down, which is how screen readers are told to make it", () => {
    press.arm(armedAt);
    keyDown(1_050, { key: "Control" });
    keyDown(1_060, { key: "Alt" });
    expect(click(1_100)).toBe("accepted");
  });

  test("does not count before arming", () => {
    expect(click(500)).toBe("ignored");
    press.arm(armedAt);
    expect(click(999)).toBe("ignored");
  });

  test("does not count when a script made it", () => {
    press.arm(armedAt);
    expect(press.click({ isTrusted: false, timeStamp: 1_100 })).toBe("ignored");
  });

  test("does not count once the countdown has begun anew", () => {
    press.arm(armedAt);
    press.disarm();
    expect(click(1_100)).toBe("ignored");
  });
});
