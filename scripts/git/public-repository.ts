import { execFile } from "node:child_process";
import { devNull, tmpdir } from "node:os";
import { isAbsolute } from "node:path";
import { makeTemporaryFolder } from "../files/temporary-folder.ts";
import type { Fetch } from "../network/fetch.ts";
import { gitIn } from "./git.ts";

/**
 * Finds out whether anybody can read a remote repository. Before a push, git itself tries, because it knows how to reach the
 * network from this computer. doctor makes git's first request itself, without git's settings.
 */

/** `unknown` means that the server gave no clear answer. */
export type Visibility = "public" | "private" | "unknown";

const GIT_TIMEOUT_MS = 20_000;
const FETCH_TIMEOUT_MS = 10_000;

/** git's own messages if a server denies anonymous access. Messages of the server start with `remote:`, so they cannot match. */
const ACCESS_DENIED =
  /^fatal: (could not read Username for |repository '.+' not found$|unable to access .+: The requested URL returned error: 403$)/m;

/** Disables the owner's credentials, and settings that rewrite https addresses to ssh addresses. */
const ANONYMOUS = {
  // Programs that supply passwords. An empty value keeps git from using another one.
  GIT_ASKPASS: "",
  SSH_ASKPASS: "",
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_COUNT: "0",
  GIT_CONFIG_PARAMETERS: "",
};

/** Lets git try, without credentials. */
export async function visibilityByGit(remote: string): Promise<Visibility> {
  const address = await publicAddressOf(remote);
  if (address === undefined) return "private";

  // An empty home folder has no `.netrc` either.
  const { folder: home, remove } = await makeTemporaryFolder("auth-provider-stranger-");
  const env = { ...ANONYMOUS, HOME: home, XDG_CONFIG_HOME: home, USERPROFILE: home };
  const anonymous = gitIn(home, { env, timeoutMs: GIT_TIMEOUT_MS });
  const settings = await networkSettings(address);
  const { exitCode, stderr } = await anonymous.attempt([...settings, "ls-remote", "--heads", "--", address]);
  await remove();
  if (exitCode === 0) return "public";
  return ACCESS_DENIED.test(stderr) ? "private" : "unknown";
}

/** Settings of the owner or the system that this computer may need to reach the network. */
async function networkSettings(address: string): Promise<string[]> {
  const git = gitIn(tmpdir());
  // Of each setting, the value whose address is the nearest; as `http.proxy<line break>value`.
  const { stdout } = await git.attempt(["config", "-z", "--get-urlmatch", "http", address]);
  const names = ["proxy", "sslcainfo", "sslcapath", "sslbackend", "sslverify"].map((name) => `http.${name}\n`);
  const found = stdout.split("\0").filter((entry) => names.some((name) => entry.startsWith(name) && entry !== name));
  return found.flatMap((entry) => ["-c", entry.replace("\n", "=")]);
}

/** Makes git's first request (smart HTTP) without credentials. A valid answer means that anybody can read the repository. */
export async function visibilityOf(remote: string, fetch: Fetch): Promise<Visibility> {
  const address = await publicAddressOf(remote);
  if (address === undefined) return "private";
  try {
    const response = await fetch(`${address}/info/refs?service=git-upload-pack`, {
      credentials: "omit",
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    });
    await response.body?.cancel();
    const type = response.headers.get("content-type") ?? "";
    if (response.ok && type.startsWith("application/x-git-upload-pack-advertisement")) return "public";
    return [401, 403, 404].includes(response.status) ? "private" : "unknown";
  } catch {
    return "unknown";
  }
}

/**
 * The https address of a repository, without credentials.
 *
 * @param remote the address in git's settings
 * @returns `undefined` for a folder on this computer, which others cannot reach
 */
export async function publicAddressOf(remote: string): Promise<string | undefined> {
  if (isAbsolute(remote) || /^(file:|[a-z]:\\)/i.test(remote)) return undefined;
  const [, scheme, place] = /^(https?):\/\/(?:[^/]*@)?(.+?)\/*$/i.exec(remote) ?? [];
  if (scheme !== undefined) return `${scheme}://${place}`;

  // The port of an ssh address is not that of https.
  const ssh = /^(?:ssh|git\+ssh|git):\/\/(?:[^@/]*@)?([^:/]+)(?::\d+)?\/(.+?)\/*$/i.exec(remote);
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)\/?(.+?)\/*$/.exec(remote);
  const [, host, path] = ssh ?? scp ?? [];
  return host === undefined ? undefined : `https://${await realHost(host)}/${path}`;
}

/** `~/.ssh/config` may define other names for a host. */
function realHost(host: string): Promise<string> {
  return new Promise((done) => {
    execFile("ssh", ["-G", "--", host], (error, stdout) => {
      done(error === null ? (/^hostname (.+)$/m.exec(stdout)?.[1] ?? host) : host);
    });
  });
}
