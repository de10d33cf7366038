import { secretsFile } from "../../configuration/files/file-names.ts";
import type { Git } from "../../git/git.ts";
import { publicAddressOf, type Visibility, visibilityOf } from "../../git/public-repository.ts";
import { type Check, errorFinding, type Finding } from "../check.ts";

/** Where git has `.secret.json`. */
type Presence = "tracked" | "history" | "next commit";

/** The file may be committed to a private repository, but must never get into a public one. */
export const secretFilePrivate: Check = {
  id: "secret-file",
  description: ".secret.json is in no public repository",
  async run({ git, fetch, online }) {
    const presence = await presenceOf(git);
    if (presence === "no repository") return { skipped: "this folder is not a git repository" };
    if (presence === undefined) return { facts: [".secret.json is not in git"] };

    const addresses = await pushAddressesOf(git);
    if (addresses.length === 0) return { facts: ["the repository has no remote to push to"] };
    if (!online) return { skipped: "whether a repository is public can only be checked online" };

    const findings = await Promise.all(
      addresses.map(async (address) => findingFor(presence, address, await visibilityOf(address, fetch))),
    );
    return { findings: findings.filter((finding) => finding !== undefined) };
  },
};

async function presenceOf(git: Git): Promise<Presence | "no repository" | undefined> {
  try {
    if (await git.run("ls-files", "--cached", "--", secretsFile)) return "tracked";
    // "--all" finds a secret that was committed on another branch.
    if (await git.run("rev-list", "--all", "--max-count=1", "--", secretsFile)) return "history";
    if (await git.run("ls-files", "--others", "--exclude-standard", "--", secretsFile)) return "next commit";
    return undefined;
  } catch {
    return "no repository";
  }
}

function findingFor(presence: Presence, address: string, visibility: Visibility): Finding | undefined {
  if (visibility === "private") return undefined;
  if (visibility === "unknown") {
    return errorFinding(
      `.secret.json is in git, and it is unknown whether ${address} is public`,
      "In a public repository, anybody could read the client secrets in it.",
      `Open ${address} in a private window. If you see the repository, make it private and replace the secrets. ` +
        "If not, try again later",
    );
  }
  const why = "Anybody can read the client secrets in it, and act as your OAuth apps.";
  if (presence === "next commit") {
    const fix = "echo .secret.json >> .git/info/exclude   (and set the secrets as environment variables at Netlify)";
    return errorFinding(
      `.secret.json is not ignored, and ${address} is public: the next "git add ." would publish it`,
      why,
      fix,
    );
  }
  const where = presence === "tracked" ? "is committed or staged" : "is in the history";
  const fix =
    presence === "tracked"
      ? "git rm --cached .secret.json   then make the repository private, and replace all secrets in the file at the services"
      : "Make the repository private, and replace all secrets in the file at the services. Others may already have the history";
  return errorFinding(`.secret.json ${where}, and ${address} is public`, why, fix);
}

/** The addresses that `git push` can send to. A remote that is only for fetching has none. */
async function pushAddressesOf(git: Git): Promise<string[]> {
  const lines = (await git.run("remote", "--verbose")).split("\n");
  const urls = lines
    .filter((line) => line.endsWith(" (push)"))
    .map((line) => line.split("\t")[1]!.slice(0, -" (push)".length));
  const addresses = await Promise.all(urls.map(publicAddressOf));
  return [...new Set(addresses)].filter((address) => address !== undefined);
}
