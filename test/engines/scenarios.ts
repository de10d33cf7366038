import { expect } from "vitest";
import { pressOf } from "../tools/engines/actions.ts";
import type { Engine, EngineWindow } from "../tools/engines/engine.ts";
import { NotPossible, until } from "../tools/engines/engine.ts";
import { answerYes, click, middleOf, readAll, tabTo, untilAsked, untilThere, waitForYes } from "./person.ts";
import type { World } from "./world.ts";

/** What people meet when they log in, for every engine alike. The parts of a title are rows of the table in docs/browsers.md. */
export interface Scenario {
  title: string;
  /** @throws {NotPossible} */
  run(engine: Engine, world: World): Promise<void>;
}

/** What the app's page knows. */
interface AppWindow {
  loaded?: boolean;
  outcome?: { user?: string; code?: string; typed?: boolean; message?: string };
  unhandled?: string;
  seen?: string;
  pointer?: string;
  auth: { user: { username: string } | null; token(options?: object): Promise<string>; logout(): Promise<void> };
}
declare const window: AppWindow & Window;

/* ---- The app ---- */

let lastApp = 0;

/** Each scenario has an app of its own, so that none finds another's login. */
async function openApp(page: EngineWindow, { app }: World, path: string, mode = "popup"): Promise<string> {
  lastApp += 1;
  const address = `${app.origin}/${path}?app=${lastApp}&mode=${mode}`;
  await page.goto(address);
  await until("the app is ready", () => page.run(() => window.loaded));
  return address;
}

/** The window that something opens. */
async function opened(engine: Engine, open: () => Promise<void>): Promise<EngineWindow> {
  const before = (await engine.windows()).map(({ id }) => id);
  await open();
  return await until("a new window", async () => (await engine.windows()).find(({ id }) => !before.includes(id)));
}

async function pressLogin(engine: Engine, page = engine.main): Promise<EngineWindow> {
  return await opened(engine, () => click(page, "#login"));
}

const outcomeOf = (page: EngineWindow) => until("the app has an outcome", () => page.run(() => window.outcome));

async function expectUser(page: EngineWindow): Promise<void> {
  expect(await outcomeOf(page)).toEqual({ user: "alice" });
}

async function expectClosed(engine: Engine): Promise<void> {
  await until("only the app's window is left", async () => (await engine.windows()).length === 1);
}

/** From the press to the user. */
async function logIn(engine: Engine, page = engine.main): Promise<void> {
  const popup = await pressLogin(engine, page);
  await untilAsked(popup);
  await answerYes(popup);
  await expectUser(page);
}

/* ---- The question by itself, for what hands do ---- */

async function openQuestion({ main }: Engine, { app, question }: World): Promise<void> {
  await main.goto(app.origin);
  await main.goto(question);
  await untilAsked(main);
}

/** The answer has been sent, and only once. */
async function expectAnswered({ main }: Engine): Promise<void> {
  const decisions = () => main.run(() => performance.getEntriesByName(`${location.origin}/decision`).length);
  await until("the answer has been sent", async () => (await decisions()) > 0);
  expect(await decisions()).toBe(1);
}

/* ---- Logins ---- */

async function popup(engine: Engine, world: World): Promise<void> {
  const { main } = engine;
  const address = await openApp(main, world, "auth/quick");
  await logIn(engine);
  await expectClosed(engine);
  const [first, second] = await main.run(async () => [
    await window.auth.token(),
    await window.auth.token({ refresh: true }),
  ]);
  expect(second).not.toBe(first);

  const tab = await engine.openTab();
  await tab.goto(address);
  await until("the other tab is ready", () => tab.run(() => window.loaded));
  expect(await tab.run(() => window.auth.user?.username)).toBe("alice");
  await tab.run(() => window.auth.logout());
  await until("the first tab knows", () => main.run(() => window.seen === "logout"));
}

async function redirect(engine: Engine, world: World): Promise<void> {
  const { main } = engine;
  await openApp(main, world, "auth/paged", "redirect");
  await click(main, "#login");
  await click(main, "#allow");
  await untilAsked(main);
  await main.reload();
  await untilAsked(main);
  await main.back();
  await untilThere(main, "#allow");
  await main.forward();
  await untilAsked(main);
  await answerYes(main);
  await expectUser(main);
}

async function firstPress(engine: Engine, world: World): Promise<void> {
  await openApp(engine.main, world, "unprepared/quick");
  const popup = await pressLogin(engine);
  const path = await until("a page of the provider", () =>
    popup.run(() => ["/start", "/confirm"].find((path) => path === location.pathname)),
  );
  expect(path).toBe("/confirm");
}

async function noReferer(engine: Engine, world: World): Promise<void> {
  await openApp(engine.main, world, "silent/quick");
  const popup = await pressLogin(engine);
  await answerYes(popup);
  await untilAsked(popup);
  await answerYes(popup);
  await expectUser(engine.main);
}

async function cutOpener(engine: Engine, world: World): Promise<void> {
  await openApp(engine.main, world, "auth/cutting");
  const popup = await pressLogin(engine);
  await click(popup, "#allow");
  await untilAsked(popup);
  await answerYes(popup);
  await expectUser(engine.main);
  await expectClosed(engine);
}

/** With the keyboard alone, through three windows. */
async function waitingWindow(engine: Engine, world: World): Promise<void> {
  await openApp(engine.main, world, "message/cutting");
  const enter = async (page: EngineWindow, selector: string): Promise<void> => {
    await tabTo(page, selector);
    // The window may close before the key comes up.
    await page.type(...pressOf("Enter")).catch(() => {});
  };
  const waiting = await opened(engine, () => enter(engine.main, "#login"));
  await waitForYes(waiting);
  const own = await opened(engine, () => enter(waiting, "button.yes"));
  await untilThere(own, "#allow");
  const mainWidth = await engine.main.run(() => outerWidth);
  // A window manager gives a new window its size when it is there already.
  await until("a window, not a tab of the main window", async () => (await own.run(() => outerWidth)) < mainWidth);
  await enter(own, "#allow");
  await untilAsked(waiting);
  await until("the service's window says where to go on", () => own.run(() => location.pathname === "/returned"));
  await enter(own, ".actions .no");
  await waitForYes(waiting);
  await enter(waiting, "button.yes");
  expect(await outcomeOf(engine.main)).toMatchObject({ state: "state-of-the-app", code: expect.any(String) });
  await expectClosed(engine);
}

async function blockedPopup(engine: Engine, world: World): Promise<void> {
  if (!engine.blocksPopups) throw new NotPossible();
  await engine.main.goto(`${world.app.origin}/unasked/quick`);
  await untilAsked(engine.main);
  expect(await engine.windows()).toHaveLength(1);
}

async function privateWindow(engine: Engine, world: World): Promise<void> {
  const page = await engine.openPrivate();
  const address = await openApp(page, world, "auth/quick");
  await logIn(engine, page);
  await page.reload();
  await until("the app is ready", () => page.run(() => window.loaded));
  expect(await page.run(() => window.auth.user?.username)).toBe("alice");
  await engine.main.goto(address);
  await until("the app is ready", () => engine.main.run(() => window.loaded));
  expect(await engine.main.run(() => window.auth.user)).toBeNull();
}

async function cookiesBlocked(engine: Engine, world: World): Promise<void> {
  const page = await engine.openBlocked();
  await openApp(page, world, "auth/quick");
  const windows = (await engine.windows()).length;
  await click(page, "#login");
  const outcome = await outcomeOf(page);
  expect(outcome).toMatchObject({ code: "storage_unavailable", typed: true });
  expect(outcome.message).toContain("Allow them");
  await until("no window is left behind", async () => (await engine.windows()).length === windows);
  await page.goto(`${world.app.origin}/auth/quick?code=x&iss=x&state=auth-provider.x`);
  await until("the app is ready", () => page.run(() => window.loaded));
  expect(await page.run(() => window.unhandled)).toBeUndefined();

  // The provider's own page says so, too, instead of leading to the service and back in vain.
  await page.goto(world.messageLogin);
  await until("the page says what to do", () => page.run(() => document.body.innerText.includes("Allow them")));
}

async function frame(engine: Engine, world: World): Promise<void> {
  await engine.main.goto(`${world.around.origin}/around/quick`);
  await until("the framed app is ready", () => engine.main.run(() => window.loaded));
  const inside = await engine.frameOf(engine.main);
  const popup = await opened(engine, () => inside.point("mouse", [50, 30], "down", "up"));
  await untilAsked(popup);
  await answerYes(popup);
  await expectUser(engine.main);
}

async function integrity({ main }: Engine, world: World): Promise<void> {
  await openApp(main, world, "pinned/quick");
  await main.goto(`${world.app.origin}/mispinned/quick`);
  expect(await main.run(() => [document.readyState, window.loaded])).toEqual(["complete", null]);
}

/* ---- Hands ---- */

async function heldEnter(engine: Engine, world: World): Promise<void> {
  await openQuestion(engine, world);
  const { main } = engine;
  await main.type(["down", "Enter"]);
  await waitForYes(main);
  await tabTo(main, "button.yes");
  await main.type(["up", "Enter"]);
  await waitForYes(main);
  await tabTo(main, "button.yes");
  await main.type(...pressOf("Enter"));
  await expectAnswered(engine);
}

async function space(engine: Engine, world: World): Promise<void> {
  await openQuestion(engine, world);
  await waitForYes(engine.main);
  await tabTo(engine.main, "button.yes");
  await engine.main.type(...pressOf("Space"));
  await expectAnswered(engine);
}

async function doubleClick(engine: Engine, world: World): Promise<void> {
  await openQuestion(engine, world);
  const place = await middleOf(engine.main, "button.yes");
  await engine.main.point("mouse", place, "down", "up", "down", "up");
  await waitForYes(engine.main);
  await engine.main.point("mouse", "down", "up");
  await expectAnswered(engine);
}

const pressWith = (pointer: "touch" | "pen") => async (engine: Engine, world: World) => {
  await openQuestion(engine, world);
  await engine.main.run(() => addEventListener("pointerdown", (event) => (window.pointer = event.pointerType)));
  const place = await waitForYes(engine.main);
  await engine.main.point(pointer, place, "down", "up");
  await expectAnswered(engine);
  // A driver that can't do it may use a mouse instead.
  if ((await engine.main.run(() => window.pointer)) !== pointer) throw new NotPossible();
};

async function expiry(engine: Engine, world: World): Promise<void> {
  await openQuestion(engine, world);
  await readAll(engine.main);
  await engine.main.run(() => {
    const { takenAtMs, ...rest } = history.state as { takenAtMs: number };
    history.replaceState({ ...rest, takenAtMs: takenAtMs - 3_600_000 }, "");
  });
  await engine.main.reload();
  await until("the question is gone", () =>
    engine.main.run(() => document.querySelector("h1") !== null && document.querySelector("h1 .origin") === null),
  );
}

export const SCENARIOS: Scenario[] = [
  { title: "popup · refresh of the token · second tab", run: popup },
  { title: "redirect · reload of the question · Back and Forward", run: redirect },
  { title: "first press, before anything is prepared", run: firstPress },
  { title: "app that sends no Referer", run: noReferer },
  { title: "service that cuts the opener, with auth.js", run: cutOpener },
  { title: "service that cuts the opener, with other clients · keyboard only", run: waitingWindow },
  { title: "popup blocked", run: blockedPopup },
  { title: "frame of another site, with partitioned storage", run: frame },
  { title: "integrity in an import map", run: integrity },
  { title: "Enter held down", run: heldEnter },
  { title: "Space", run: space },
  { title: "double click · parked mouse", run: doubleClick },
  { title: "touch", run: pressWith("touch") },
  { title: "pen", run: pressWith("pen") },
  { title: "expiry", run: expiry },
  { title: "private window", run: privateWindow },
  { title: "cookies blocked", run: cookiesBlocked },
];
