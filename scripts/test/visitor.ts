/** A browser as far as a login needs one: it keeps cookies, and follows a redirect only when it is told to. */

export interface Visit {
  text: string;
  /** Where the answer redirects to. */
  location: string | undefined;
}

export class Visitor {
  /** By origin, since each of ours is a host of its own (RFC 6265 §5.3). */
  readonly #cookies = new Map<string, Map<string, string>>();
  readonly #send: (request: Request) => Promise<Response>;

  constructor(send: (request: Request) => Promise<Response>) {
    this.#send = send;
  }

  /** @throws {Error} for an answer that reports an error */
  async visit(address: URL, init: RequestInit = {}): Promise<Visit> {
    const request = new Request(address, { ...init, redirect: "manual" });
    const cookies = this.#cookiesOf(address);
    if (cookies.size > 0)
      request.headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    const response = await this.#send(request);
    for (const cookie of response.headers.getSetCookie()) keep(cookies, cookie);

    const text = await response.text();
    if (response.status >= 400) throw new Error(`${describe(request)} was answered with ${response.status}: ${text}`);
    return { text, location: response.headers.get("location") ?? undefined };
  }

  /** @returns where the answer redirects to */
  async follow(address: URL, init?: RequestInit): Promise<URL> {
    const { location } = await this.visit(address, init);
    if (location === undefined) throw new Error(`${address.pathname} should redirect, but shows a page.`);
    return new URL(location, address);
  }

  #cookiesOf({ origin }: URL): Map<string, string> {
    const cookies = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, cookies);
    return cookies;
  }
}

/** Ignores `Path`: no cookie of a login needs to be hidden from another path. */
function keep(cookies: Map<string, string>, line: string): void {
  const [pair = "", ...attributes] = line.split(";");
  const [name = "", ...value] = pair.split("=");
  const isDeleted = attributes.some((attribute) => /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(attribute));
  if (isDeleted) cookies.delete(name);
  else cookies.set(name, value.join("="));
}

/** Without the query, which may contain a code. */
function describe({ method, url }: Request): string {
  return `${method} ${new URL(url).pathname}`;
}
