import { secretsFile } from "../../configuration/files/file-names.ts";
import { makeTemporaryFolder } from "../../files/temporary-folder.ts";
import { type Git, GitError, readList } from "../../git/git.ts";
import { findSecrets } from "../../secrets/secret-scan.ts";
import { type Check, errorFinding } from "../check.ts";

/** Looks for secrets in everything that git would publish, also in encoded form. */
export const trackedFilesClean: Check = {
  id: "tracked-files",
  description: "No other file that git tracks contains a secret",
  async run({ git, secrets }) {
    if (secrets.length === 0) return { skipped: "this computer has no secret to look for" };
    const files = await trackedFiles(git);
    if (files === undefined) return { skipped: "this folder is not a git repository" };
    const found = await findInIndex(git, files, secrets);
    const why = "Everybody who can read the repository can use it, and git keeps it in the history.";
    return {
      findings: found.map((file) => {
        const fix = `Remove it from ${file}, replace it at the service, and write the new one into ${secretsFile}`;
        return errorFinding(`${file} contains a client secret or sealing key`, why, fix);
      }),
    };
  },
};

/** @returns `undefined` if this is no repository */
async function trackedFiles(git: Git): Promise<string[] | undefined> {
  try {
    const files = await readList(git, "ls-files", "--cached", "-z");
    return files.filter((file) => file !== secretsFile);
  } catch {
    return undefined;
  }
}

/** Checks the staged files, not those in the folder, by writing them into a temporary folder. */
async function findInIndex(git: Git, files: string[], secrets: string[]): Promise<string[]> {
  const { folder: copy, remove } = await makeTemporaryFolder("doctor-");
  try {
    const checkout = ["checkout-index", "-z", "--stdin", `--prefix=${copy}/`];
    const result = await git.attempt(checkout, files.join("\0"));
    if (result.exitCode !== 0) throw new GitError(checkout, result);
    return (await findSecrets(copy, secrets)).sort();
  } finally {
    await remove();
  }
}
