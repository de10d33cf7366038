import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Nothing of what is downloaded runs at its installation. */
const INSTALL = "npm ci --ignore-scripts --no-audit --no-fund --loglevel=error";

/**
 * Installs what a folder with a lock file of its own asks for: once, and again when its lock file has changed.
 *
 * @param onInstall is told before anything is downloaded
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
  if (exitCode !== 0) throw new Error(`"${INSTALL}" failed in ${folder} with exit code ${exitCode}.`);
  // Last, so that an interrupted installation is started again.
  await writeFile(stamp, wanted);
}
