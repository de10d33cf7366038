/**
 * Installs Firefox, WebKit and Apache's module before the first test, where that is one command: for root, from Debian or
 * Ubuntu. Anywhere else, and if it fails, the tests with them are skipped, and all others run.
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { APACHE } from "./apache.ts";
import { ENGINES, type EngineKind } from "./engines/engines.ts";

const APT = "/usr/bin/apt-get";
const INSTALL_TIMEOUT_MS = 600_000;
/** Without a network, it is known soon. While another program installs something, apt waits for it. */
const APT_OPTIONS = [
  "-q",
  ...["Acquire::Retries=1", "Acquire::http::Timeout=30", "DPkg::Lock::Timeout=120"].flatMap((option) => ["-o", option]),
];

/** What the installation needs of a computer. */
export interface Computer {
  isRoot: boolean;
  hasApt: boolean;
  /** @returns whether it succeeded */
  apt(...args: string[]): boolean;
  say(line: string): void;
}

export type Installable = Pick<EngineKind, "name" | "packages" | "isInstalled">;

export default function setup(): void {
  installEngines([...ENGINES, APACHE], {
    isRoot: process.getuid?.() === 0,
    hasApt: existsSync(APT),
    apt,
    say: console.log,
  });
}

/** Each by itself: a package that is not to be had keeps nobody from the others. */
export function installEngines(engines: Installable[], { isRoot, hasApt, apt, say }: Computer): void {
  const missing = engines.filter((engine) => !engine.isInstalled());
  if (missing.length === 0 || !isRoot || !hasApt) return;
  say(`Installing ${namesOf(missing)} with apt-get (once, up to 500 MB) …`);
  if (apt("update")) for (const { packages } of missing) apt("install", "-y", "--no-install-recommends", ...packages);
  // Whatever apt says: what counts is what is there.
  const absent = missing.filter((engine) => !engine.isInstalled());
  if (absent.length > 0) say(`${namesOf(absent)} could not be installed, so the tests with them are skipped.`);
}

function namesOf(engines: Installable[]): string {
  return new Intl.ListFormat("en").format(engines.map(({ name }) => name));
}

function apt(...args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status } = spawnSync(APT, [...APT_OPTIONS, ...args], { env, stdio: "ignore", timeout: INSTALL_TIMEOUT_MS });
  return status === 0;
}
