import { beforeEach, describe, expect, test } from "vitest";
import { Press } from "../../client/press.ts";
import type { KeyPress, PointerPress } from "../../client/press.ts";

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

function pointer(timeStamp: number, changes: PointerChanges = {}): PointerPress & Place {
  return { timeStamp, isTrusted: true, onButton: true, pointerId: 1, pointerType: "mouse", ...changes };
}

function pointerDown(event: PointerPress & Place) {
  press.pointerDown(event, event.onButton);
}

function pointerUp(event: PointerPress & Place) {
  press.pointerUp(event, event.onButton);
}

function key(timeStamp: number, changes: KeyChanges = {}): KeyPress & Place {
  return { timeStamp, isTrusted: true, onButton: true, key: "Enter", repeat: false, ...changes };
}

function keyDown(event: KeyPress & Place) {
  press.keyDown(event, event.onButton);
}

function keyUp(event: KeyPress & Place) {
  return press.keyUp(event, event.onButton);
}

function click(timeStamp: number) {
  return press.click({ isTrusted: true, timeStamp });
}

describe("a mouse", () => {
  test("counts when it has moved here, and went down and up on the button after arming", () => {
    press.pointerMove({ isTrusted: true });
    press.arm(armedAt);
    pointerDown(pointer(1_100));
    pointerUp(pointer(1_150));
    expect(click(1_150)).toBe("accepted");
  });

  test("does not count when it has never moved in this document [A7]", () => {
    press.arm(armedAt);
    pointerDown(pointer(1_100));
    pointerUp(pointer(1_150));
    expect(click(1_150)).toBe("refused");
  });

  test("does not count when its movement was made by a script [A7]", () => {
    press.pointerMove({ isTrusted: false });
    press.arm(armedAt);
    pointerDown(pointer(1_100));
    pointerUp(pointer(1_150));
    expect(click(1_150)).toBe("refused");
  });

  test("does not count when it went down before arming [A7]", () => {
    press.pointerMove({ isTrusted: true });
    pointerDown(pointer(990));
    press.arm(armedAt);
    pointerUp(pointer(1_100));
    expect(click(1_100)).toBe("refused");
  });

  test("does not count when the event is older than arming but came late [A7]", () => {
    press.pointerMove({ isTrusted: true });
    press.arm(armedAt);
    pointerDown(pointer(990));
    pointerUp(pointer(1_100));
    expect(click(1_100)).toBe("refused");
  });

  test("does not count when it went down elsewhere", () => {
    press.pointerMove({ isTrusted: true });
    press.arm(armedAt);
    pointerDown(pointer(1_100, { onButton: false }));
    pointerUp(pointer(1_150));
    expect(click(1_150)).toBe("refused");
  });

  test.each<[string, PointerChanges]>([
    ["elsewhere", { onButton: false }],
    ["by a script", { isTrusted: false }],
    ["as another pointer", { pointerId: 2 }],
  ])("does not count when it went up %s", (_, changes) => {
    press.pointerMove({ isTrusted: true });
    press.arm(armedAt);
    pointerDown(pointer(1_100));
    pointerUp(pointer(1_150, changes));
    expect(click(1_150)).toBe("refused");
  });

  test("does not count when it moved only before the countdown began anew [A7]", () => {
    press.pointerMove({ isTrusted: true });
    press.disarm();
    press.arm(armedAt);
    pointerDown(pointer(1_100));
    pointerUp(pointer(1_150));
    expect(click(1_150)).toBe("refused");
  });

  test("does not count when the countdown began anew in between", () => {
    press.pointerMove({ isTrusted: true });
    press.arm(armedAt);
    pointerDown(pointer(1_100));
    press.disarm();
    press.arm(2_200);
    pointerUp(pointer(2_300));
    expect(click(2_300)).toBe("refused");
  });
});

test("a finger counts without having moved: it cannot before it touches", () => {
  press.arm(armedAt);
  pointerDown(pointer(1_100, { pointerType: "touch" }));
  pointerUp(pointer(1_150, { pointerType: "touch" }));
  expect(click(1_150)).toBe("accepted");
});

describe.each([["Enter"], [" "]])("the key %j", (name) => {
  test("counts once it is released on the button", () => {
    press.arm(armedAt);
    keyDown(key(1_100, { key: name }));
    expect(click(1_100)).toBe("pending");
    expect(keyUp(key(1_200, { key: name }))).toBe("accepted");
  });

  test("does not count when it was held from before [A6]", () => {
    keyDown(key(500, { key: name, onButton: false }));
    press.arm(armedAt);
    keyDown(key(1_100, { key: name, repeat: true }));
    expect(click(1_100)).toBe("pending");
    keyDown(key(1_130, { key: name }));
    expect(keyUp(key(1_200, { key: name }))).toBe("pending");
    expect(click(1_200)).toBe("refused");
  });

  test("does not count when only its repetition is seen [A6]", () => {
    press.arm(armedAt);
    keyDown(key(1_100, { key: name, repeat: true }));
    expect(click(1_100)).toBe("pending");
    expect(keyUp(key(1_200, { key: name }))).toBe("pending");
    expect(click(1_200)).toBe("refused");
  });

  test("does not count when it went down elsewhere", () => {
    press.arm(armedAt);
    keyDown(key(1_100, { key: name, onButton: false }));
    expect(keyUp(key(1_200, { key: name }))).toBe("pending");
  });

  test("does not count when it came up elsewhere, or by a script", () => {
    for (const changes of [{ onButton: false }, { isTrusted: false }]) {
      press.arm(armedAt);
      keyDown(key(1_100, { key: name }));
      expect(keyUp(key(1_200, { key: name, ...changes }))).toBe("pending");
    }
  });

  test("makes a click that follows no bare click, even if its release is never seen", () => {
    press.arm(armedAt);
    keyDown(key(1_100, { key: name, onButton: false }));
    press.forgetKeys();
    expect(click(1_200)).toBe("refused");
  });
});

test("other keys press nothing", () => {
  press.arm(armedAt);
  keyDown(key(1_100, { key: "x" }));
  expect(keyUp(key(1_200, { key: "x" }))).toBe("pending");
});

describe("a bare click, as assistive technology makes it", () => {
  test("counts after arming [A7]", () => {
    press.arm(armedAt);
    expect(click(1_100)).toBe("accepted");
  });

  test("counts after other keys and movements, which come with every screen reader", () => {
    press.arm(armedAt);
    press.pointerMove({ isTrusted: true });
    keyDown(key(1_050, { key: "Control" }));
    keyUp(key(1_060, { key: "Control" }));
    expect(click(1_100)).toBe("accepted");
  });

  test("does not count before arming", () => expect(click(500)).toBe("refused"));

  test("does not count when a script made it", () => {
    press.arm(armedAt);
    expect(press.click({ isTrusted: false, timeStamp: 1_100 })).toBe("refused");
  });

  test("does not count while a key is held from before [A6]", () => {
    keyDown(key(500, { key: "x" }));
    press.arm(armedAt);
    expect(click(1_100)).toBe("pending");
  });

  test("does not count once the countdown has begun anew", () => {
    press.arm(armedAt);
    press.disarm();
    expect(click(1_100)).toBe("refused");
  });

  test("counts again after a refusal has begun the countdown anew", () => {
    press.arm(armedAt);
    pointerDown(pointer(1_100, { onButton: false }));
    expect(click(1_200)).toBe("refused");
    press.disarm();
    press.arm(2_300);
    expect(click(2_400)).toBe("accepted");
  });
});
