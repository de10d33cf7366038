import type { Question, StartQuestion } from "../../shared/page-messages.ts";
import { PATIENCE_MS } from "../tools/patience.ts";

/**
 * A simulated user with a browser, with only what a login needs. It follows redirects with cookies and referrers, fills
 * in the service's forms, and sends the requests that the provider's two pages send after a click. The login suites do
 * the same in a real browser, which takes ten times as long.
 */

/** The page at the end of a chain of redirects. */
export interface VisitedPage {
  url: URL;
  status: number;
  body: string;
}

export interface LoginChoices {
  /** The page that contains the link. Absent: the user typed the address, or another program opened it. */
  from?: string;
  name?: "alice" | "bob";
  /** The user's decision at the service. */
  atService?: "allow" | "deny";
}

const MAX_STEPS = 20;

export class Person {
  readonly #provider: string;
  /** Keyed by host name, because cookies are shared between ports. */
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(provider: string) {
    this.#provider = provider;
  }

  /** From the app's login link, through the start page and the service, up to the question. */
  async reachQuestion(url: string, choices: LoginChoices = {}): Promise<Question> {
    let page = await this.open(url, choices.from);
    for (let step = 0; step < MAX_STEPS; step++) {
      if (this.#isAt(page, "/confirm")) return readFragment<Question>(page.url);
      if (this.#isAt(page, "/start")) page = await this.#pressContinue(readFragment<StartQuestion>(page.url));
      else page = await this.#fillIn(page, choices);
    }
    throw new Error("This login goes round in circles.");
  }

  /** Presses Yes or No. Returns the address to which the page sends the browser, without opening it. */
  async answer(question: Question, decision: "yes" | "no" = "yes"): Promise<string> {
    const { ticket, origin, service, redirectUri } = question;
    const sent = await this.#post("/decision", { ticket, origin, service, redirectUri, decision, opener: false });
    return sent.location!;
  }

  /** Completes a login. Returns the app's redirect URI with the authorization response. */
  async logIn(url: string, choices: LoginChoices = {}): Promise<string> {
    return await this.answer(await this.reachQuestion(url, choices));
  }

  /** Follows redirects until a page. The provider's own two pages also count, because they are static. */
  async open(url: string, from?: string): Promise<VisitedPage> {
    let target = new URL(url);
    let referrer = from === undefined ? undefined : `${new URL(from).origin}/`;
    for (let step = 0; step < MAX_STEPS; step++) {
      if (this.#isAt({ url: target }, "/confirm") || this.#isAt({ url: target }, "/start")) {
        return { url: target, status: 200, body: "" };
      }
      const response = await this.#fetch(target, referrer === undefined ? {} : { headers: { referer: referrer } });
      const location = response.headers.get("location");
      if (location === null) return { url: target, status: response.status, body: await response.text() };
      await response.body?.cancel();
      if (response.headers.get("referrer-policy") === "no-referrer") referrer = undefined;
      target = new URL(location, target);
    }
    throw new Error(`Too many redirects, the last one to ${target}.`);
  }

  /** Sends an empty form, as a button on a page does. */
  async submit(url: string): Promise<number> {
    const response = await this.#fetch(new URL(url), { method: "POST", headers: { origin: new URL(url).origin } });
    await response.body?.cancel();
    return response.status;
  }

  #isAt({ url }: Pick<VisitedPage, "url">, path: string): boolean {
    return url.origin === this.#provider && url.pathname === path;
  }

  /** Sends the request of the start page's button. */
  async #pressContinue({ request, service }: StartQuestion): Promise<VisitedPage> {
    const { location } = await this.#post(`/authorize/${service}`, { request });
    return await this.open(location!);
  }

  /** Fills in the service's forms: which user logs in, and whether the user allows access. */
  async #fillIn(page: VisitedPage, { name = "alice", atService = "allow" }: LoginChoices): Promise<VisitedPage> {
    const action = /<form method="post" action="([^"]+)"/.exec(page.body)?.[1];
    if (action === undefined) throw new Error(`Nothing to press at ${page.url} (${page.status}): ${page.body}`);
    const target = new URL(action, page.url);
    const asksWho = page.body.includes('name="person"');
    const body = new URLSearchParams(asksWho ? { person: name } : { decision: atService });
    const response = await this.#fetch(target, { method: "POST", body });
    await response.body?.cancel();
    return await this.open(new URL(response.headers.get("location")!, target).href);
  }

  async #post(path: string, body: object): Promise<Record<string, string>> {
    const response = await this.#fetch(new URL(path, this.#provider), {
      method: "POST",
      headers: { origin: this.#provider, "sec-fetch-site": "same-origin", "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Record<string, string>;
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const jar = this.#jar(url.hostname);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(init.headers as Record<string, string>), ...(cookie === "" ? {} : { cookie }) };
    // If a page never answers, the error names it.
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(url, { ...init, headers, redirect: "manual", signal });
    for (const line of response.headers.getSetCookie()) keepCookie(jar, line);
    return response;
  }

  #jar(hostname: string): Map<string, string> {
    const jar = this.#cookies.get(hostname) ?? new Map<string, string>();
    this.#cookies.set(hostname, jar);
    return jar;
  }
}

function keepCookie(jar: Map<string, string>, line: string): void {
  const [pair = ""] = line.split(";", 1);
  const [name = "", ...value] = pair.split("=");
  const expires = /;\s*expires=([^;]+)/i.exec(line)?.[1];
  const isOver = /;\s*max-age=0/i.test(line) || (expires !== undefined && Date.parse(expires) < Date.now());
  if (isOver) jar.delete(name);
  else jar.set(name, value.join("="));
}

function readFragment<Shape>(url: URL): Shape {
  return JSON.parse(Buffer.from(url.hash.slice(1), "base64url").toString()) as Shape;
}
