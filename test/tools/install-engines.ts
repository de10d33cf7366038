/**
 * Installs Firefox and WebKit before the first test, where that is one command: for root, from Debian or Ubuntu. Anywhere
 * else, and if it fails, the tests in those engines are skipped, and all others run.
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { ENGINES } from "./engines/engines.ts";

const APT = "/usr/bin/apt-get";
const INSTALL_TIMEOUT_MS = 600_000;

export default function setup(): void {
  const missing = ENGINES.filter((engine) => !engine.isInstalled());
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync(APT)) return;
  const names = missing.map(({ name }) => name).join(" and ");
  console.log(`Installing ${names} with apt-get (once, about 500 MB) …`);
  const packages = new Set(missing.flatMap((engine) => engine.packages));
  const isDone = apt("update") && apt("install", "-y", "--no-install-recommends", ...packages);
  if (!isDone) console.log(`${names} could not be installed, so the tests in them are skipped.`);
}

function apt(...args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync(APT, ["-q", ...args], { env, stdio: "ignore", timeout: INSTALL_TIMEOUT_MS }).status === 0;
}
