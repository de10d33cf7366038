import { type ChildProcess, spawn } from "node:child_process";
import { globSync } from "node:fs";
import { freePort } from "../../../scripts/network/free-port.ts";
import type { KeyStep, Pointer, PointerStep } from "./actions.ts";
import { keyActions, pointerActions } from "./actions.ts";
import type { Display } from "./display.ts";
import { endProcess, startDisplay } from "./display.ts";
import type { Engine, EngineWindow } from "./engine.ts";
import { callOf, NotPossible, resultOf, until } from "./engine.ts";

export const WEBKIT_DRIVER = "/usr/bin/WebKitWebDriver";

/** The browser that comes with the engine. */
export function miniBrowser(): string | undefined {
  return globSync("/usr/lib/*/webkit2gtk-4.*/MiniBrowser")[0];
}

interface NewSession {
  sessionId: string;
  capabilities: { browserVersion: string };
}

/** WebKitGTK as Debian ships it, by W3C WebDriver. What it shows under automation is always a private window. */
export async function openWebKit(): Promise<Engine> {
  const display = await startDisplay();
  const session = await startSession(display);
  return new WebKit(display, session);
}

/** One driver and its browser. */
interface Session {
  version: string;
  send: Send;
  child: ChildProcess;
  /** Of the window that the next command is for. */
  current: string;
}
type Send = <Result>(method: "GET" | "POST" | "DELETE", path: string, body?: object) => Promise<Result>;

async function startSession(display: Display): Promise<Session> {
  const port = await freePort();
  // Root may not use the sandbox, and in most containers the tests run as root.
  const env = { ...display.env, ...(process.getuid?.() === 0 && { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" }) };
  const child = spawn(WEBKIT_DRIVER, [`--port=${port}`, "--host=127.0.0.1"], { env, stdio: "ignore" });
  const server = `http://127.0.0.1:${port}`;
  await until("the driver's first answer", () => request(server, "GET", "/status"));
  const options = { binary: miniBrowser(), args: ["--automation"] };
  const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
  const { sessionId, ...session } = await request<NewSession>(server, "POST", "/session", { capabilities });
  const send: Send = (method, path, body) => request(server, method, `/session/${sessionId}${path}`, body);
  return { version: session.capabilities.browserVersion, send, child, current: await send("GET", "/window") };
}

async function request<Result>(server: string, method: string, path: string, body?: object): Promise<Result> {
  const response = await fetch(server + path, {
    method,
    ...(method === "POST" && { body: JSON.stringify(body ?? {}) }),
  });
  const { value } = (await response.json()) as { value: Result & { error?: string; message?: string } };
  if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

class WebKit implements Engine {
  readonly main: EngineWindow;
  readonly version: string;
  readonly blocksPopups = true;
  readonly #display: Display;
  readonly #usual: Session;
  #other: Session | undefined;

  constructor(display: Display, session: Session) {
    this.#display = display;
    this.#usual = session;
    this.version = `WebKitGTK ${session.version}`;
    this.main = new WebKitWindow(session, session.current);
  }

  async windows(): Promise<EngineWindow[]> {
    const session = this.#other ?? this.#usual;
    const handles = await session.send<string[]>("GET", "/window/handles");
    return handles.map((handle) => new WebKitWindow(session, handle));
  }

  async openTab(): Promise<EngineWindow> {
    const { handle } = await this.#usual.send<{ handle: string }>("POST", "/window/new", { type: "tab" });
    return new WebKitWindow(this.#usual, handle);
  }

  async frameOf(window: EngineWindow): Promise<EngineWindow> {
    return window;
  }

  /** In a process of its own. */
  async openPrivate(): Promise<EngineWindow> {
    this.#other = await startSession(this.#display);
    return new WebKitWindow(this.#other, this.#other.current);
  }

  /** This browser can refuse cookies, but not stored data, as Safari does. */
  async openBlocked(): Promise<never> {
    throw new NotPossible();
  }

  async reset(): Promise<void> {
    if (this.#other !== undefined) await endSession(this.#other);
    this.#other = undefined;
  }

  async close(): Promise<void> {
    await this.reset();
    await endSession(this.#usual);
    await this.#display.stop();
  }
}

/** The browser ends with its session. */
async function endSession({ send, child }: Session): Promise<void> {
  await send("DELETE", "").catch(() => {});
  await endProcess(child);
}

class WebKitWindow implements EngineWindow {
  readonly id: string;
  readonly #session: Session;

  constructor(session: Session, handle: string) {
    this.#session = session;
    this.id = handle;
  }

  async goto(url: string): Promise<void> {
    await this.#send("POST", "/url", { url });
  }

  async reload(): Promise<void> {
    await this.#send("POST", "/refresh");
  }

  async back(): Promise<void> {
    await this.#send("POST", "/back");
  }

  async forward(): Promise<void> {
    await this.#send("POST", "/forward");
  }

  async run<Arguments extends unknown[], Result>(
    code: (...values: Arguments) => Result | Promise<Result>,
    ...values: Arguments
  ): Promise<Result> {
    const script = `const done = arguments[0];
      ${callOf(code, values)}.then((json) => done({ json }), (error) => done({ error: String(error) }));`;
    const answer = await this.#send<{ json?: string; error?: string }>("POST", "/execute/async", { script, args: [] });
    if (answer.json === undefined) throw new Error(answer.error);
    return resultOf<Result>(answer.json);
  }

  async point(pointer: Pointer, ...steps: PointerStep[]): Promise<void> {
    // The driver accepts it and moves a mouse.
    if (pointer === "touch") throw new NotPossible();
    await this.#send("POST", "/actions", { actions: pointerActions(pointer, steps) });
  }

  async type(...steps: KeyStep[]): Promise<void> {
    await this.#send("POST", "/actions", { actions: keyActions(steps) });
  }

  async screenshot(): Promise<Buffer> {
    return Buffer.from(await this.#send<string>("GET", "/screenshot"), "base64");
  }

  async close(): Promise<void> {
    await this.#send("DELETE", "/window");
    this.#session.current = "";
  }

  async #send<Result>(method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<Result> {
    if (this.#session.current !== this.id) await this.#session.send("POST", "/window", { handle: this.id });
    this.#session.current = this.id;
    return await this.#session.send<Result>(method, path, body);
  }
}
