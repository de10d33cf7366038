import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { ServiceRecord } from "../../catalogue/schema.ts";
import type { LocalServer } from "./local-server.ts";
import { startLocalServer } from "./local-server.ts";

/**
 * Simulates every service of the catalogue: a server on loopback that checks each request strictly against the
 * service's record. It reads the records itself and shares no code with the provider. Like the strictest server, it
 * refuses anything that is missing, unexpected, misspelled or sent in the wrong place.
 */

export interface Credentials {
  clientId: string;
  clientSecret: string;
  apiKey: string;
}

interface Grant {
  record: ServiceRecord;
  scopes: string[];
  offline: boolean;
  alive: boolean;
  /** What the service has added to its authorization response. */
  added: Record<string, string>;
  redirectUri: string;
}

interface Code extends Grant {
  challenge: string | undefined;
  used: boolean;
}

interface Call {
  method: string;
  url: URL;
  headers: IncomingMessage["headers"];
  body: string;
}

interface Answer {
  status: number;
  body: unknown;
}

type Members = Map<string, string>;

const MAX_STATE_CHARACTERS = 100;

/** Why the simulator refuses, so that a failing test says what is wrong. */
class CommandError extends Error {}

const ACCESS_TOKEN_SECONDS = 3_600;

export class ServiceSimulator {
  /** The reasons of all refusals. */
  readonly refusals: string[] = [];
  private readonly codes = new Map<string, Code>();
  private readonly accessTokens = new Map<string, Grant>();
  private readonly refreshTokens = new Map<string, Grant>();
  private server: LocalServer | undefined;
  private readonly records: ServiceRecord[];
  private readonly credentials: Credentials;

  /** @param records with their variables filled in */
  constructor(records: ServiceRecord[], credentials: Credentials) {
    this.records = records;
    this.credentials = credentials;
  }

  async start(): Promise<string> {
    this.server = await startLocalServer(async (request, response) => {
      const { status, body } = this.answer(await this.read(request));
      response.writeHead(status, { "content-type": typeof body === "string" ? "text/plain" : "application/json" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
    return this.server.origin;
  }

  async stop(): Promise<void> {
    await this.server?.stop();
  }

  isAlive(accessToken: string): boolean {
    return this.accessTokens.get(accessToken)?.alive === true;
  }

  isRefreshTokenAlive(refreshToken: string): boolean {
    return this.refreshTokens.get(refreshToken)?.alive === true;
  }

  /** The user follows the link and allows everything. Returns the parameters of the authorization response. */
  authorize(record: ServiceRecord, address: string, asked: string[]): Record<string, string> {
    const url = new URL(address);
    const expected = new URL(record.authorization_endpoint);
    need(
      url.origin + url.pathname === expected.origin + expected.pathname,
      `authorization endpoint ${url.origin}${url.pathname}`,
    );
    const given = membersOf(url.searchParams);
    for (const [name, value] of expected.searchParams) take(given, name, value);
    for (const [name, value] of Object.entries(record.authorization_parameters ?? {})) take(given, name, value);
    const offline = takeOffline(given, record);

    const spelled = spelling(record.authorization_parameter_names);
    takeOptional(given, spelled("response_type"), "code");
    takeOptional(given, spelled("client_id"), this.credentials.clientId);
    const state = take(given, "state");
    // The lowest known limit of a service is 500 characters (X, Dropbox).
    need(state.length <= MAX_STATE_CHARACTERS, `state of ${state.length} characters`);
    const redirectUri = take(given, spelled("redirect_uri")!);
    const offlineScopes = offline.scopes ? (record.offline_scopes ?? []) : [];
    this.takeScopes(given, record, asked, offlineScopes, spelled("scope"));
    const challenge = takeChallenge(given, record);
    need(given.size === 0, `superfluous in the authorization request: ${[...given.keys()].join(", ")}`);

    const code = `code-${randomBytes(12).toString("hex")}`;
    const added = addedParameters(record);
    this.codes.set(code, {
      record,
      added,
      scopes: asked,
      offline: offline.granted,
      alive: true,
      redirectUri,
      challenge,
      used: false,
    });
    return { code, state, ...added };
  }

  /** Scopes are in one parameter, in the requested order, joined by the service's separator. */
  private takeScopes(
    given: Members,
    record: ServiceRecord,
    asked: string[],
    offline: string[],
    name: string | null,
  ): void {
    if (name === null) return;
    const scopes = [...asked, ...offline];
    if (scopes.length === 0) return need(!given.has(name), "an empty scope parameter");
    take(given, name, scopes.join(record.scope_separator ?? " "));
  }

  private async read(request: IncomingMessage): Promise<Call> {
    let body = "";
    request.setEncoding("utf8");
    for await (const chunk of request) body += chunk;
    // The first path segment is the host that the request was meant for.
    const [, host, ...path] = (request.url ?? "").split("/");
    return {
      method: request.method ?? "",
      url: new URL(`https://${host}/${path.join("/")}`),
      headers: request.headers,
      body,
    };
  }

  private answer(call: Call): Answer {
    try {
      return this.route(call);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.refusals.push(error.message);
      return { status: 400, body: { error: "invalid_request", error_description: error.message } };
    }
  }

  /** Several records may share an address, and an address may have several purposes. The request's content decides. */
  private route(call: Call): Answer {
    const attempts: (() => Answer)[] = [];
    for (const record of this.records) {
      if (isAt(call, record.token_endpoint)) attempts.push(() => this.exchange(call, record));
      const refreshEndpoint = record.refresh_request?.endpoint ?? record.token_endpoint;
      if (record.refresh_tokens !== "none" && isAt(call, refreshEndpoint))
        attempts.push(() => this.refresh(call, record));
      if (record.revocation_endpoint && this.isRevocation(call, record.revocation_endpoint)) {
        attempts.push(() =>
          this.revoke(call, record, record.revocation_endpoint!, record.revocation_request ?? {}, false),
        );
      }
      if (record.grant_revocation_endpoint && this.isRevocation(call, record.grant_revocation_endpoint)) {
        attempts.push(() =>
          this.revoke(call, record, record.grant_revocation_endpoint!, record.grant_revocation_request ?? {}, true),
        );
      }
      if (record.userinfo_endpoint && isAt(call, record.userinfo_endpoint))
        attempts.push(() => this.userinfo(call, record));
    }
    need(attempts.length > 0, `nothing is at ${call.method} ${call.url.origin}${call.url.pathname}`);
    const refusals: string[] = [];
    for (const attempt of attempts) {
      try {
        return attempt();
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        refusals.push(error.message);
      }
    }
    throw new CommandError(refusals.join(" | "));
  }

  // ------------------------------------------------------------------------------------------------------ tokens

  private exchange(call: Call, record: ServiceRecord): Answer {
    const spelled = spelling(record.token_request?.parameter_names);
    const given = this.readTokenRequest(call, record, spelled);
    takeOptional(given, spelled("grant_type"), "authorization_code");
    const code = this.codes.get(take(given, "code"));
    const verifier = record.code_challenge_method === "none" ? undefined : take(given, "code_verifier");
    const redirectUriName = spelled("redirect_uri");
    const redirectUri = redirectUriName === null ? undefined : take(given, redirectUriName);
    const constants = { ...record.token_parameters, ...code?.added };
    for (const [name, value] of Object.entries(constants)) take(given, name, value);
    need(given.size === 0, `superfluous in the token request: ${[...given.keys()].join(", ")}`);

    need(code === undefined || code.record === record, "a code of another service");
    if (code === undefined || code.used) return errorAnswer(record);
    code.used = true;
    need(redirectUri === undefined || redirectUri === code.redirectUri, "another redirect_uri than before");
    need(
      isProof(verifier, code.challenge, record.code_challenge_method),
      "the verifier does not belong to the challenge",
    );
    return this.issue(code);
  }

  private refresh(call: Call, record: ServiceRecord): Answer {
    const {
      parameters = {},
      parameter_names: names,
      callback_parameters: repeated = [],
      redirect_uri: withRedirectUri,
    } = record.refresh_request ?? {};
    const spelled = spelling({ ...record.token_request?.parameter_names, ...names });
    const given = this.readTokenRequest(call, record, spelled);
    takeOptional(given, spelled("grant_type"), "refresh_token");
    const token = take(given, "refresh_token");
    for (const [name, value] of Object.entries({ ...record.token_parameters, ...parameters })) take(given, name, value);
    const grant = this.refreshTokens.get(token);
    for (const name of repeated) take(given, name, grant?.added[name]);
    if (withRedirectUri) take(given, "redirect_uri", grant?.redirectUri);
    need(given.size === 0, `superfluous in the refresh: ${[...given.keys()].join(", ")}`);

    need(grant === undefined || grant.record === record, "a refresh token of another service");
    if (!grant?.alive) return errorAnswer(record);
    if (record.refresh_tokens === "rotating") this.refreshTokens.delete(token);
    return this.issue(grant, record.refresh_tokens === "rotating");
  }

  private readTokenRequest(call: Call, record: ServiceRecord, spelled: Spelling): Members {
    const { method = "POST", body = "form", headers = {} } = record.token_request ?? {};
    need(call.method === method, `${call.method} at the token endpoint`);
    need(call.headers.accept === "application/json", "no Accept: application/json");
    this.needHeaders(call, headers);
    const given = readMembers(call, method === "GET" ? "query" : body);
    this.takeCredentials(call, given, record.token_endpoint_auth_method, spelled);
    return given;
  }

  private takeCredentials(call: Call, given: Members, method: string, spelled: Spelling): void {
    const { clientId, clientSecret } = this.credentials;
    if (method === "client_secret_basic") {
      const expected = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString(
        "base64",
      );
      need(call.headers.authorization === `Basic ${expected}`, "no Basic credentials");
      return need(!given.has("client_secret"), "the secret twice");
    }
    need(call.headers.authorization === undefined, "an Authorization header that nobody asked for");
    takeOptional(given, spelled("client_id"), clientId);
    if (method === "client_secret_post") take(given, spelled("client_secret")!, clientSecret);
  }

  private needHeaders(call: Call, headers: Record<string, string>): void {
    for (const [name, value] of Object.entries(headers)) {
      const expected = value.replaceAll("{client_id}", this.credentials.clientId);
      need(call.headers[name.toLowerCase()] === expected, `the header ${name}: ${expected}`);
    }
  }

  private issue(from: Grant, withRefreshToken = from.offline): Answer {
    const { record, scopes, offline, added, redirectUri } = from;
    // Each login has a new object, so that ending the grant ends all of its tokens and no others.
    const grant = "used" in from ? { record, scopes, offline, added, redirectUri, alive: true } : from;
    const accessToken = `access-${randomBytes(12).toString("hex")}`;
    this.accessTokens.set(accessToken, grant);
    const refreshToken = `refresh-${randomBytes(12).toString("hex")}`;
    const refreshing = record.refresh_tokens !== "none" && withRefreshToken;
    if (refreshing) this.refreshTokens.set(refreshToken, grant);

    const values: Record<string, unknown> = {
      access_token: accessToken,
      token_type: "bearer",
      expires_in: ACCESS_TOKEN_SECONDS,
      scope: scopes.join(record.token_response_scope_separator ?? " "),
      ...(refreshing ? { refresh_token: refreshToken } : {}),
    };
    const { format, members = {}, success = {}, extra_members: extra = [] } = record.token_response ?? {};
    const answer: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(values)) {
      const paths = members[name as keyof typeof members];
      // A member that the provider must ignore is present, with a useless value.
      if (paths?.length === 0) put(answer, name, "useless");
      else put(answer, paths?.[0] ?? name, value);
    }
    for (const [path, value] of Object.entries(success)) put(answer, path, value);
    for (const name of extra) put(answer, name, `https://${name}.example`);
    return {
      status: 200,
      body: format === "form" ? new URLSearchParams(answer as Record<string, string>).toString() : answer,
    };
  }

  // -------------------------------------------------------------------------------------------------- revocation

  private isRevocation(call: Call, endpoint: string): boolean {
    const [start = "", end = ""] = endpoint.replace("{client_id}", this.credentials.clientId).split("{token}");
    const address = call.url.origin + call.url.pathname;
    return endpoint.includes("{token}") ? address.startsWith(start) && address.endsWith(end) : address === start;
  }

  private revoke(
    call: Call,
    record: ServiceRecord,
    endpoint: string,
    request: NonNullable<ServiceRecord["revocation_request"]>,
    wholeGrant: boolean,
  ): Answer {
    const {
      method = "POST",
      auth_method: authMethod = record.token_endpoint_auth_method,
      body = "form",
      parameters = {},
    } = request;
    need(call.method === method, `${call.method} at the revocation endpoint`);
    const given: Members = body === "empty" ? readNothing(call) : readMembers(call, body);
    const inPath = endpoint.includes("{token}");
    const token = inPath
      ? tokenInPath(call, endpoint)
      : this.takeToken(call, given, authMethod, body, request.parameter ?? "token");
    if (authMethod === "client_secret_basic" || authMethod === "client_secret_post") {
      this.takeCredentials(call, given, authMethod, spelling(request.parameter_names));
    } else if (authMethod === "none") {
      need(call.headers.authorization === undefined, "an Authorization header that nobody asked for");
    }
    for (const [name, value] of Object.entries(parameters))
      take(given, name, value.replaceAll("{client_id}", this.credentials.clientId));
    need(given.size === 0, `superfluous in the revocation: ${[...given.keys()].join(", ")}`);

    const grant =
      (request.only === "access_token" ? undefined : this.refreshTokens.get(token)) ??
      (request.only === "refresh_token" ? undefined : this.accessTokens.get(token));
    need(grant !== undefined && grant.record === record, "an unknown token");
    if (wholeGrant) grant.alive = false;
    this.accessTokens.delete(token);
    this.refreshTokens.delete(token);
    const answer: Record<string, unknown> = {};
    for (const [path, value] of Object.entries(request.success ?? {})) put(answer, path, value);
    return { status: 200, body: request.success === undefined ? "" : answer };
  }

  private takeToken(call: Call, given: Members, authMethod: string, body: string, name: string): string {
    const bearer = /^Bearer (.+)$/.exec(call.headers.authorization ?? "")?.[1];
    if (authMethod === "bearer") need(bearer !== undefined, "the token is not in the header");
    if (body === "empty") return bearer ?? "";
    const token = take(given, name);
    if (authMethod === "bearer") need(bearer === token, "two different tokens");
    return token;
  }

  // ----------------------------------------------------------------------------------------------------- profile

  private userinfo(call: Call, record: ServiceRecord): Answer {
    const request = record.userinfo_request ?? {};
    const { method = "GET", headers = {}, scheme = "Bearer", parameters = {}, body = "empty", success = {} } = request;
    need(call.method === method, `${call.method} at the profile`);
    if (!("Accept" in headers)) need(call.headers.accept === "application/json", "no Accept: application/json");
    this.needHeaders(call, headers);
    const given: Members = body === "empty" ? readNothing(call) : readMembers(call, body);
    for (const [name, value] of new URL(record.userinfo_endpoint!).searchParams) {
      if (body === "query") take(given, name, value);
      else need(call.url.searchParams.get(name) === value, `${name}=${value} in the URL of the profile`);
    }
    for (const [name, value] of Object.entries(parameters)) {
      take(
        given,
        name,
        value.replaceAll("{client_id}", this.credentials.clientId).replaceAll("{api_key}", this.credentials.apiKey),
      );
    }
    const token =
      request.token_parameter === undefined ? tokenInHeader(call, scheme) : take(given, request.token_parameter);
    if (request.token_parameter !== undefined && request.auth_method !== "client_secret_basic") {
      need(call.headers.authorization === undefined, "the token also in the header");
    }
    if (request.auth_method) this.takeCredentials(call, given, request.auth_method, spelling());
    need(given.size === 0, `superfluous at the profile: ${[...given.keys()].join(", ")}`);

    const grant = this.accessTokens.get(token);
    need(grant === undefined || grant.record === record, "a token of another service");
    if (!grant?.alive) return { status: 401, body: { error: "invalid_token" } };
    const profile: Record<string, unknown> = {};
    for (const path of pathsOf(record)) put(profile, path, valueAt(path));
    for (const [path, value] of Object.entries({ ...success, ...record.email_verified })) put(profile, path, value);
    return { status: 200, body: profile };
  }
}

/** The claims that the provider should derive from the simulator's profile. */
export function expectedClaims(record: ServiceRecord): Record<string, string | boolean> {
  const claims = Object.entries(record.userinfo_claims ?? {}).map(([claim, paths]) => {
    const first = paths?.[0] ?? "";
    const text = first.includes("{")
      ? first.replace(/\{([^{}]+)\}/g, (_braced: string, path: string) => valueAt(path))
      : valueAt(first);
    return [claim, text];
  });
  // Every address is a checked one.
  const checked = record.email_verified ? { email_verified: true } : {};
  return { ...(Object.fromEntries(claims) as Record<string, string>), ...checked };
}

// ------------------------------------------------------------------------------------------------------------- tools

type Spelling = (name: string) => string | null;

function spelling(names: Record<string, string | null> = {}): Spelling {
  return (name) => (name in names ? names[name]! : name);
}

function need(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new CommandError(otherwise);
}

/** What the service adds to its authorization response, with a new value for each login. */
function addedParameters({ callback_parameters: names = [] }: ServiceRecord): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, randomBytes(6).toString("hex")]));
}

/** Removes one member, so that only unexpected ones remain at the end. */
function take(given: Members, name: string, expected?: string): string {
  const value = given.get(name);
  need(value !== undefined && value !== "", `${name} is missing`);
  need(
    expected === undefined || value === expected,
    `${name} is ${JSON.stringify(value)}, not ${JSON.stringify(expected)}`,
  );
  given.delete(name);
  return value!;
}

function takeOptional(given: Members, name: string | null, expected: string): void {
  if (name !== null) take(given, name, expected);
}

function membersOf(parameters: URLSearchParams): Members {
  const members = new Map(parameters);
  need(members.size === [...parameters].length, "a parameter twice");
  return members;
}

function readMembers(call: Call, format: string): Members {
  const type = call.headers["content-type"];
  if (format === "query") {
    need(call.body === "" && type === undefined, "a body where the URL should carry everything");
    return membersOf(call.url.searchParams);
  }
  if (format === "json") {
    need(type === "application/json", `the content type ${type}`);
    return new Map(Object.entries(JSON.parse(call.body) as Record<string, string>));
  }
  need(type === "application/x-www-form-urlencoded", `the content type ${type}`);
  return membersOf(new URLSearchParams(call.body));
}

function readNothing(call: Call): Members {
  need(call.body === "" && call.headers["content-type"] === undefined, "a body where none belongs");
  return new Map();
}

function isAt({ url }: Call, endpoint: string): boolean {
  const expected = new URL(endpoint);
  return url.origin + url.pathname === expected.origin + expected.pathname;
}

function tokenInHeader(call: Call, scheme: string): string {
  const header = call.headers.authorization ?? "";
  if (scheme === "") return header;
  need(header.startsWith(`${scheme} `), `no Authorization: ${scheme}`);
  return header.slice(scheme.length + 1);
}

function tokenInPath(call: Call, endpoint: string): string {
  const [start = "", end = ""] = endpoint.split("{token}");
  const address = call.url.origin + call.url.pathname;
  return decodeURIComponent(address.slice(start.length, address.length - end.length));
}

/** Issues a refresh token if the request contains what the record says is needed. */
function takeOffline(given: Members, record: ServiceRecord): { granted: boolean; scopes: boolean } {
  const parameters = Object.entries(record.offline_parameters ?? {});
  const complete = parameters.every(([name, value]) => given.get(name) === value);
  if (parameters.length > 0 && complete) for (const [name] of parameters) given.delete(name);
  const name = spelling(record.authorization_parameter_names)("scope");
  const asked = (name === null ? "" : (given.get(name) ?? "")).split(record.scope_separator ?? " ");
  const scopes =
    (record.offline_scopes ?? []).length > 0 && record.offline_scopes!.every((scope) => asked.includes(scope));
  const enough = (parameters.length === 0 || complete) && (record.offline_scopes === undefined || scopes);
  return { granted: record.refresh_tokens !== "none" && enough, scopes };
}

function takeChallenge(given: Members, { code_challenge_method: method }: ServiceRecord): string | undefined {
  if (method === "none") return undefined;
  take(given, "code_challenge_method", method);
  const challenge = take(given, "code_challenge");
  need(/^[A-Za-z0-9._~-]{43,128}$/.test(challenge), "a malformed code_challenge");
  return challenge;
}

function isProof(verifier: string | undefined, challenge: string | undefined, method: string): boolean {
  if (method === "none") return verifier === undefined;
  const proven =
    method === "plain"
      ? verifier
      : createHash("sha256")
          .update(verifier ?? "")
          .digest("base64url");
  return proven === challenge;
}

/** The service's own error for an invalid grant. */
function errorAnswer({ token_response: response, token_error_codes: codes = {} }: ServiceRecord): Answer {
  const own = Object.entries(codes).find(([, meaning]) => meaning === "invalid_grant")?.[0];
  const body: Record<string, unknown> = {};
  put(body, response?.members?.error?.[0] ?? "error", own ?? "invalid_grant");
  for (const [path, value] of Object.entries(response?.success ?? {}))
    put(body, path, typeof value === "boolean" ? !value : 1);
  return { status: response?.success ? 200 : 400, body };
}

function pathsOf({ userinfo_claims: claims = { sub: ["sub"] } }: ServiceRecord): string[] {
  const first = Object.values(claims).map((candidates) => candidates?.[0] ?? "");
  return first.flatMap((candidate) =>
    candidate.includes("{") ? [...candidate.matchAll(/\{([^{}]+)\}/g)].map(([, path]) => path!) : [candidate],
  );
}

function valueAt(path: string): string {
  return `value-of-${path.replaceAll(".", "-")}`;
}

/** Numbers in a path are array indexes. A dot after a backslash is part of a name. */
function put(root: Record<string, unknown>, path: string, value: unknown): void {
  const steps = path.split(/(?<!\\)\./).map((step) => step.replaceAll("\\.", "."));
  let place: Record<string, unknown> = root;
  for (const [index, step] of steps.slice(0, -1).entries()) {
    const isArray = /^\d+$/.test(steps[index + 1]!);
    place[step] ??= isArray ? [] : {};
    place = place[step] as Record<string, unknown>;
  }
  place[steps.at(-1)!] = value;
}
