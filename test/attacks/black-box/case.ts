/** One attack: a request that anybody on the web could make, and what a sound provider answers. */
export interface Case {
  /** Row of docs/security-tests.md. */
  row: `A${number}`;
  title: string;
  request: Probe;
  answer: Expectation;
  /** The request gets through to the service, so it is made only when asked for. */
  reachesService?: boolean;
  /** One of the few that stand for the others where every request takes long. */
  smoke?: boolean;
}

export interface Probe {
  method?: string;
  /** Exactly as it stands in the request line. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface Expectation {
  status?: number[];
  /** Where the browser is sent: to nobody, to the service, or to one of our own pages. */
  leadsTo?: "nobody" | "service" | "/start" | "/confirm";
  cookie?: "none" | "set";
  /** RFC 6749 §5.2 code in a JSON answer. */
  error?: string;
  /** What may stand nowhere in the answer. */
  lacks?: string[];
  /** Anything else: says what is wrong. */
  fault?: (answer: Answer) => string | undefined;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** @throws {NoAnswer} */
export type Send = (probe: Probe) => Promise<Answer>;

/** Nothing can be said about how a provider answers this: neither that it withstands it, nor that it does not. */
export class NoAnswer extends Error {
  constructor({ method = "GET", path }: Probe, reason: string) {
    super(`${method} ${path.slice(0, 100)} got no answer: ${reason}`);
    this.name = "NoAnswer";
  }
}

/** What the cases are aimed at. */
export interface Target {
  /** The provider. */
  origin: string;
  /** A service that it offers: its canonical id and its key in `/services.json`. */
  service: string;
  backend: string;
  /** Origin of the service's authorization endpoint. */
  serviceOrigin: string;
  /** Origin of an app that may use the provider. */
  app: string;
}

/** The attacker's app. */
export const EVIL = "https://evil.example";

/** Stands for every code, token and secret that a request carries; no answer may contain it. */
export const CANARY = "canary0123456789canary0123456789canary01234";

/** S256 of nothing that anybody knows. */
export const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
export const VERIFIER = "v".repeat(43);

export const MARKUP = [
  `"><img src=x onerror=alert(1)>`,
  `</script><script>alert(1)</script>`,
  `'"><svg/onload=alert(1)>`,
  `<a href="javascript:alert(1)">x</a>`,
  `<meta http-equiv="refresh" content="0;url=${EVIL}">`,
  `\u202e<b>\u2028</b>`,
];

/** A correct authorization request of an honest app, but for what an attack changes; an array comes twice, `undefined` not at all. */
export function authorizePath(target: Target, overrides: Record<string, string | string[] | undefined> = {}): string {
  const parameters = {
    client_id: `${target.app}/`,
    redirect_uri: `${target.app}/callback`,
    response_type: "code",
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
    state: "state-of-the-app",
    ...overrides,
  };
  return `/authorize/${target.service}?${queryOf(parameters)}`;
}

export function queryOf(parameters: Record<string, string | string[] | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of [value ?? []].flat()) query.append(name, each);
  }
  return query.toString();
}

/** What says that a page of the honest app has started this. */
export function startedByApp({ app }: Target): Record<string, string> {
  return { referer: `${app}/` };
}
