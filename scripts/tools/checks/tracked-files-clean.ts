import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findSecrets } from "../secret-scan.ts";
import { problem, type Check, type Git } from "./check.ts";

const SECRETS_FILE = ".secret.json";

/** What git would publish, in every spelling that a secret could have got [A10]. */
export const trackedFilesClean: Check = {
  id: "tracked-files",
  description: "No other file that git tracks holds a secret",
  async run({ git, secrets }) {
    if (secrets.length === 0) return { skipped: "there is no secret on this computer to look for" };
    const files = await trackedFiles(git);
    if (files === undefined) return { skipped: "this folder is not a git repository" };
    const found = await findInIndex(git, files, secrets);
    const why = "Everybody who can read the repository could use it, and git keeps it in the history.";
    return {
      findings: found.map((file) => {
        const type = `Remove it from ${file}, replace it at the service, and write the new one into ${SECRETS_FILE}`;
        return problem(`${file} holds a client secret or sealing key`, why, type);
      }),
    };
  },
};

/** `undefined`: no repository. */
async function trackedFiles(git: Git): Promise<string[] | undefined> {
  try {
    const files = (await git(["ls-files", "--cached", "-z"])).split("\0").filter((file) => file !== "");
    return files.filter((file) => file !== SECRETS_FILE);
  } catch {
    return undefined;
  }
}

/** What is staged counts, not what lies in the folder: a copy of it, for a moment, in a folder of our own. */
async function findInIndex(git: Git, files: string[], secrets: string[]): Promise<string[]> {
  const copy = await mkdtemp(join(tmpdir(), "doctor-"));
  try {
    await git(["checkout-index", "-z", "--stdin", `--prefix=${copy}/`], files.join("\0"));
    return (await findSecrets(copy, secrets)).sort();
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
