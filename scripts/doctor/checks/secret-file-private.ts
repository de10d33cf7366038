import { secretsFile } from "../../configuration/files/file-names.ts";
import type { Git } from "../../git/git.ts";
import { publicAddressOf, type Visibility, visibilityOf } from "../../git/public-repository.ts";
import { type Check, type Finding, problem } from "../check.ts";

/** How git comes to know `.secret.json`. */
type Presence = "tracked" | "history" | "next commit";

/** Committing the file to a private repository is a documented way; it must never get into a public one [A11]. */
export const secretFilePrivate: Check = {
  id: "secret-file",
  description: ".secret.json is in no repository that others can read",
  async run({ git, fetch, online }) {
    const presence = await presenceOf(git);
    if (presence === "no repository") return { skipped: "this folder is not a git repository" };
    if (presence === undefined) return { facts: [".secret.json is not in git"] };

    const addresses = await pushAddressesOf(git);
    if (addresses.length === 0) return { facts: ["the repository has no remote to be published at"] };
    if (!online) return { skipped: "whether a repository is public can only be asked online" };

    const findings = await Promise.all(
      addresses.map(async (address) => findingOf(presence, address, await visibilityOf(address, fetch))),
    );
    return { findings: findings.filter((finding) => finding !== undefined) };
  },
};

async function presenceOf(git: Git): Promise<Presence | "no repository" | undefined> {
  try {
    if (await git.run("ls-files", "--cached", "--", secretsFile)) return "tracked";
    // Without "--all" a secret that was committed on another branch would go unnoticed.
    if (await git.run("rev-list", "--all", "--max-count=1", "--", secretsFile)) return "history";
    if (await git.run("ls-files", "--others", "--exclude-standard", "--", secretsFile)) return "next commit";
    return undefined;
  } catch {
    return "no repository";
  }
}

function findingOf(presence: Presence, address: string, visibility: Visibility): Finding | undefined {
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

/** Where `git push` could send something to. A remote that is only fetched from has no such address. */
async function pushAddressesOf(git: Git): Promise<string[]> {
  const lines = (await git.run("remote", "--verbose")).split("\n");
  const urls = lines
    .filter((line) => line.endsWith(" (push)"))
    .map((line) => line.split("\t")[1]!.slice(0, -" (push)".length));
  const addresses = await Promise.all(urls.map(publicAddressOf));
  return [...new Set(addresses)].filter((address) => address !== undefined);
}
