import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import { openBrowser } from "../browser.ts";
import type { KeyStep, Pointer, PointerStep } from "./actions.ts";
import type { Engine, EngineWindow } from "./engine.ts";
import { callOf, resultOf } from "./engine.ts";

/** The Chromium of all browser tests. It has no real windows, so each of its pages believes that it has the focus. */
export async function openChromium(): Promise<Engine> {
  const browser = await openBrowser();
  const context = await browser.newContext();
  return new Chromium(browser, context, new ChromiumWindow(await context.newPage()));
}

class Chromium implements Engine {
  readonly main: EngineWindow;
  readonly version: string;
  readonly blocksPopups = false;
  readonly #browser: Browser;
  readonly #usual: BrowserContext;
  #other: BrowserContext | undefined;

  constructor(browser: Browser, context: BrowserContext, main: EngineWindow) {
    this.#browser = browser;
    this.#usual = context;
    this.main = main;
    this.version = `Chromium ${browser.version()}`;
  }

  async windows(): Promise<EngineWindow[]> {
    return (this.#other ?? this.#usual).pages().map(windowOf);
  }

  async openTab(): Promise<EngineWindow> {
    return windowOf(await this.#usual.newPage());
  }

  async frameOf(window: EngineWindow): Promise<EngineWindow> {
    return window;
  }

  async openPrivate(): Promise<EngineWindow> {
    this.#other = await this.#browser.newContext();
    return windowOf(await this.#other.newPage());
  }

  async openBlocked(): Promise<EngineWindow> {
    this.#other = await this.#browser.newContext();
    const page = await this.#other.newPage();
    const tools = await this.#other.newCDPSession(page);
    await tools.send("Emulation.setDocumentCookieDisabled", { disabled: true });
    return windowOf(page);
  }

  async reset(): Promise<void> {
    await this.#other?.close();
    this.#other = undefined;
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

const known = new WeakMap<Page, ChromiumWindow>();
let lastId = 0;

function windowOf(page: Page): ChromiumWindow {
  const window = known.get(page) ?? new ChromiumWindow(page);
  known.set(page, window);
  return window;
}

class ChromiumWindow implements EngineWindow {
  readonly id = String(++lastId);
  readonly #page: Page;
  #tools: Promise<CDPSession> | undefined;
  #place = { x: 0, y: 0 };

  constructor(page: Page) {
    this.#page = page;
    known.set(page, this);
  }

  async goto(address: string): Promise<void> {
    await this.#page.goto(address);
  }

  async reload(): Promise<void> {
    await this.#page.reload();
  }

  async back(): Promise<void> {
    await this.#page.goBack();
  }

  async forward(): Promise<void> {
    await this.#page.goForward();
  }

  async run<Arguments extends unknown[], Result>(
    code: (...values: Arguments) => Result | Promise<Result>,
    ...values: Arguments
  ): Promise<Result> {
    return resultOf<Result>(await this.#page.evaluate<string>(callOf(code, values)));
  }

  async point(pointer: Pointer, ...steps: PointerStep[]): Promise<void> {
    for (const step of steps) {
      if (typeof step !== "string") this.#place = { x: step[0], y: step[1] };
      await (pointer === "touch" ? this.#touch(step) : this.#move(pointer, step));
    }
  }

  async #move(pointerType: "mouse" | "pen", step: PointerStep): Promise<void> {
    const type = step === "down" ? "mousePressed" : step === "up" ? "mouseReleased" : "mouseMoved";
    const pressed = typeof step === "string" ? ({ button: "left", clickCount: 1 } as const) : {};
    await (await this.#session()).send("Input.dispatchMouseEvent", { type, pointerType, ...this.#place, ...pressed });
  }

  async #touch(step: PointerStep): Promise<void> {
    if (typeof step !== "string") return;
    const [type, touchPoints] =
      step === "down" ? (["touchStart", [this.#place]] as const) : (["touchEnd", []] as const);
    await (await this.#session()).send("Input.dispatchTouchEvent", { type, touchPoints: [...touchPoints] });
  }

  #session(): Promise<CDPSession> {
    this.#tools ??= this.#page.context().newCDPSession(this.#page);
    return this.#tools;
  }

  async type(...steps: KeyStep[]): Promise<void> {
    for (const [direction, key] of steps) await this.#page.keyboard[direction](key);
  }

  async screenshot(): Promise<Buffer> {
    return await this.#page.screenshot();
  }

  async close(): Promise<void> {
    await this.#page.close();
  }
}
