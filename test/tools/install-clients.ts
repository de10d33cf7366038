/**
 * Installs the foreign clients of `test/clients/` (and the browser that runs them) before the first test. They have a
 * lock file of their own, so that an owner who never runs the tests never downloads them.
 */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const CLIENTS = fileURLToPath(new URL("../clients/", import.meta.url));
const STAMP = `${CLIENTS}node_modules/.installed`;

export default async function setup(): Promise<void> {
  const wanted = createHash("sha256").update(await readFile(`${CLIENTS}package-lock.json`)).digest("hex");
  const installed = await readFile(STAMP, "utf8").catch(() => "");
  if (installed === wanted) return;

  console.log("Installing the clients that the tests log in with (once, about 700 MB) …");
  await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], CLIENTS);
  // Last, so that an interrupted installation is started again.
  await writeFile(STAMP, wanted);
}

function run(command: string, args: string[], directory: string): Promise<void> {
  // A shell, because npm is a batch file on Windows; the arguments are constants.
  const child = spawn([command, ...args].join(" "), { cwd: directory, stdio: "inherit", shell: true });

  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0) return resolve();
      reject(new Error(`"${command} ${args.join(" ")}" failed in ${directory} with exit code ${code}.`));
    });
  });
}
