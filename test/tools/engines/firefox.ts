import { type ChildProcess, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { KeyStep, Pointer, PointerStep } from "./actions.ts";
import { keyActions, pointerActions } from "./actions.ts";
import { Bidi } from "./bidi.ts";
import type { Display } from "./display.ts";
import { endProcess, startDisplay } from "./display.ts";
import type { Engine, EngineWindow } from "./engine.ts";
import { callOf, NotPossible, resultOf, until } from "./engine.ts";

export const FIREFOX = "/usr/bin/firefox-esr";

/** Drivers usually let every window believe that it has the focus, and every page open windows. Users' browsers do not. */
const PREFERENCES = {
  "focusmanager.testmode": false,
  "dom.disable_open_during_load": true,
  "browser.shell.checkDefaultBrowser": false,
};

/** What no page can tell. It lowers what Firefox costs. */
const THRIFT = {
  "browser.startup.page": 0,
  "dom.ipc.processPrelaunch.enabled": false,
  "layout.frame_rate": 20,
};

const COOKIE_BEHAVIOR = "network.cookie.cookieBehavior";
const USUAL = 5;
const REJECT_ALL = 2;

interface Context {
  context: string;
  children: Context[] | null;
}
interface Tree {
  contexts: Context[];
}
interface Evaluated {
  result: { value: string };
  exceptionDetails?: { text: string };
}

/** Firefox as Debian ships it, by WebDriver BiDi. Its own windows are scripted, too, where users would use a menu. */
export async function openFirefox(): Promise<Engine> {
  const display = await startDisplay();
  const preferences = Object.entries({ ...PREFERENCES, ...THRIFT }).map(
    ([name, value]) => `user_pref("${name}", ${value});\n`,
  );
  await writeFile(join(display.home, "user.js"), preferences);
  const args = ["--remote-debugging-port", "0", "--remote-allow-system-access", "--profile", display.home];
  const child = spawn(FIREFOX, args, { env: display.env, stdio: ["ignore", "ignore", "pipe"] });
  const bidi = await Bidi.connect(`${await addressOf(child)}/session`);
  const { capabilities } = await bidi.send<{ capabilities: { browserVersion: string } }>("session.new", {
    capabilities: { alwaysMatch: { unhandledPromptBehavior: { default: "accept" } } },
  });
  const firefox = new Firefox(bidi, display, child, `Firefox ${capabilities.browserVersion}`);
  await firefox.findMain();
  return firefox;
}

async function addressOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stderr! })) {
    const address = /BiDi listening on (ws:\S+)/.exec(line)?.[1];
    if (address === undefined) continue;
    // The rest must still be read, or the browser would wait for that.
    child.stderr!.resume();
    return address;
  }
  throw new Error("Firefox has ended by itself.");
}

class Firefox implements Engine {
  main!: EngineWindow;
  readonly version: string;
  readonly blocksPopups = true;
  readonly #bidi: Bidi;
  readonly #display: Display;
  readonly #child: ChildProcess;

  constructor(bidi: Bidi, display: Display, child: ChildProcess, version: string) {
    this.#bidi = bidi;
    this.#display = display;
    this.#child = child;
    this.version = version;
  }

  async findMain(): Promise<void> {
    this.main = await until("the first window", async () => (await this.windows())[0]);
  }

  async windows(): Promise<EngineWindow[]> {
    const { contexts } = await this.#bidi.send<Tree>("browsingContext.getTree", { maxDepth: 0 });
    return contexts.map(({ context }) => new FirefoxWindow(this.#bidi, context));
  }

  async openTab(): Promise<EngineWindow> {
    const { context } = await this.#bidi.send<Context>("browsingContext.create", { type: "tab" });
    return new FirefoxWindow(this.#bidi, context);
  }

  async frameOf({ id: root }: EngineWindow): Promise<EngineWindow> {
    const { contexts } = await this.#bidi.send<Tree>("browsingContext.getTree", { root });
    return new FirefoxWindow(this.#bidi, contexts[0]!.children![0]!.context);
  }

  async openPrivate(): Promise<EngineWindow> {
    const before = (await this.windows()).map(({ id }) => id);
    await runInside(
      this.#bidi,
      `Services.wm.getMostRecentWindow("navigator:browser").OpenBrowserWindow({ private: true })`,
    );
    return await until("a private window", async () =>
      (await this.windows()).find((window) => !before.includes(window.id)),
    );
  }

  async openBlocked(): Promise<EngineWindow> {
    await runInside(this.#bidi, `Services.prefs.setIntPref("${COOKIE_BEHAVIOR}", ${REJECT_ALL})`);
    return await this.openTab();
  }

  async reset(): Promise<void> {
    await runInside(this.#bidi, `Services.prefs.setIntPref("${COOKIE_BEHAVIOR}", ${USUAL})`);
  }

  async close(): Promise<void> {
    await endProcess(this.#child);
    await this.#display.stop();
  }
}

/** As Firefox's own scripts. */
async function runInside(bidi: Bidi, script: string): Promise<void> {
  const { contexts } = await bidi.send<Tree>("browsingContext.getTree", { "moz:scope": "chrome", maxDepth: 0 });
  const { context } = contexts[0]!;
  await bidi.send("script.evaluate", { expression: `void ${script}`, target: { context }, awaitPromise: false });
}

class FirefoxWindow implements EngineWindow {
  readonly id: string;
  readonly #bidi: Bidi;

  constructor(bidi: Bidi, context: string) {
    this.#bidi = bidi;
    this.id = context;
  }

  async goto(url: string): Promise<void> {
    await this.#send("browsingContext.activate");
    await this.#send("browsingContext.navigate", { url, wait: "complete" });
    // At first, the address bar has the focus. A person's click would move it, but the driver's does not.
    await runInside(
      this.#bidi,
      `Services.wm.getMostRecentWindow("navigator:browser").gBrowser.selectedBrowser.focus()`,
    );
  }

  async reload(): Promise<void> {
    await this.#send("browsingContext.reload", { wait: "complete" });
  }

  async back(): Promise<void> {
    await this.#send("browsingContext.traverseHistory", { delta: -1 });
  }

  async forward(): Promise<void> {
    await this.#send("browsingContext.traverseHistory", { delta: 1 });
  }

  async run<Arguments extends unknown[], Result>(
    code: (...values: Arguments) => Result | Promise<Result>,
    ...values: Arguments
  ): Promise<Result> {
    const expression = callOf(code, values);
    const target = { context: this.id };
    const evaluated = await this.#bidi.send<Evaluated>("script.evaluate", { expression, target, awaitPromise: true });
    if (evaluated.exceptionDetails !== undefined) throw new Error(evaluated.exceptionDetails.text);
    return resultOf<Result>(evaluated.result.value);
  }

  async point(pointer: Pointer, ...steps: PointerStep[]): Promise<void> {
    if (pointer === "pen") throw new NotPossible();
    await this.#send("input.performActions", { actions: pointerActions(pointer, steps) });
  }

  async type(...steps: KeyStep[]): Promise<void> {
    await this.#send("input.performActions", { actions: keyActions(steps) });
  }

  async screenshot(): Promise<Buffer> {
    const { data } = (await this.#send("browsingContext.captureScreenshot")) as { data: string };
    return Buffer.from(data, "base64");
  }

  async close(): Promise<void> {
    await this.#send("browsingContext.close");
  }

  #send(method: string, params: object = {}): Promise<unknown> {
    return this.#bidi.send(method, { context: this.id, ...params });
  }
}
