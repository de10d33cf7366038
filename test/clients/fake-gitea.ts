/**
 * A Gitea or a Forgejo (Codeberg) on loopback, as their documentation describes them. To a CMS, they differ only in their
 * version. Neither says which scopes it has granted, and a refresh token can be used again.
 */

import type { FakeGitHost, Registration } from "./fake-git-host.ts";
import { startGitHost } from "./fake-git-host.ts";

const VERSIONS = { gitea: "1.25.2", forgejo: "13.0.3+gitea-1.22.0" };

const USER = { id: 1, login: "mona", full_name: "Mona Lisa", avatar_url: "data:,", email: "mona@example.org" };

const REPOSITORY = {
  name: "notes",
  full_name: "mona/notes",
  owner: { login: "mona" },
  default_branch: "main",
  permissions: { admin: true, push: true, pull: true },
};

const BRANCH = { name: "main", commit: { id: "0".repeat(40), message: "first" } };

const EMPTY_TREE = { sha: "0".repeat(40), tree: [], truncated: false };

export interface FakeGitea extends FakeGitHost {
  /** The settings with which a CMS's backend finds this instance. */
  backend: Record<string, string>;
}

export async function startFakeGitea(registration: Registration, kind: keyof typeof VERSIONS): Promise<FakeGitea> {
  const host = await startGitHost(registration, {
    authorizationPath: "/login/oauth/authorize",
    tokenPath: "/login/oauth/access_token",
    scheme: "token",
    tokenLifetimeSeconds: 3600,
    rotates: false,
    unauthorized: { message: "token is required" },
    api: (path) => answer(path, VERSIONS[kind]),
  });
  return Object.assign(host, { backend: { api_root: `${host.origin}/api/v1` } });
}

function answer(path: string, version: string): unknown {
  if (path === "/api/v1/user") return USER;
  if (path === "/api/v1/version") return { version };
  if (path === "/api/v1/repos/mona/notes") return REPOSITORY;
  if (path === "/api/v1/repos/mona/notes/branches/main") return BRANCH;
  if (path.startsWith("/api/v1/repos/mona/notes/git/trees/")) return EMPTY_TREE;
  return path.startsWith("/api/v1/repos/mona/notes/") ? [] : undefined;
}
