import { problem, type Check, type Fetch, type Finding, type Git } from "./check.ts";

/** Who can read a remote repository. `unknown`: it did not say. */
export type Visibility = "public" | "private" | "unknown";

/** How git comes to know `.secret.json`. */
type Presence = "tracked" | "history" | "next commit";

const SECRETS_FILE = ".secret.json";
const TIMEOUT_MS = 10_000;

/** Committing the file to a private repository is a documented way; it must never get into a public one [A11]. */
export const secretFilePrivate: Check = {
  id: "secret-file",
  description: ".secret.json is in no repository that others can read",
  async run({ git, fetch, online }) {
    const presence = await presenceOf(git);
    if (presence === "no repository") return { skipped: "this folder is not a git repository" };
    if (presence === undefined) return { facts: [".secret.json is not in git"] };

    const remotes = await remotesOf(git);
    if (remotes.length === 0) return { facts: ["the repository has no remote to be published at"] };
    if (!online) return { skipped: "whether a repository is public can only be asked online" };

    const findings = await Promise.all(
      remotes.map(async (remote) => findingOf(presence, remote, await visibilityOf(remote, fetch))),
    );
    return { findings: findings.filter((finding) => finding !== undefined) };
  },
};

async function presenceOf(git: Git): Promise<Presence | "no repository" | undefined> {
  try {
    if (await git(["ls-files", "--cached", "--", SECRETS_FILE])) return "tracked";
    // Without "--all" a secret that was committed on another branch would go unnoticed.
    if (await git(["rev-list", "--all", "--max-count=1", "--", SECRETS_FILE])) return "history";
    if (await git(["ls-files", "--others", "--exclude-standard", "--", SECRETS_FILE])) return "next commit";
    return undefined;
  } catch {
    return "no repository";
  }
}

function findingOf(presence: Presence, remote: string, visibility: Visibility): Finding | undefined {
  const address = webAddressOf(remote) ?? remote;
  if (visibility === "private") return undefined;
  if (visibility === "unknown") {
    return problem(
      `git knows .secret.json, and whether anybody can read ${address} could not be found out`,
      "In a public repository, every client secret in it would be everybody's.",
      `Open ${address} in a private window. If you see the repository, make it private and replace the secrets; ` +
        "if not, try again later.",
    );
  }
  const why = "Anybody can read it there, and act as your OAuth apps with the client secrets in it.";
  if (presence === "next commit") {
    const type = "echo .secret.json >> .git/info/exclude   (and set the secrets as environment variables at Netlify)";
    return problem(
      `.secret.json is not ignored, and ${address} is public: the next "git add ." would publish it`,
      why,
      type,
    );
  }
  const where = presence === "tracked" ? "is committed or staged" : "is in the history";
  const type =
    presence === "tracked"
      ? "git rm --cached .secret.json   then make the repository private, and replace all its secrets at the services"
      : "Make the repository private, and replace all secrets of the file at the services: history cannot be recalled";
  return problem(`.secret.json ${where}, and ${address} is public`, why, type);
}

/** Where `git push` could send something. A remote that is only fetched from has no such address. */
async function remotesOf(git: Git): Promise<string[]> {
  const lines = (await git(["remote", "--verbose"])).split("\n");
  const urls = lines
    .filter((line) => line.endsWith(" (push)"))
    .map((line) => line.split("\t")[1]!.slice(0, -" (push)".length));
  return [...new Set(urls)].filter((url) => webAddressOf(url) !== undefined);
}

/**
 * Asks the way git itself does (smart HTTP), without any credentials: whoever is answered can read the repository.
 *
 * @param remote as git spells it; a path on this computer counts as private
 */
export async function visibilityOf(remote: string, fetch: Fetch): Promise<Visibility> {
  const address = webAddressOf(remote);
  if (address === undefined) return "private";
  try {
    const response = await fetch(`${address}/info/refs?service=git-upload-pack`, {
      credentials: "omit",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    const type = response.headers.get("content-type") ?? "";
    if (response.ok && type.startsWith("application/x-git-upload-pack-advertisement")) return "public";
    return [401, 403, 404].includes(response.status) ? "private" : "unknown";
  } catch {
    return "unknown";
  }
}

/** `git@github.com:me/auth.git` and its like as an https address, without the credentials that may stand in it. */
function webAddressOf(remote: string): string | undefined {
  const short = /^(?:[^@/\s]+@)?([A-Za-z0-9.-]+\.[A-Za-z]+):(?!\/\/)\/?(.+)$/.exec(remote);
  if (short) return `https://${short[1]}/${short[2]!.replace(/\/+$/, "")}`;
  if (!/^(https?|ssh|git):\/\//.test(remote) || !URL.canParse(remote)) return undefined;
  const { protocol, host, hostname, pathname } = new URL(remote);
  // The port of ssh is not the port of https.
  return `https://${protocol.startsWith("http") ? host : hostname}${pathname.replace(/\/+$/, "")}`;
}
