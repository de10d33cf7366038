/** One attack: a request that anyone on the web could send, and the answer of a secure provider. */
export interface Case {
  /** Row of docs/security-tests.md. */
  row: `A${number}`;
  title: string;
  request: Probe;
  answer: Expectation;
  /** The request reaches the service, so it is sent only on demand. */
  reachesService?: boolean;
  /** One of a few attacks that represent the others where requests are slow. */
  smoke?: boolean;
}

export interface Probe {
  method?: string;
  /** Exactly as in the request line. */
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
  /** Texts that must not appear anywhere in the answer. */
  lacks?: string[];
  /** Any other check. Returns a description of the fault. */
  fault?: (answer: Answer) => string | undefined;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** @throws {NoAnswer} */
export type Send = (probe: Probe) => Promise<Answer>;

/** There was no answer, so it is unknown whether the provider withstands this attack. */
export class NoAnswer extends Error {
  constructor({ method = "GET", path }: Probe, reason: string) {
    super(`${method} ${path.slice(0, 100)} got no answer: ${reason}`);
    this.name = "NoAnswer";
  }
}

/** What the attacks are run against. */
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

/** Represents the codes, tokens and secrets in requests. No answer may contain it. */
export const CANARY = "canary0123456789canary0123456789canary01234";

/** The S256 challenge of RFC 7636, Appendix B. It does not match `VERIFIER`. */
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

/** An honest app's authorization request with an attack's changes. Arrays repeat a parameter; `undefined` omits it. */
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

/** The header that shows that a page of the honest app started the login. */
export function startedByApp({ app }: Target): Record<string, string> {
  return { referer: `${app}/` };
}
