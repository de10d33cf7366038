/**
 * Installs Firefox, WebKit and Apache's module before the first test, where that is one command: for root, from Debian or
 * Ubuntu. Anywhere else, and if it fails, the tests with them are skipped, and all others run.
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { APACHE } from "./apache.ts";
import { ENGINES } from "./engines/engines.ts";

const APT = "/usr/bin/apt-get";
const INSTALL_TIMEOUT_MS = 600_000;

export default function setup(): void {
  const missing = [...ENGINES, APACHE].filter(({ isInstalled }) => !isInstalled());
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync(APT)) return;
  const names = missing.map(({ name }) => name).join(" and ");
  console.log(`Installing ${names} with apt-get (once, up to 500 MB) …`);
  const packages = new Set(missing.flatMap((each) => each.packages));
  const isDone = apt("update") && apt("install", "-y", "--no-install-recommends", ...packages);
  if (!isDone) console.log(`${names} could not be installed, so the tests with them are skipped.`);
}

function apt(...args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync(APT, ["-q", ...args], { env, stdio: "ignore", timeout: INSTALL_TIMEOUT_MS }).status === 0;
}
