/**
 * GitLab as its documentation describes it, as far as a CMS needs it: a self-managed instance on loopback, with OAuth,
 * the REST API and the GraphQL API. Somebody who allowed this application before sees no page at all.
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

/** What Sveltia CMS asks for a repository without files. */
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

export interface FakeGitlab extends LocalServer {
  /** The entry for `services.json`. */
  record: Record<string, unknown>;
  /** What a CMS's backend needs to find this instance. */
  backend: Record<string, string>;
  issuedTokens: string[];
  authorizeRequests: URL[];
}

export async function startFakeGitlab({
  clientId,
  clientSecret,
}: {
  clientId: string;
  clientSecret: string;
}): Promise<FakeGitlab> {
  const codes = new Map<string, { redirectUri: string; codeChallenge: string }>();
  const issuedTokens: string[] = [];
  const authorizeRequests: URL[] = [];

  const { origin, stop } = await startLocalServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://gitlab.invalid");
    if (url.pathname === "/oauth/authorize") return response.writeHead(302, { location: authorize(url) }).end();
    const [status, body] = request.method === "OPTIONS" ? [204, undefined] : await answer(url, request);
    response.writeHead(status, {
      "content-type": "application/json",
      "access-control-allow-origin": "*",
      "access-control-allow-headers": "authorization, content-type, if-none-match",
      "x-page": "1",
      "x-total-pages": "1",
      "x-total": "0",
    });
    return response.end(body === undefined ? undefined : JSON.stringify(body));
  });

  function authorize(url: URL): string {
    authorizeRequests.push(url);
    const {
      client_id,
      redirect_uri = "",
      state = "",
      code_challenge: codeChallenge = "",
    } = Object.fromEntries(url.searchParams);
    const target = new URL(redirect_uri);
    const code = randomBytes(10).toString("hex");
    codes.set(code, { redirectUri: redirect_uri, codeChallenge });
    const answer = client_id === clientId ? { code, state } : { error: "unauthorized_client", state };
    target.search = new URLSearchParams(answer).toString();
    return target.href;
  }

  async function answer(url: URL, request: IncomingMessage): Promise<[number, unknown]> {
    if (url.pathname === "/oauth/token") return redeem(new URLSearchParams(await text(request)));
    const [, token = ""] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "") ?? [];
    if (!issuedTokens.includes(token)) return [401, { message: "401 Unauthorized" }];
    const path = decodeURIComponent(url.pathname);
    if (path === "/api/graphql") return [200, { data: GRAPHQL }];
    if (path === "/api/v4/user") return [200, USER];
    if (path === "/api/v4/projects/mona/notes") return [200, PROJECT];
    if (path === "/api/v4/projects/mona/notes/users") return [200, [USER]];
    if (path === "/api/v4/projects/mona/notes/repository/branches/main") return [200, BRANCH];
    if (path.startsWith("/api/v4/projects/mona/notes/")) return [200, []];
    return [404, { message: "404 Not Found" }];
  }

  function redeem(form: URLSearchParams): [number, unknown] {
    const issued = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const isRight =
      form.get("client_id") === clientId &&
      form.get("client_secret") === clientSecret &&
      issued?.redirectUri === form.get("redirect_uri") &&
      issued.codeChallenge === challenge;
    if (!isRight) return [400, { error: "invalid_grant" }];
    const accessToken = randomBytes(20).toString("hex");
    issuedTokens.push(accessToken);
    return [
      200,
      {
        access_token: accessToken,
        token_type: "Bearer",
        expires_in: 7200,
        refresh_token: "r".repeat(40),
        scope: "api",
      },
    ];
  }

  return {
    origin,
    record: {
      client_id: clientId,
      authorization_endpoint: `${origin}/oauth/authorize`,
      token_endpoint: `${origin}/oauth/token`,
      madata: false,
    },
    backend: { api_root: `${origin}/api/v4`, graphql_api_root: `${origin}/api/graphql` },
    issuedTokens,
    authorizeRequests,
    stop,
  };
}
