import { afterEach, describe, expect, test, vi } from "vitest";
import { withLock } from "../../../client/auth/lock.ts";
import type { Login } from "../../../client/auth/login.ts";
import { waitForResponse } from "../../../client/auth/popup.ts";
import { relayResponse } from "../../../client/auth/relay.ts";
import { listenAs, sendTo } from "../../../client/confirmation/channel.ts";
import { Auth } from "../../../client/modules/auth.ts";

/** Browsers that let a page keep nothing throw from any interface that could keep something. */

afterEach(() => vi.unstubAllGlobals());

const insecure = () => new DOMException("The operation is insecure.", "SecurityError");
const fails = () => {
  throw insecure();
};

describe("a lock", () => {
  test.each([
    ["that throws on access", Object.defineProperty({}, "locks", { get: fails })],
    ["that throws when it is requested", { locks: { request: fails } }],
    ["that rejects when it is requested", { locks: { request: () => Promise.reject(insecure()) } }],
    ["that is not there", {}],
  ])("%s keeps nothing from running, once", async (_, navigator) => {
    vi.stubGlobal("navigator", navigator);
    const run = vi.fn(async () => "done");
    expect(await withLock("name", run)).toBe("done");
    expect(run).toHaveBeenCalledTimes(1);
  });

  test("an error under the lock is thrown, and nothing runs again", async () => {
    vi.stubGlobal("navigator", { locks: { request: (_: string, __: object, run: () => unknown) => run() } });
    const run = vi.fn(() => Promise.reject(new Error("of the request")));
    await expect(withLock("name", run)).rejects.toThrow("of the request");
    expect(run).toHaveBeenCalledTimes(1);
  });
});

describe("a channel that throws", () => {
  const login = { provider: "https://auth.example", service: "github", state: "auth-provider.s", codeVerifier: "v" };
  const waitWith = (changes: Partial<Login>) => {
    const popup = { close: vi.fn() };
    const ending = new AbortController();
    const waiting = waitForResponse(popup as unknown as Window, { ...login, ...changes }, ending.signal);
    return { popup, ending, waiting };
  };

  test("ends the login with an error that says what to do, and closes the popup", async () => {
    vi.stubGlobal("BroadcastChannel", fails);
    vi.stubGlobal("window", new EventTarget());
    const { popup, waiting } = waitWith({ redirectUri: "https://app.example/" });
    await expect(waiting).rejects.toMatchObject({
      name: "AuthError",
      code: "storage_unavailable",
      message: expect.stringContaining("Allow them"),
    });
    expect(popup.close).toHaveBeenCalledTimes(1);
  });

  test("is not missed by a frame, whose answer comes by message", async () => {
    vi.stubGlobal("BroadcastChannel", fails);
    vi.stubGlobal("window", new EventTarget());
    const { popup, ending, waiting } = waitWith({});
    ending.abort(new Error("the end of the test"));
    await expect(waiting).rejects.toThrow("the end of the test");
    expect(popup.close).not.toHaveBeenCalled();
  });

  test("leaves a response on the redirect page unclaimed, and nothing unhandled", async () => {
    vi.stubGlobal("BroadcastChannel", fails);
    vi.stubGlobal("location", {
      href: "https://app.example/?code=c&state=auth-provider.s",
      origin: "x",
      pathname: "/",
    });
    vi.stubGlobal("history", { state: null, replaceState: () => {} });
    expect(await relayResponse()).toBe("unclaimed");
  });

  test("is known to the provider's own windows", async () => {
    vi.stubGlobal("BroadcastChannel", fails);
    expect(listenAs("id", () => true)).toBe(false);
    expect(await sendTo("id", {})).toBe(false);
  });
});

test.each(["popup", "redirect"] as const)(
  "blocked cookies: a login by %s is refused before anything opens",
  async (mode) => {
    const window = Object.assign(new EventTarget(), { open: vi.fn(), isSecureContext: true });
    vi.stubGlobal("window", Object.assign(window, { top: window, self: window }));
    vi.stubGlobal("navigator", { cookieEnabled: false });
    vi.stubGlobal("fetch", () => new Promise(() => {}));
    const auth = new Auth({ service: "github", authProvider: "https://auth.example" });
    await expect(auth.login({ mode })).rejects.toMatchObject({ name: "AuthError", code: "storage_unavailable" });
    expect(window.open).not.toHaveBeenCalled();
  },
);
