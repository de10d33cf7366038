import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Downloaded packages run no install scripts. */
const INSTALL = "npm ci --ignore-scripts --no-audit --no-fund --loglevel=error";

/**
 * Installs the packages of a folder that has its own lock file, unless they are already installed for the same lock file.
 *
 * @param onInstall is called before anything is downloaded
 */
export async function installFolder(folder: string, onInstall: () => void): Promise<void> {
  const stamp = join(folder, "node_modules/.installed");
  const wanted = createHash("sha256")
    .update(await readFile(join(folder, "package-lock.json")))
    .digest("hex");
  const installed = await readFile(stamp, "utf8").catch(() => "");
  if (installed === wanted) return;

  onInstall();
  // A shell, because npm is a batch file on Windows; the command is a constant.
  const child = spawn(INSTALL, { cwd: folder, stdio: "inherit", shell: true });
  const [exitCode] = (await once(child, "exit")) as [number | null];
  if (exitCode !== 0) {
    throw new Error(
      `The packages of ${folder} could not be installed: "${INSTALL}" ended with exit code ${exitCode}.\n` +
        "npm's message above says why. Is this computer online, and is there room on the disk? Then try again.",
    );
  }
  // Written last, so that an interrupted installation is repeated.
  await writeFile(stamp, wanted);
}
