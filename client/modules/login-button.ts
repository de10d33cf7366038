import { matchLanguage } from "../languages/language.ts";
import { element } from "../page/dom.ts";
import type { AuthError, AuthOptions, UserInfo } from "./auth.ts";
import { Auth } from "./auth.ts";

/**
 * `login-button.js`: a login in HTML, for people who don't program.
 *
 *     <script type="module" src="https://auth.example.com/login-button.js"></script>
 *     <auth-login service="github"></auth-login>
 *
 * The element shows a button and, once somebody is logged in, who that is. Everything else is done by the `auth.js` beside
 * this module.
 */

/** A language may lack the text of an error, and never one of the others. */
type Texts = Record<"logIn" | "logOut" | "loggedIn" | "unnamed" | "waiting", string> &
  Partial<Record<`error.${string}`, string>>;

/** Set by the build: the tags of all languages. */
declare const LANGUAGES: string[];
/** Set by the build. The English of errors is in `auth.js`. */
declare const BUTTON_TEXTS: Texts;

/** A reader who waits longer than this gets English. */
const timeoutMs = 2_000;

/** In the font and the colours of the page. Browsers draw a focus ring that goes with any. */
const style = new CSSStyleSheet();
style.replaceSync(
  "div,span{display:inline-flex;flex-wrap:wrap;align-items:center;gap:.5em}" +
    "button{min-height:2.75em;padding:.5em 1em;border:2px solid;border-radius:.5em;background:none;color:inherit;" +
    "font:inherit;cursor:pointer}button:empty{display:none}[part~=logout]{order:1}" +
    "img{width:2em;height:2em;border-radius:50%}i{position:absolute;clip-path:inset(50%)}",
);

/** `<auth-login>`: a button for one login. Fires `mv-login` and `mv-logout` (CustomEvent, `detail.user`), which bubble. */
export class AuthLogin extends HTMLElement {
  static readonly observedAttributes: string[] = ["service", "scope", "provider", "app"];
  #auth: Auth | undefined;
  #texts: Texts = BUTTON_TEXTS;
  /** The service's own name. */
  #serviceName: string | undefined;
  /** The user of whom the page has been told. */
  #announced: UserInfo | null = null;
  /** Ends with the time in the page. */
  #connection = new AbortController();
  readonly #button = element("button", { type: "button" });
  readonly #status = element("span", { role: "status", part: "status" });
  readonly #box = element("div", { lang: "en", dir: "auto" }, this.#button, this.#status);

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style];
    root.append(this.#box);
    this.#button.addEventListener("click", ({ detail }) => this.#press(detail));
    // A key that is held down is one press.
    this.#button.addEventListener("keydown", (event) => event.repeat && event.preventDefault());
  }

  /** The login behind the button. Elements with the same attributes share it, also those that are moved or made anew. */
  get auth(): Auth {
    const options = optionsOf(this);
    this.#auth ??= once(JSON.stringify(options), () => new Auth(options));
    return this.#auth;
  }

  /** Who is logged in. */
  get user(): UserInfo | null {
    return this.auth.user;
  }

  connectedCallback(): void {
    this.#connection.abort();
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    for (const type of ["mv-login", "mv-logout"]) this.auth.addEventListener(type, () => this.#update(), { signal });
    void this.#begin(signal);
  }

  disconnectedCallback(): void {
    this.#connection.abort();
  }

  attributeChangedCallback(): void {
    this.#auth = undefined;
    this.#serviceName = undefined;
    if (this.isConnected) this.connectedCallback();
  }

  async #begin(signal: AbortSignal): Promise<void> {
    const { auth } = this;
    await Promise.all([this.#loadTexts(), auth.user === null && this.#loadName()]);
    if (signal.aborted) return;
    this.#update();
    // A login by redirect may have just come back to this page.
    await this.#watch(auth.login({ passive: true }));
  }

  /** The language is that of the page around the element. */
  async #loadTexts(): Promise<void> {
    const wanted = this.closest<HTMLElement>("[lang]")?.lang;
    const tag = matchLanguage(wanted ? [wanted] : navigator.languages, LANGUAGES);
    if (tag === "en") return;
    const translations = await fetchOnce<string>(`${this.auth.authProvider}/login-button/${tag}.json`);
    this.#texts = { ...BUTTON_TEXTS, ...translations };
    if (translations.logIn !== undefined) this.#box.lang = tag;
  }

  async #loadName(): Promise<void> {
    const { authProvider, service } = this.auth;
    const services = await fetchOnce<{ id: string; name: string }>(`${authProvider}/services.json`);
    this.#serviceName = Object.values(services).find(({ id }) => id === service)?.name;
  }

  #press(clicks: number): void {
    // The second click of a double click would undo the first.
    if (clicks > 1) return;
    if (this.user !== null) return void this.#watch(this.auth.logout());
    this.#say(this.#texts.waiting);
    // Nothing may be awaited before: browsers open a window only during the click.
    void this.#watch(this.auth.login());
  }

  async #watch(action: Promise<unknown>): Promise<void> {
    try {
      await action;
    } catch (error) {
      this.#explain(error as AuthError);
    }
  }

  /** Shows the login as it is now, and tells the page what has changed. */
  #update(): void {
    const { user } = this;
    const { logIn, logOut } = this.#texts;
    const service = this.#serviceName ?? this.auth.service;
    const label = user === null ? logIn.split("{service}").join(service) : logOut;
    Object.assign(this.#button, { textContent: label, part: user === null ? "button login" : "button logout" });
    const before = this.#announced;
    if (JSON.stringify(user) === JSON.stringify(before)) return;

    this.#announced = user;
    this.#status.replaceChildren(...(user === null ? [] : this.#profile(user)));
    this.#fire(user === null ? "mv-logout" : "mv-login", user ?? before);
    if (user === null) void this.#loadName().then(() => this.#update());
  }

  /** A name is only ever text. The words around it are for screen readers. */
  #profile({ username, name = username, avatar = "" }: UserInfo): (Node | string)[] {
    const { loggedIn, unnamed } = this.#texts;
    if (name === "") return [unnamed];
    const [before, after] = loggedIn.split("{name}").map((textContent) => element("i", { textContent }));
    const shown = element("bdi", { part: "name", textContent: name });
    // Over http, anybody on the way could see who is logged in.
    return [...(avatar.startsWith("https://") ? [picture(avatar)] : []), before!, shown, after!];
  }

  #fire(type: string, user: UserInfo | null): void {
    const event = new CustomEvent(type, { detail: { user }, bubbles: true });
    // Mavo's events have it too. By it, Mavo sees that this is not the login of its own storage.
    this.dispatchEvent(Object.assign(event, { backend: this }));
  }

  #say(textContent: string, lang = this.#box.lang): void {
    this.#status.replaceChildren(element("span", { part: "message", lang, textContent }));
  }

  #explain({ code, message }: AuthError): void {
    // Another button has been pressed.
    if (code === "superseded") return this.#status.replaceChildren();
    const translated = this.#texts[`error.${code}`];
    if (translated === undefined) this.#say(message, "en");
    else this.#say(translated);
  }
}

function optionsOf(from: HTMLElement): AuthOptions {
  const [service = "", scope, authProvider, app] = AuthLogin.observedAttributes.map(
    (name) => from.getAttribute(name) ?? undefined,
  );
  return { service, scope, authProvider, app } as AuthOptions;
}

const made = new Map<string, unknown>();

/** What all elements of the page share. */
function once<Value>(key: string, make: () => Value): Value {
  if (!made.has(key)) made.set(key, make());
  return made.get(key) as Value;
}

/** Empty if there is no answer. */
function fetchOnce<Value>(url: string): Promise<Record<string, Value>> {
  return once(url, () =>
    fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
      .then((response) => response.json())
      .catch(() => ({})),
  );
}

function picture(src: string): HTMLElement {
  const image = element("img", { part: "avatar", alt: "", referrerPolicy: "no-referrer", src });
  image.addEventListener("error", () => image.remove());
  return image;
}

// The module may be loaded twice: from two providers, or from two addresses of one.
if (!customElements.get("auth-login")) customElements.define("auth-login", AuthLogin);

declare global {
  interface HTMLElementTagNameMap {
    "auth-login": AuthLogin;
  }
}
