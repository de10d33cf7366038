import { buildPageScripts, type DescribedService } from "../../scripts/build/page-scripts.ts";
import { FakeTarget } from "../client/confirmation/gate-page.ts";
import { PROVIDER } from "../tools/harness.ts";

/**
 * A browser tab with our confirmation page, as far as the page's scripts can see it. The scripts are those that we
 * serve. The document has elements and text, but no layout. Time stands still unless a test advances it (fake timers).
 */

/** The globals that the scripts get instead of a browser's own. */
const GLOBALS = [
  ...[
    "window",
    "document",
    "location",
    "history",
    "navigator",
    "Node",
    "AbortSignal",
    "IntersectionObserver",
    "ResizeObserver",
  ],
  ...["matchMedia", "fetch", "setTimeout", "clearTimeout", "addEventListener", "removeEventListener"],
  "importScript",
];

type Script = (...globals: unknown[]) => unknown;

export interface PageScripts {
  own: Script;
  /** The script that the page imports only when needed. */
  rare: Script;
}

/** The scripts of the confirmation page, compiled once. */
export async function confirmationScripts(services: DescribedService[]): Promise<PageScripts> {
  const files = await buildPageScripts(services);
  return { own: compile(files.get("/confirm.js")!), rare: compile(files.get("/confirm-fallbacks.js")!) };
}

/** Turns a module into a function that returns its exports. */
function compile(module: string): Script {
  const code = module
    .replaceAll("import(", "importScript(")
    .replace(/export\{(.*)\}/, (_, names: string) => `return{${names.replaceAll(/([\w$]+) as (\w+)/g, "$2:$1")}}`);
  return new Function(...GLOBALS, code) as Script;
}

/* ---- The document ---- */

class FakeText {
  textContent: string;

  constructor(textContent: string) {
    this.textContent = textContent;
  }
}

export class FakeNode extends FakeTarget {
  readonly tagName: string;
  className = "";
  readonly #attributes = new Map<string, string>();
  readonly dataset = {};
  readonly classList = { toggle: () => {} };
  #children: (FakeNode | FakeText)[] = [];

  constructor(tagName: string, className = "", children: FakeNode[] = []) {
    super();
    this.tagName = tagName;
    this.className = className;
    this.append(...children);
  }

  get childNodes(): (FakeNode | FakeText)[] {
    return this.#children;
  }

  get textContent(): string {
    return this.#children.map((child) => child.textContent).join("");
  }

  set textContent(text: string) {
    this.replaceChildren(text);
  }

  append(...children: (FakeNode | FakeText | string)[]): void {
    this.#children.push(...children.map((child) => (typeof child === "string" ? new FakeText(child) : child)));
  }

  replaceChildren(...children: (FakeNode | FakeText | string)[]): void {
    this.#children = [];
    this.append(...children);
  }

  contains(other: unknown): boolean {
    return other === this || this.#children.some((child) => child instanceof FakeNode && child.contains(other));
  }

  /** Supports one class or one tag. */
  querySelector(selector: string): FakeNode | null {
    return this.querySelectorAll(selector)[0] ?? null;
  }

  /** Supports classes or tags, separated by commas. */
  querySelectorAll(selectors: string): FakeNode[] {
    const wanted = selectors.split(", ");
    const nodes = this.#children.filter((child) => child instanceof FakeNode);
    return nodes.flatMap((node) => [
      ...(wanted.some((each) => node.#isA(each)) ? [node] : []),
      ...node.querySelectorAll(selectors),
    ]);
  }

  #isA(selector: string): boolean {
    return selector.startsWith(".") ? this.className.split(" ").includes(selector.slice(1)) : this.tagName === selector;
  }

  getAnimations(): [] {
    return [];
  }

  animate(): void {}
  focus(): void {}
  getBoundingClientRect(): Box {
    return BOX;
  }
  getAttribute(name: string): string | null {
    return this.#attributes.get(name) ?? null;
  }
  setAttribute(name: string, value: string): void {
    this.#attributes.set(name, value);
  }
  removeAttribute(): void {}
}

/** The body of `confirm.html`. */
function newBody(): FakeNode {
  return new FakeNode(
    "body",
    "",
    ["content", "status", "actions", "more"].map((name) => new FakeNode("div", name)),
  );
}

/* ---- Other windows ---- */

/**
 * The window that opened the tab. It does not matter whose page is in it: browsers deliver a message only to the origin
 * that it is addressed to.
 */
export interface Opener {
  closed: boolean;
}

/** What the page has sent: a message with its target origin, or the browser itself to another address. */
export type Delivery = { message: unknown; targetOrigin: string } | { address: string };

class FakeWindow extends FakeTarget {
  readonly opener: (Opener & { postMessage: (message: unknown, targetOrigin: string) => void }) | null;
  readonly top = this;
  readonly self = this;
  /** A page that the browser has left can do nothing more, even if it still waits for something. */
  isLeft = false;
  screenX = 0;

  constructor(opener: Opener | null, deliver: (delivery: Delivery) => void) {
    super();
    const postMessage = (message: unknown, targetOrigin: string) => {
      if (!this.isLeft) deliver({ message: structuredClone(message), targetOrigin });
    };
    this.opener = opener && Object.create(opener, { postMessage: { value: postMessage } });
  }

  close(): void {}
}

class FakeDocument extends FakeTarget {
  readonly documentElement = {};
  /** Every style sheet can be loaded. */
  readonly head = { append: (link: FakeNode) => link.hear("load", {}) };
  readonly #tab: Tab;
  readonly #body: FakeNode;

  constructor(tab: Tab) {
    super();
    this.#tab = tab;
    this.#body = tab.body;
  }

  get visibilityState(): string {
    return this.#tab.isVisible ? "visible" : "hidden";
  }

  hasFocus(): boolean {
    return this.#tab.isFocused;
  }

  createElement(tagName: string): FakeNode {
    return new FakeNode(tagName);
  }

  querySelector(selector: string): FakeNode | null {
    return this.#body.querySelector(selector);
  }
}

/* ---- The tab ---- */

type Post = (body: string) => Promise<Response>;

interface Event {
  target: FakeTarget;
  isTrusted?: boolean;
  repeat?: boolean;
}

/** The part of the card in view: all of it, only the address and the buttons, all except the address, or nothing. */
export type View = "whole" | "top" | "end" | "none";

/** The elements that stay at the top while the rest scrolls, and those that are always below it. */
const TOP = ["origin"];
const ACTIONS = ["no", "yes"];

export class Tab {
  readonly opener: Opener | null;
  isVisible = true;
  isFocused = true;
  view: View = "whole";
  /** In chronological order. */
  readonly deliveries: Delivery[] = [];
  window = new FakeWindow(null, () => {});
  document = new FakeTarget();
  body = newBody();
  readonly #scripts: PageScripts;
  readonly #post: Post;
  #state: unknown = null;
  #hash = "";
  #observers = new Set<() => void>();
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #pending = new Set<Promise<unknown>>();
  #mustReload = false;

  /** @param post sends `POST /decision` from a page of ours in this browser */
  constructor({ scripts, post, opener }: { scripts: PageScripts; post: Post; opener: Opener | null }) {
    this.#scripts = scripts;
    this.#post = post;
    this.opener = opener;
  }

  /* ---- Events from outside ---- */

  /** Opens a new page in place of the old one, without a history state. */
  open(fragment: string): void {
    this.#hash = `#${fragment}`;
    this.#state = null;
    this.#load();
  }

  reload(): void {
    this.#load();
  }

  /** Any window with a reference to this one can do this without reloading the page. */
  changeFragment(fragment: string): void {
    this.#hash = `#${fragment}`;
    this.window.hear("hashchange", {});
  }

  setVisible(isVisible: boolean): void {
    this.isVisible = isVisible;
    this.document.hear("visibilitychange", { target: this.document });
  }

  setFocused(isFocused: boolean): void {
    this.isFocused = isFocused;
    this.window.hear(isFocused ? "focus" : "blur", { target: this.window });
  }

  /** Makes the window large enough, or too small for what must be seen or read. */
  resize(view: View): void {
    this.#see(view);
    this.window.hear("resize", { target: this.window });
  }

  scroll(view: View): void {
    this.#see(view);
    this.document.hear("scroll", { target: this.document });
  }

  #see(view: View): void {
    this.view = view;
    for (const notify of this.#observers) notify();
  }

  receive({ data, origin, fromOpener }: { data: unknown; origin: string; fromOpener: boolean }): void {
    this.window.hear("message", { data, origin, source: fromOpener ? this.window.opener : {} });
  }

  /** Waits for everything that takes no further time: answers of the server, and navigations. */
  async settle(): Promise<void> {
    do {
      await Promise.allSettled(this.#pending);
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#mustReload) this.#load();
    } while (this.#pending.size > 0);
  }

  /* ---- What the user sees and does ---- */

  /** The origin that the page asks about. `undefined`: the page asks nothing. */
  get shownOrigin(): string | undefined {
    return this.yes && this.body.querySelector(".origin")?.textContent;
  }

  /** The address that the page says the user is sent to, if it is more than the origin. */
  get shownAddress(): string | undefined {
    return this.body.querySelector(".address")?.textContent;
  }

  get shownService(): string | undefined {
    return this.yes && this.body.querySelector(".account")?.textContent;
  }

  /** The button that releases something, if the page shows one. */
  get yes(): FakeNode | undefined {
    const button = this.body.querySelector(".actions")?.querySelector(".yes");
    return button?.querySelector(".progress") ? button : undefined;
  }

  get no(): FakeNode | undefined {
    return this.body.querySelector(".no") ?? undefined;
  }

  click(button: FakeNode, { isTrusted = true } = {}): void {
    for (const type of ["pointerdown", "mousedown", "pointerup"]) this.#tell(type, { target: button, isTrusted });
    this.#clickOn(button, isTrusted);
  }

  /** Clicks as assistive technology does. */
  activate(button: FakeNode): void {
    this.#clickOn(button, true);
  }

  /** A key is pressed, repeats, or is released while the button has the focus. */
  key(type: "keydown" | "keyup", button: FakeNode, repeat = false): void {
    this.#tell(type, { target: button, repeat });
  }

  #clickOn(button: FakeNode, isTrusted: boolean): void {
    button.hear("click", this.#eventOf({ target: button, isTrusted }));
  }

  #tell(type: string, event: Event): void {
    this.document.hear(type, this.#eventOf(event));
  }

  #eventOf({ target, isTrusted = true, repeat = false }: Event): object {
    const preventDefault = () => {};
    return {
      ...{ target, isTrusted, repeat, preventDefault },
      ...{ timeStamp: performance.now(), pointerId: 1, button: 0, key: "Enter" },
    };
  }

  /* ---- The browser's part ---- */

  #load(): void {
    this.#unload();
    this.window = new FakeWindow(this.opener, (delivery) => this.deliveries.push(delivery));
    this.body = newBody();
    this.document = new FakeDocument(this);
    const globals = this.#globals();
    const run = (script: Script) => script(...GLOBALS.map((name) => globals[name]));
    globals.importScript = () => this.#track(Promise.resolve().then(() => run(this.#scripts.rare)));
    run(this.#scripts.own);
  }

  #unload(): void {
    this.window.isLeft = true;
    this.#mustReload = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#observers.clear();
  }

  #leaveFor(address: string): void {
    this.deliveries.push({ address });
    this.#unload();
    this.body = newBody();
  }

  #globals(): Record<string, unknown> {
    const tab = this;
    const { window, document } = tab;
    const isHere = () => !window.isLeft;
    return {
      window,
      document,
      location: {
        get hash() {
          return tab.#hash;
        },
        origin: PROVIDER,
        reload: () => (this.#mustReload ||= isHere()),
        replace: (address: string) => isHere() && this.#leaveFor(address),
      },
      history: { state: this.#state, replaceState: (state: unknown) => isHere() && this.#keep(state) },
      navigator: { languages: ["en"] },
      Node: FakeNode,
      AbortSignal: { timeout: () => undefined },
      IntersectionObserver: this.#observerClass(),
      ResizeObserver: class {
        observe(): void {}
      },
      matchMedia: () => ({ matches: true }),
      fetch: (_path: string, { body }: { body: string }) => this.#track(this.#post(body)),
      setTimeout: (run: () => void, ms: number) => this.#timer(run, ms),
      clearTimeout,
      addEventListener: window.addEventListener.bind(window),
      removeEventListener: window.removeEventListener.bind(window),
    };
  }

  #keep(state: unknown): void {
    this.#state = structuredClone(state);
    this.#hash = "";
  }

  #timer(run: () => void, ms: number): ReturnType<typeof setTimeout> {
    const timer = setTimeout(run, ms);
    this.#timers.add(timer);
    return timer;
  }

  async #track<Result>(work: Promise<Result>): Promise<Result> {
    this.#pending.add(work);
    return await work.finally(() => this.#pending.delete(work));
  }

  #observerClass() {
    const tab = this;
    return class {
      readonly #seen = new Set<FakeNode>();
      readonly #notify: () => void;

      constructor(callback: (entries: Intersection[]) => void) {
        this.#notify = () => callback([...this.#seen].map((target) => intersectionOf(target, tab.view)));
        tab.#observers.add(this.#notify);
      }

      observe(element: FakeNode): void {
        this.#seen.add(element);
        queueMicrotask(this.#notify);
      }

      unobserve(element: FakeNode): void {
        this.#seen.delete(element);
      }

      disconnect(): void {
        tab.#observers.delete(this.#notify);
        this.#seen.clear();
      }
    };
  }
}

interface Intersection {
  target: FakeNode;
  intersectionRatio: number;
  boundingClientRect: Box;
  intersectionRect: Box;
}

interface Box {
  top: number;
  bottom: number;
  width: number;
  height: number;
}

const BOX: Box = { top: 0, bottom: 20, width: 300, height: 20 };
const NO_BOX: Box = { top: 0, bottom: 0, width: 0, height: 0 };

function intersectionOf(target: FakeNode, view: View): Intersection {
  const isInView = view === "whole" || viewsOf(target).includes(view);
  const intersectionRect = isInView ? BOX : NO_BOX;
  return { target, intersectionRatio: isInView ? 1 : 0, boundingClientRect: BOX, intersectionRect };
}

function viewsOf({ className }: FakeNode): View[] {
  if (ACTIONS.includes(className)) return ["top", "end"];
  return TOP.includes(className) ? ["top"] : ["end"];
}
