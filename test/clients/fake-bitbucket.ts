/** A Bitbucket Cloud on loopback, as its documentation describes it. Its scopes are those of the consumer. */

import type { FakeGitHost, Registration } from "./fake-git-host.ts";
import { startGitHost } from "./fake-git-host.ts";

const USER = {
  account_id: "1",
  username: "mona",
  display_name: "Mona Lisa",
  links: { avatar: { href: "data:," }, html: { href: "data:," } },
};

const BRANCH = { name: "main", target: { hash: "0".repeat(40) } };

const NO_FILES = { size: 0, page: 1, pagelen: 100, values: [] };

export interface FakeBitbucket extends FakeGitHost {
  /** The settings with which a CMS's backend finds this instance. */
  backend: Record<string, string>;
}

export async function startFakeBitbucket(registration: Registration): Promise<FakeBitbucket> {
  const host = await startGitHost(registration, {
    authorizationPath: "/site/oauth2/authorize",
    tokenPath: "/site/oauth2/access_token",
    scheme: "Bearer",
    tokenLifetimeSeconds: 7200,
    rotates: false,
    unauthorized: { type: "error", error: { message: "Access token expired. Use your refresh token to obtain one." } },
    api: answer,
  });
  return Object.assign(host, { backend: { api_root: `${host.origin}/2.0` } });
}

function answer(path: string): unknown {
  if (path === "/2.0/user") return USER;
  if (path === "/2.0/repositories/mona/notes") return { full_name: "mona/notes", mainbranch: { name: "main" } };
  if (path === "/2.0/repositories/mona/notes/refs/branches/main") return BRANCH;
  return path.startsWith("/2.0/repositories/mona/notes/") ? NO_FILES : undefined;
}
