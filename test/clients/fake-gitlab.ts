/**
 * A self-managed GitLab on loopback that follows GitLab's documentation. It has the parts that a CMS needs: OAuth, the
 * REST API and the GraphQL API. A user who has already allowed this application sees no page.
 */

import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { LocalServer } from "../tools/local-server.ts";
import { startLocalServer } from "../tools/local-server.ts";

const USER = {
  id: 1,
  username: "mona",
  name: "Mona Lisa",
  avatar_url: "data:,",
  email: "mona@example.org",
  web_url: "data:,",
};

const PROJECT = {
  id: 1,
  path_with_namespace: "mona/notes",
  default_branch: "main",
  permissions: { project_access: { access_level: 40 }, group_access: null },
  shared_with_groups: [],
};

const BRANCH = { name: "main", default: true, commit: { id: "0".repeat(40), message: "first" } };

/** The answer to Sveltia CMS's query about a repository without files. */
const GRAPHQL = {
  project: {
    repository: {
      rootRef: "main",
      tree: {
        lastCommit: { sha: "0".repeat(40), message: "first" },
        blobs: { nodes: [], pageInfo: { endCursor: "", hasNextPage: false } },
      },
      blobs: { nodes: [] },
    },
  },
};

interface Registration {
  clientId: string;
  clientSecret: string;
}

export interface FakeGitlab extends Gitlab, LocalServer {
  /** The entry for `services.json`. */
  record: Record<string, unknown>;
  /** The settings with which a CMS's backend finds this instance. */
  backend: Record<string, string>;
}

export async function startFakeGitlab(registration: Registration): Promise<FakeGitlab> {
  const gitlab = new Gitlab(registration);
  const { origin, stop } = await startLocalServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://gitlab.invalid");
    if (url.pathname === "/oauth/authorize") return response.writeHead(302, { location: gitlab.authorize(url) }).end();
    const [status, body] = request.method === "OPTIONS" ? [204, undefined] : await gitlab.answer(url, request);
    response.writeHead(status, HEADERS);
    return response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  const record = {
    client_id: registration.clientId,
    authorization_endpoint: `${origin}/oauth/authorize`,
    token_endpoint: `${origin}/oauth/token`,
    madata: false,
  };
  const backend = { api_root: `${origin}/api/v4`, graphql_api_root: `${origin}/api/graphql` };
  return Object.assign(gitlab, { origin, stop, record, backend });
}

const HEADERS = {
  "content-type": "application/json",
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, content-type, if-none-match",
  "x-page": "1",
  "x-total-pages": "1",
  "x-total": "0",
};

class Gitlab {
  readonly issuedTokens: string[] = [];
  readonly authorizeRequests: URL[] = [];

  readonly #registration: Registration;
  readonly #codes = new Map<string, { redirectUri: string; codeChallenge: string }>();

  constructor(registration: Registration) {
    this.#registration = registration;
  }

  /** @returns the address to which it redirects the browser */
  authorize(url: URL): string {
    this.authorizeRequests.push(url);
    const { searchParams } = url;
    const [redirectUri, state] = [searchParams.get("redirect_uri") ?? "", searchParams.get("state") ?? ""];
    const code = randomBytes(10).toString("hex");
    this.#codes.set(code, { redirectUri, codeChallenge: searchParams.get("code_challenge") ?? "" });
    const isKnown = searchParams.get("client_id") === this.#registration.clientId;
    const target = new URL(redirectUri);
    target.search = new URLSearchParams(isKnown ? { code, state } : { error: "unauthorized_client", state }).toString();
    return target.href;
  }

  async answer(url: URL, request: IncomingMessage): Promise<[number, unknown]> {
    if (url.pathname === "/oauth/token") return this.#redeem(new URLSearchParams(await text(request)));
    const [, token = ""] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "") ?? [];
    if (!this.issuedTokens.includes(token)) return [401, { message: "401 Unauthorized" }];
    const path = decodeURIComponent(url.pathname);
    if (path === "/api/graphql") return [200, { data: GRAPHQL }];
    if (path === "/api/v4/user") return [200, USER];
    if (path === "/api/v4/projects/mona/notes") return [200, PROJECT];
    if (path === "/api/v4/projects/mona/notes/users") return [200, [USER]];
    if (path === "/api/v4/projects/mona/notes/repository/branches/main") return [200, BRANCH];
    if (path.startsWith("/api/v4/projects/mona/notes/")) return [200, []];
    return [404, { message: "404 Not Found" }];
  }

  #redeem(form: URLSearchParams): [number, unknown] {
    const code = form.get("code") ?? "";
    const issued = this.#codes.get(code);
    this.#codes.delete(code);
    const verifier = form.get("code_verifier") ?? "";
    const isRight =
      form.get("client_id") === this.#registration.clientId &&
      form.get("client_secret") === this.#registration.clientSecret &&
      issued?.redirectUri === form.get("redirect_uri") &&
      issued.codeChallenge === createHash("sha256").update(verifier).digest("base64url");
    if (!isRight) return [400, { error: "invalid_grant" }];
    const accessToken = randomBytes(20).toString("hex");
    this.issuedTokens.push(accessToken);
    const others = { token_type: "Bearer", expires_in: 7200, refresh_token: "r".repeat(40), scope: "api" };
    return [200, { access_token: accessToken, ...others }];
  }
}
