/**
 * "Demo": a pretend service on this computer, for `npm run dev` and for the tests. The people are invented; the
 * authorization server is real. It verifies what GitHub or Google would verify – exact redirect URI, client secret,
 * PKCE, one-time codes – so that a login which works here works for the right reasons.
 *
 * It listens on loopback only and is known only to configurations that carry the local-development mark.
 */

import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { exportJWK, generateKeyPair } from "jose";
// @ts-expect-error The package ships no types; `AuthorizationServer` below describes the part that is used here.
import OidcProvider from "oidc-provider";

export interface DemoServiceOptions {
  /** Default: any free port. */
  port?: number;
  /** Default: 127.0.0.1. */
  host?: string;
  clientId: string;
  clientSecret: string;
  redirectUris: string[];
  /** Its pages send `Cross-Origin-Opener-Policy: same-origin`, as Dropbox and Microsoft do. */
  cutOpener?: boolean;
  /** Default: one hour. */
  accessTokenLifetimeSeconds?: number;
}

export interface DemoService {
  origin: string;
  /** The entry for `services.json`, without the client secret. */
  record: Record<string, unknown>;
  stop(): Promise<void>;
  /** Requests so far to the authorization endpoint and to the token endpoint. */
  counts: { authorize: number; token: number };
}

interface Person {
  id: string;
  name: string;
  email: string;
  color: string;
}

const PEOPLE: Person[] = [
  { id: "alice", name: "Alice Example", email: "alice@demo.example", color: "#7b3fa0" },
  { id: "bob", name: "Bob Example", email: "bob@demo.example", color: "#0b6e69" },
];

const SCOPE_DESCRIPTIONS = {
  openid: "Know that it is you",
  profile: "Read your name, user name and picture",
  email: "Read your email address",
  offline_access: "Keep access while you are away",
};

const AUTHORIZATION_PATH = "/auth";
const TOKEN_PATH = "/token";
const USERINFO_PATH = "/me";
const REVOCATION_PATH = "/token/revocation";

const CODE_LIFETIME_SECONDS = 60;
const DEFAULT_TOKEN_LIFETIME_SECONDS = 60 * 60;
const INTERACTION_LIFETIME_SECONDS = 60 * 60;
const SESSION_LIFETIME_SECONDS = 14 * 24 * 60 * 60;

const MAX_FORM_CHARACTERS = 1_000;

export async function startDemoService(options: DemoServiceOptions): Promise<DemoService> {
  const host = options.host ?? "127.0.0.1";
  const counts = { authorize: 0, token: 0 };

  // The issuer contains the port, so the port comes first.
  const server = createServer();
  const port = await listen(server, host, options.port ?? 0);
  const origin = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

  const memory = new Memory();
  const provider = await createAuthorizationServer(origin, options, memory);
  const standardEndpoints = provider.callback();
  server.on("request", (request, response) => {
    handle(request, response).catch(() => sendPage(response, 400, errorPage("This login has ended. Start again.")));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (options.cutOpener) response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    const { pathname } = new URL(request.url ?? "/", origin);
    const route = `${request.method} ${pathname}`;

    if (route === `GET ${AUTHORIZATION_PATH}`) counts.authorize += 1;
    if (route === `POST ${TOKEN_PATH}`) counts.token += 1;

    if (route === "GET /") return showAccount(provider, request, response);
    if (route === "POST /forget") return forget(provider, memory, request, response);
    if (route.startsWith("GET /people/")) return sendPicture(response, pathname);
    if (route.startsWith("GET /interaction/")) return ask(provider, request, response);
    if (route.startsWith("POST /interaction/")) return answer(provider, request, response);

    // OpenID Connect Core §11: access while the person is away takes their explicit consent.
    if (route === `GET ${AUTHORIZATION_PATH}`) request.url = withConsentForOfflineAccess(request.url ?? "", origin);
    return standardEndpoints(request, response);
  }

  return { origin, record: serviceRecord(origin, options), counts, stop: () => close(server) };
}

function serviceRecord(origin: string, options: DemoServiceOptions): Record<string, unknown> {
  return {
    name: "Demo",
    client_id: options.clientId,
    authorization_endpoint: `${origin}${AUTHORIZATION_PATH}`,
    userinfo_endpoint: `${origin}${USERINFO_PATH}`,
    revocation_endpoint: `${origin}${REVOCATION_PATH}`,
    refresh_tokens: "rotating",
    offline_parameters: { prompt: "consent" },
    offline_scopes: ["offline_access"],
    token_endpoint: `${origin}${TOKEN_PATH}`,
    token_endpoint_auth_method: "client_secret_basic",
    issuer: origin,
    authorization_response_iss_parameter_supported: true,
    code_challenge_method: "S256",
    code_lifetime_seconds: CODE_LIFETIME_SECONDS,
    prompt_parameters: { login: { prompt: "login" }, consent: { prompt: "consent" } },
    login_hint_parameter: "login_hint",
    default_scopes: ["openid", "profile"],
    scope_separator: " ",
    scope_descriptions: SCOPE_DESCRIPTIONS,
    opener: options.cutOpener ? "cut" : "kept",
  };
}

// The authorization server

/** What of `oidc-provider` is used here. */
interface AuthorizationServer {
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  createContext(request: IncomingMessage, response: ServerResponse): object;
  interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
  Session: { get(context: object): Promise<Session> };
  Grant: GrantConstructor;
}

/** What its configuration functions receive. */
interface AuthorizationContext {
  oidc: {
    route: string;
    result?: { consent?: { grantId: string } };
    session: { grantIdFor(clientId: string): string | undefined };
    client: { clientId: string };
    provider: AuthorizationServer;
  };
}

interface Interaction {
  uid: string;
  grantId?: string;
  params: { redirect_uri: string; client_id: string };
  prompt: { name: "login" | "consent"; details: { missingOIDCScope?: string[] } };
  session?: { accountId: string };
}

interface Session {
  accountId?: string;
}

interface GrantConstructor {
  new (properties: { accountId: string; clientId: string }): Grant;
  find(id: string): Promise<Grant | undefined>;
}

interface Grant {
  accountId: string;
  clientId: string;
  addOIDCScope(scope: string): void;
  getOIDCScope(): string;
  save(): Promise<string>;
}

async function createAuthorizationServer(
  origin: string,
  options: DemoServiceOptions,
  memory: Memory,
): Promise<AuthorizationServer> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const signingKey = { ...(await exportJWK(privateKey)), alg: "ES256", use: "sig" };
  const { port } = new URL(origin);
  const tokenLifetimeSeconds = options.accessTokenLifetimeSeconds ?? DEFAULT_TOKEN_LIFETIME_SECONDS;

  return new OidcProvider(origin, {
    adapter: () => memory.openStore(),
    clients: [
      {
        client_id: options.clientId,
        // client_secret_post is understood as well.
        token_endpoint_auth_method: "client_secret_basic",
        client_secret: options.clientSecret,
        redirect_uris: options.redirectUris,
        response_types: ["code"],
        grant_types: ["authorization_code", "refresh_token"],
        id_token_signed_response_alg: "ES256",
      },
    ],
    pkce: { required: () => true },
    rotateRefreshToken: () => true,
    loadExistingGrant: grantOfThisLogin,
    // Ending a token, or using a code twice, ends the tokens of that login; what the person allowed stays.
    revokeGrantPolicy: () => false,

    scopes: Object.keys(SCOPE_DESCRIPTIONS),
    claims: {
      openid: ["sub"],
      profile: ["name", "preferred_username", "picture"],
      email: ["email", "email_verified"],
    },
    findAccount: (_context: unknown, id: string) => findAccount(origin, id),
    // Apps read the profile from the browser; tokens are none of the browser's business here.
    clientBasedCORS: (context: AuthorizationContext) => context.oidc.route === "userinfo",

    routes: {
      authorization: AUTHORIZATION_PATH,
      token: TOKEN_PATH,
      userinfo: USERINFO_PATH,
      revocation: REVOCATION_PATH,
    },
    interactions: { url: (_context: unknown, interaction: Interaction) => `/interaction/${interaction.uid}` },
    renderError: renderProtocolError,
    features: {
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: false },
    },

    jwks: { keys: [signingKey] },
    cookies: {
      keys: [randomBytes(32).toString("base64url")],
      // Ports do not separate cookies: two pretend services on one computer must not log each other out.
      names: {
        session: `demo-${port}-session`,
        interaction: `demo-${port}-interaction`,
        resume: `demo-${port}-resume`,
      },
    },
    ttl: {
      AccessToken: tokenLifetimeSeconds,
      AuthorizationCode: CODE_LIFETIME_SECONDS,
      IdToken: tokenLifetimeSeconds,
      Interaction: INTERACTION_LIFETIME_SECONDS,
      RefreshToken: SESSION_LIFETIME_SECONDS,
      Grant: SESSION_LIFETIME_SECONDS,
      Session: SESSION_LIFETIME_SECONDS,
    },
  });
}

/** Tokens are revoked by grant, and all apps are one client here. So every login gets a grant of its own, with what the
 * person has allowed so far: revoking the tokens of one app leaves the other apps alone. */
async function grantOfThisLogin({ oidc }: AuthorizationContext): Promise<Grant | undefined> {
  const { Grant } = oidc.provider;
  const answered = oidc.result?.consent?.grantId;
  if (answered) return Grant.find(answered);

  const remembered = oidc.session.grantIdFor(oidc.client.clientId);
  const earlier = remembered ? await Grant.find(remembered) : undefined;
  if (!earlier) return undefined;

  const grant = new Grant({ accountId: earlier.accountId, clientId: earlier.clientId });
  grant.addOIDCScope(earlier.getOIDCScope());
  await grant.save();
  return grant;
}

function findAccount(origin: string, id: string): object | undefined {
  const person = PEOPLE.find((candidate) => candidate.id === id);
  if (!person) return undefined;

  const claims = {
    sub: person.id,
    name: person.name,
    preferred_username: person.id,
    picture: `${origin}/people/${person.id}.svg`,
    email: person.email,
    email_verified: true,
  };
  return { accountId: person.id, claims: () => claims };
}

function withConsentForOfflineAccess(path: string, origin: string): string {
  const url = new URL(path, origin);
  const scopes = url.searchParams.get("scope")?.split(" ") ?? [];
  if (!scopes.includes("offline_access") || url.searchParams.has("prompt")) return path;

  url.searchParams.set("prompt", "consent");
  return url.pathname + url.search;
}

interface StoredRecord extends Record<string, unknown> {
  uid?: string;
  grantId?: string;
  accountId?: string;
  consumed?: number;
}

/** Everything that the service remembers, until it stops: one store per kind (sessions, codes, …). */
class Memory {
  readonly #stores: MemoryStore[] = [];

  openStore(): MemoryStore {
    const store = new MemoryStore();
    this.#stores.push(store);
    return store;
  }

  forgetAccount(accountId: string): void {
    for (const store of this.#stores) store.destroyAll((record) => record.accountId === accountId);
  }
}

/** The adapter interface of the authorization server, which checks expiry itself. */
class MemoryStore {
  readonly #records = new Map<string, StoredRecord>();

  async upsert(id: string, record: StoredRecord): Promise<void> {
    this.#records.set(id, record);
  }

  async find(id: string): Promise<StoredRecord | undefined> {
    return this.#records.get(id);
  }

  async findByUid(uid: string): Promise<StoredRecord | undefined> {
    return [...this.#records.values()].find((record) => record.uid === uid);
  }

  async consume(id: string): Promise<void> {
    const record = this.#records.get(id);
    if (record) record.consumed = Math.floor(Date.now() / 1_000);
  }

  async destroy(id: string): Promise<void> {
    this.#records.delete(id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    this.destroyAll((record) => record.grantId === grantId);
  }

  destroyAll(matches: (record: StoredRecord) => boolean): void {
    for (const [id, record] of this.#records) if (matches(record)) this.#records.delete(id);
  }
}

// What the person is asked

async function ask(provider: AuthorizationServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const interaction = await provider.interactionDetails(request, response);
  if (interaction.prompt.name === "login") return sendPage(response, 200, loginPage(interaction));

  return sendPage(response, 200, consentPage(interaction, await requestedScopes(provider, interaction)));
}

async function answer(
  provider: AuthorizationServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const interaction = await provider.interactionDetails(request, response);
  const form = await readForm(request);
  const refused = { error: "access_denied", error_description: "The person said no." };
  if (form.get("decision") === "deny") return provider.interactionFinished(request, response, refused);

  if (interaction.prompt.name === "login") {
    const person = PEOPLE.find(({ id }) => id === form.get("person"));
    if (!person) throw new Error("Nobody of that name lives here.");
    return provider.interactionFinished(request, response, { login: { accountId: person.id } });
  }

  if (form.get("decision") !== "allow") throw new Error("Neither yes nor no.");
  const grantId = await grantRequestedScopes(provider, interaction);
  return provider.interactionFinished(request, response, { consent: { grantId } });
}

/** What is new in this request; everything, where the question is only asked again. */
async function requestedScopes(provider: AuthorizationServer, interaction: Interaction): Promise<string[]> {
  const missing = interaction.prompt.details.missingOIDCScope;
  if (missing) return missing;

  const grant = interaction.grantId ? await provider.Grant.find(interaction.grantId) : undefined;
  return grant?.getOIDCScope().split(" ") ?? [];
}

async function grantRequestedScopes(provider: AuthorizationServer, interaction: Interaction): Promise<string> {
  const existing = interaction.grantId ? await provider.Grant.find(interaction.grantId) : undefined;
  const accountId = interaction.session?.accountId ?? "";
  const grant = existing ?? new provider.Grant({ accountId, clientId: interaction.params.client_id });

  const missing = interaction.prompt.details.missingOIDCScope;
  if (missing) grant.addOIDCScope(missing.join(" "));
  return grant.save();
}

async function showAccount(
  provider: AuthorizationServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { accountId } = await provider.Session.get(provider.createContext(request, response));
  sendPage(response, 200, accountPage(PEOPLE.find(({ id }) => id === accountId)));
}

/** The person's own way to end it all: every app's tokens, what they allowed, and the session. */
async function forget(
  provider: AuthorizationServer,
  memory: Memory,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { accountId } = await provider.Session.get(provider.createContext(request, response));
  if (accountId) memory.forgetAccount(accountId);
  response.writeHead(303, { Location: "/" }).end();
}

// Pages

/** Text that is safe inside HTML; made only by `html`, which escapes everything that is put into it. */
class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

function html(strings: TemplateStringsArray, ...values: (string | Html | Html[])[]): Html {
  return new Html(String.raw({ raw: strings }, ...values.map(escape)));
}

function escape(value: string | Html | Html[]): string {
  if (value instanceof Html) return value.source;
  if (Array.isArray(value)) return value.map(escape).join("");
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function loginPage({ uid, params }: Interaction): Html {
  const buttons = PEOPLE.map(
    ({ id, name, color }) => html`
      <button name="person" value="${id}">${picture(name, color, 32)} Log in as ${firstName(name)}</button>`,
  );
  return page(
    "Log in",
    html`
      <p>to continue to <strong>${new URL(params.redirect_uri).origin}</strong></p>
      <form method="post" action="/interaction/${uid}">
        ${buttons}
        <button class="quiet" name="decision" value="deny">Cancel</button>
      </form>`,
  );
}

function consentPage({ uid, params, session }: Interaction, scopes: string[]): Html {
  const person = PEOPLE.find(({ id }) => id === session?.accountId);
  const items = scopes.map((scope) => html`<li>${describe(scope)} <code>${scope}</code></li>`);
  return page(
    "Allow access?",
    html`
      <p><strong>${new URL(params.redirect_uri).origin}</strong> would like to do this
        for ${person?.name ?? "you"}:</p>
      <ul>${items}</ul>
      <form method="post" action="/interaction/${uid}">
        <button name="decision" value="allow">Allow</button>
        <button class="quiet" name="decision" value="deny">Deny</button>
      </form>`,
  );
}

function accountPage(person: Person | undefined): Html {
  if (!person) return page("Nobody is logged in", html`<p>You log in here when an app asks you to.</p>`);

  return page(
    `Logged in as ${person.name}`,
    html`
      <p>This service remembers you and what you allowed, so that the next login asks nothing.</p>
      <form method="post" action="/forget">
        <button>Log out and end every app’s access</button>
      </form>`,
  );
}

function errorPage(reason: string): Html {
  return page("That did not work", html`<p>${reason}</p>`);
}

function page(title: string, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} – Demo service</title>
    <link rel="icon" href="data:,">
    <style>${STYLE}</style>
  </head>
  <body>
    <header>Demo service – a pretend service on this computer</header>
    <main>
      <h1>${title}</h1>
      ${content}
    </main>
  </body>
</html>`;
}

const STYLE = new Html(`
  :root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; --accent: #5b4a00; --band: #ffd84d; }
  body { margin: 0; background: light-dark(#faf8f2, #1d1b16); color: light-dark(#22201a, #f1ede2); }
  header { padding: .6rem 1rem; background: var(--band); color: #22201a; text-align: center; font-weight: 600; }
  main { max-width: 24rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
  h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
  ul { padding-inline-start: 1.25rem; }
  code { color: light-dark(#6a6455, #b3ac9b); font-size: .85em; }
  form { display: grid; gap: .75rem; margin-top: 1.5rem; }
  button { display: flex; gap: .75rem; align-items: center; justify-content: center; min-height: 3rem;
    padding: .4rem 1rem; border: 2px solid var(--accent); border-radius: .6rem; background: var(--accent);
    color: #fff; font: inherit; font-weight: 600; cursor: pointer; }
  button.quiet { border-color: light-dark(#8a8373, #8f8877); background: none; color: inherit; }
  button:focus-visible { outline: 3px solid #1a73e8; outline-offset: 2px; }
`);

function picture(name: string, color: string, size: number): Html {
  const side = String(size);
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="${side}" height="${side}"
    aria-hidden="true"><circle cx="20" cy="20" r="20" fill="${color}"/><text x="20" y="27" fill="#fff" font-size="20"
    font-family="sans-serif" text-anchor="middle">${name.charAt(0)}</text></svg>`;
}

function firstName(name: string): string {
  return name.split(" ")[0] ?? name;
}

function describe(scope: string): string {
  return SCOPE_DESCRIPTIONS[scope as keyof typeof SCOPE_DESCRIPTIONS] ?? scope;
}

// Plain HTTP

function sendPage(response: ServerResponse, status: number, content: Html): void {
  response.writeHead(status, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" });
  response.end(content.source);
}

function sendPicture(response: ServerResponse, pathname: string): void {
  const person = PEOPLE.find(({ id }) => pathname === `/people/${id}.svg`);
  if (!person) return sendPage(response, 404, errorPage("There is no such picture."));

  response.writeHead(200, { "Content-Type": "image/svg+xml", "Cross-Origin-Resource-Policy": "cross-origin" });
  response.end(picture(person.name, person.color, 96).source);
}

/** Errors that must not go to the redirect URI, because it is the redirect URI or the client that is wrong. */
function renderProtocolError(
  context: { type: string; body: string },
  { error, error_description: description }: { error: string; error_description?: string },
): void {
  context.type = "html";
  context.body = errorPage(description ? `${error}: ${description}` : error).source;
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  if (Number(request.headers["content-length"] ?? Infinity) > MAX_FORM_CHARACTERS) throw new Error("Too long.");
  return new URLSearchParams(await text(request));
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
