import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { devNull, tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Fetch } from "../network/fetch.ts";
import { gitIn } from "./git.ts";

/**
 * Whether strangers can read a remote repository. Before a push, git itself is asked: it knows the ways out of this
 * computer's network. doctor makes git's first request by itself, and works without git's settings.
 */

/** `unknown`: it did not say. */
export type Visibility = "public" | "private" | "unknown";

const GIT_TIMEOUT_MS = 20_000;
const FETCH_TIMEOUT_MS = 10_000;

/** What git says of a server that refuses a stranger. What a server says itself, git marks with `remote:`. */
const REFUSED =
  /^fatal: (could not read Username for |repository '.+' not found$|unable to access .+: The requested URL returned error: 403$)/m;

/** Nothing of the owner that could open a door, and no rewriting of https addresses into ssh ones. */
const STRANGER = {
  // Programs that know passwords; an empty one is none, and keeps git from looking for another.
  GIT_ASKPASS: "",
  SSH_ASKPASS: "",
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_COUNT: "0",
  GIT_CONFIG_PARAMETERS: "",
};

/** Lets git ask, as a stranger. */
export async function visibilityByGit(remote: string): Promise<Visibility> {
  const address = await publicAddressOf(remote);
  if (address === undefined) return "private";

  // An empty home has no `.netrc` either.
  const home = await mkdtemp(join(tmpdir(), "auth-provider-stranger-"));
  const env = { ...STRANGER, HOME: home, XDG_CONFIG_HOME: home, USERPROFILE: home };
  const stranger = gitIn(home, { env, timeoutMs: GIT_TIMEOUT_MS });
  const settings = await networkSettings(address);
  const { exitCode, stderr } = await stranger.attempt([...settings, "ls-remote", "--heads", "--", address]);
  await rm(home, { recursive: true, force: true });
  if (exitCode === 0) return "public";
  return REFUSED.test(stderr) ? "private" : "unknown";
}

/** What a machine needs to reach the network at all may stand in the settings of the owner or of the system. */
async function networkSettings(address: string): Promise<string[]> {
  const git = gitIn(tmpdir());
  // Of each setting, the value whose address is the nearest; as `http.proxy<line break>value`.
  const { stdout } = await git.attempt(["config", "-z", "--get-urlmatch", "http", address]);
  const names = ["proxy", "sslcainfo", "sslcapath", "sslbackend", "sslverify"].map((name) => `http.${name}\n`);
  const found = stdout.split("\0").filter((entry) => names.some((name) => entry.startsWith(name) && entry !== name));
  return found.flatMap((entry) => ["-c", entry.replace("\n", "=")]);
}

/** Asks the way git itself does (smart HTTP), without any credentials: whoever is answered can read the repository. */
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
 * Where a stranger would look, without the credentials that may stand in an address.
 *
 * @param remote as git spells it
 * @returns `undefined` for a folder on this computer, which is nothing that strangers can reach
 */
export async function publicAddressOf(remote: string): Promise<string | undefined> {
  if (isAbsolute(remote) || /^(file:|[a-z]:\\)/i.test(remote)) return undefined;
  const [, scheme, place] = /^(https?):\/\/(?:[^/]*@)?(.+?)\/*$/i.exec(remote) ?? [];
  if (scheme !== undefined) return `${scheme}://${place}`;

  // The port of ssh is not the port of https.
  const ssh = /^(?:ssh|git\+ssh|git):\/\/(?:[^@/]*@)?([^:/]+)(?::\d+)?\/(.+?)\/*$/i.exec(remote);
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)\/?(.+?)\/*$/.exec(remote);
  const [, host, path] = ssh ?? scp ?? [];
  return host === undefined ? undefined : `https://${await realHost(host)}/${path}`;
}

/** `~/.ssh/config` may hold names of its own for a host. */
function realHost(host: string): Promise<string> {
  return new Promise((done) => {
    execFile("ssh", ["-G", "--", host], (error, stdout) => {
      done(error === null ? (/^hostname (.+)$/m.exec(stdout)?.[1] ?? host) : host);
    });
  });
}
