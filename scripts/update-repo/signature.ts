import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeTemporaryFolder } from "../files/temporary-folder.ts";
import type { Git } from "../git/git.ts";
import { printable } from "../terminal/text.ts";

/**
 * Checks who has signed a release. Whoever can push to the template, or answers in its place, can forge everything that is
 * fetched, but not a signature by a key that the owner's copy already allows.
 */

/** In the form of ssh-keygen(1), ALLOWED SIGNERS. */
export const SIGNERS_FILE = ".template-signers";

export type Verdict = { signer: string; problem?: never } | { signer?: never; problem: string };

/** The file's lines without comments. Those that ssh-keygen cannot read count, so that an error does not turn off the check. */
export function signersIn(text = ""): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

/**
 * @param tag the full name of the tag
 * @param signers the owner's present file, not the fetched one
 */
export async function checkSignature(git: Git, tag: string, signers: string): Promise<Verdict> {
  const { exitCode, stdout: text } = await git.attempt(["cat-file", "tag", tag]);
  if (exitCode !== 0) return { problem: "it is not signed" };
  // A server can offer an old signed tag under a new name. git verifies only the name inside.
  const signedName = /^tag (.+)$/m.exec(text)?.[1] ?? "";
  if (`refs/tags/${signedName}` !== tag) return { problem: `it is signed as ${printable(signedName)}` };
  if (!text.includes("\n-----BEGIN SSH SIGNATURE-----\n")) return { problem: "it has no SSH signature" };
  return verify(git, tag, signers);
}

async function verify(git: Git, tag: string, signers: string): Promise<Verdict> {
  const { folder, remove } = await makeTemporaryFolder("auth-provider-signers-");
  try {
    const file = join(folder, "allowed");
    await writeFile(file, signers);
    const { exitCode, stderr } = await git.attempt([...settingsFor(file), "verify-tag", tag]);
    const [, who, key] = /^Good "git" signature for (.+) with (\S+ key \S+)$/m.exec(stderr) ?? [];
    if (exitCode === 0 && who !== undefined) return { signer: printable(`${who} (${key})`) };
    return { problem: explain(stderr) };
  } finally {
    await remove();
  }
}

/** The owner's settings must not decide who counts. A PGP signature would count if its key is in the owner's key ring. */
function settingsFor(file: string): string[] {
  const settings = {
    "gpg.format": "ssh",
    "gpg.ssh.program": "ssh-keygen",
    "gpg.ssh.allowedSignersFile": file,
    "gpg.program": "false",
    "gpg.x509.program": "false",
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

function explain(stderr: string): string {
  if (/cannot run ssh-keygen/.test(stderr))
    return "it could not be checked, because ssh-keygen is missing (install OpenSSH)";
  if (/unsupported value for gpg\.format/.test(stderr))
    return "it could not be checked, because git is older than 2.34";
  const key = /^Good "git" signature with (\S+ key \S+)$/m.exec(stderr)?.[1];
  if (key !== undefined)
    return `it is signed by the ${printable(key)}, which ${SIGNERS_FILE} did not allow at that time`;
  return "its signature is not valid";
}
