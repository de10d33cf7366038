/**
 * A self-managed GitLab on loopback that follows GitLab's documentation. It has the parts that a CMS needs: OAuth, the
 * REST API and the GraphQL API.
 */

import type { FakeGitHost, Registration } from "./fake-git-host.ts";
import { startGitHost } from "./fake-git-host.ts";

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

export interface FakeGitlab extends FakeGitHost {
  /** The settings with which a CMS's backend finds this instance. */
  backend: Record<string, string>;
}

export async function startFakeGitlab(registration: Registration): Promise<FakeGitlab> {
  const host = await startGitHost(registration, {
    authorizationPath: "/oauth/authorize",
    tokenPath: "/oauth/token",
    scheme: "Bearer",
    tokenLifetimeSeconds: 7200,
    rotates: true,
    scope: "api",
    unauthorized: { message: "401 Unauthorized" },
    api: answer,
  });
  const backend = { api_root: `${host.origin}/api/v4`, graphql_api_root: `${host.origin}/api/graphql` };
  return Object.assign(host, { backend });
}

function answer(path: string): unknown {
  if (path === "/api/graphql") return { data: GRAPHQL };
  if (path === "/api/v4/user") return USER;
  if (path === "/api/v4/projects/mona/notes") return PROJECT;
  if (path === "/api/v4/projects/mona/notes/users") return [USER];
  if (path === "/api/v4/projects/mona/notes/repository/branches/main") return BRANCH;
  return path.startsWith("/api/v4/projects/mona/notes/") ? [] : undefined;
}
