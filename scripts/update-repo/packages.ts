import { isDeepStrictEqual } from "node:util";
import { LOCK, MANIFEST } from "../files/project.ts";
import { type Git, readFilesAt } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { type Consent, install } from "./install-scripts.ts";

/** Installs the packages of an update with npm, or says how to install them in a copy that uses another package manager. */

/** What only the owner can install, after the merge. */
export interface LeftToInstall {
  why: string;
  /** Installs the packages without their install scripts. */
  command: string;
}

/** The lock file of each package manager but npm. The template has none of them, so one that is there is the owner's. */
const OTHER_LOCKS: [lock: string, manager: string][] = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
];

/** The fields of `package.json` that say what is to be installed. */
const PACKAGE_FIELDS = [
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "peerDependencies",
  "overrides",
  "resolutions",
  "packageManager",
];

/** During the merge: HEAD is the owner's commit, and the index contains the merged files. */
export async function installIfNeeded(
  git: Git,
  consent: Consent,
  context: CommandContext,
): Promise<LeftToInstall | undefined> {
  const names = [LOCK, ...OTHER_LOCKS.map(([lock]) => lock)];
  const files = [`HEAD:${MANIFEST}`, `:${MANIFEST}`, `HEAD:${LOCK}`, ...names.map((name) => `:${name}`)];
  const [ownManifest, mergedManifest, ownLock, ...lockTexts] = await readFilesAt(git, files);
  const [before, merged] = [parse(ownManifest), parse(mergedManifest)];
  const isLockUnchanged = ownLock === lockTexts[0];
  if (isLockUnchanged && PACKAGE_FIELDS.every((name) => isDeepStrictEqual(before[name], merged[name]))) return;

  const locks = names.filter((_name, index) => lockTexts[index] !== undefined);
  const { manager, version } = findManager(merged.packageManager, locks);
  if (manager !== "npm") return { why: `Your copy uses ${manager}`, command: commandOf(manager, version) };
  if (!locks.includes(LOCK)) return { why: `Your copy has no ${LOCK}`, command: commandOf("npm", "") };
  context.print("The packages have changed. Installing them …");
  await install(git, consent, context);
  return undefined;
}

function parse(text = "{}"): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // Invalid JSON, which npm will report.
    return {};
  }
}

/** @param field as in `pnpm@10.1.0+sha512.…`; it takes precedence over lock files */
function findManager(field: unknown, locks: string[]): { manager: string; version: string } {
  const [, manager, version = ""] = /^(npm|pnpm|yarn|bun)@(.+)$/.exec(String(field)) ?? [];
  if (manager !== undefined) return { manager, version };
  return { manager: OTHER_LOCKS.find(([lock]) => locks.includes(lock))?.[1] ?? "npm", version: "" };
}

function commandOf(manager: string, version: string): string {
  // Yarn 2 and later have another option.
  if (manager === "yarn" && /^[2-9]|^\d\d/.test(version)) return "yarn install --mode=skip-build";
  return `${manager} install --ignore-scripts`;
}

/** The merge is committed, but a push would publish an outdated lock file. */
export function explainInstallation({ why, command }: LeftToInstall, context: CommandContext): number {
  context.print(`
${why}, and the update changes packages. So nothing was installed or pushed. The update is merged on this computer.

To continue:
  1. ${command}
     This runs no install scripts. Then run those that you allow.
  2. git commit --all --message "Update the packages"
  3. npm run doctor
  4. git push
To go back, before step 2:
  npm run update-repo -- --abort`);
  return 1;
}
