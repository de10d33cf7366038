import { LOCK, MANIFEST } from "../files/project.ts";
import { type Git, readFilesAt } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets, printable } from "../terminal/text.ts";
import type { Options } from "./command-line.ts";

/**
 * Packages can run scripts when they are installed. Others wrote these, and they run with all rights of the owner. An update
 * installs packages without their scripts, and then runs those that the owner's own `package.json` allows (`allowScripts`).
 * npm before version 12 only warns about others.
 *
 * All this happens during the merge: HEAD is the owner's commit, and the index contains the merged files.
 */

/** Sets where packages come from, and which program npm runs scripts with. */
const SETTINGS = ".npmrc";

interface Package {
  name: string;
  version: string;
}

interface Changes {
  /** Packages whose scripts the merged `package.json` allows, but the owner's does not. */
  allowed: string[];
  /** New packages with scripts that are not allowed. */
  silent: string[];
  settings: boolean;
}

/** Which scripts may run besides those that the owner has allowed before. */
export interface Consent {
  /** Also the scripts that only the update allows. */
  toAll: boolean;
  /** No scripts at all, because nobody has agreed to the new settings of npm. */
  toNone: boolean;
}

export async function showInstallScripts(git: Git, context: CommandContext): Promise<Changes> {
  const changes = await readChanges(git);
  const { allowed, silent, settings } = changes;
  if (allowed.length > 0)
    context.print(
      `\nThe update allows these packages to run programs on your computer when they are installed:\n\n${bullets(allowed)}`,
    );
  if (silent.length > 0)
    context.print(`\nThese new packages contain install scripts, which will not run:\n\n${bullets(silent)}`);
  if (settings)
    context.print(
      `\nThe update changes ${SETTINGS}, which sets where npm gets packages from and what it runs. Review that change.`,
    );
  return changes;
}

/** `--yes` agrees to the merge, but not to new scripts. */
export async function confirmInstallScripts(
  changes: Changes,
  options: Options,
  context: CommandContext,
): Promise<Consent> {
  if (changes.allowed.length === 0 && changes.silent.length === 0 && !changes.settings)
    return { toAll: false, toNone: false };
  if (options.yes) return { toAll: false, toNone: changes.settings };
  if (await context.confirm("\nDo you agree to these changes?")) return { toAll: true, toNone: false };
  throw new CommandError("The update was cancelled.", "To see what the template changed: git log -p template/main");
}

/** Installs the packages of the merged lock file, and then runs the scripts that `consent` allows. */
export async function install(git: Git, consent: Consent, context: CommandContext): Promise<void> {
  if (!(await context.npm("install", "--ignore-scripts", "--no-audit", "--no-fund")))
    throw new Error("npm install failed.");
  await git.run("add", "--update", "--", LOCK);

  const { own, merged: wanted } = allowedIn(await readFilesAt(git, ALLOWING_FILES));
  const agreed = new Set((consent.toAll ? wanted : own).map(specOf));
  const specs = wanted.map(specOf);
  const run = consent.toNone ? [] : specs.filter((spec) => agreed.has(spec));
  if (run.length > 0 && !(await context.npm("rebuild", ...run))) throw new Error("npm rebuild failed.");
  const left = specs.filter((spec) => !run.includes(spec));
  if (left.length > 0)
    context.print(
      `These packages were installed, but their install scripts did not run. To run them: npm rebuild ${left.join(" ")}`,
    );
}

async function readChanges(git: Git): Promise<Changes> {
  const more = [`HEAD:${LOCK}`, `HEAD:${SETTINGS}`, `:${SETTINGS}`];
  const [lock, settings, mergedSettings, ...files] = await readFilesAt(git, [...more, ...ALLOWING_FILES]);
  const { own, merged, installed } = allowedIn(files);
  const before = new Set(packagesWithScripts(lock).map(({ name }) => name));
  const agreed = new Set(own.map(specOf));
  const allowed = merged.map(specOf).filter((spec) => !agreed.has(spec));
  const silent = installed.filter(({ name }) => !before.has(name)).map(specOf);
  const known = new Set(merged.map(specOf));
  return {
    allowed: allowed.map(printable),
    silent: silent.filter((spec) => !known.has(spec)).map(printable),
    settings: settings !== mergedSettings,
  };
}

interface Allowed {
  /** Packages whose scripts the owner's `package.json` allows. */
  own: Package[];
  /** Packages whose scripts the merged `package.json` allows. */
  merged: Package[];
  /** All packages with scripts in the merged lock file. */
  installed: Package[];
}

const ALLOWING_FILES = [`HEAD:${MANIFEST}`, `:${MANIFEST}`, `:${LOCK}`];

/** @param files the texts of `ALLOWING_FILES` */
function allowedIn([own, merged, lock]: (string | undefined)[]): Allowed {
  const installed = packagesWithScripts(lock);
  return { own: allowedBy(own, installed), merged: allowedBy(merged, installed), installed };
}

/** The installed packages whose scripts a `package.json` allows. */
function allowedBy(manifest: string | undefined, installed: Package[]): Package[] {
  const { allowScripts = {} } = readJson<{ allowScripts?: Record<string, unknown> }>(manifest);
  const decisions = Object.entries(allowScripts).map(([key, allows]) => ({ ...readSpec(key), allows }));
  return installed.filter(({ name, version }) => {
    const about = decisions.filter((decision) => decision.name === name);
    const isMeant = ({ versions }: { versions: string[] }): boolean =>
      versions.length === 0 || versions.includes(version);
    return (
      about.some((decision) => decision.allows === true && isMeant(decision)) &&
      about.every(({ allows }) => allows === true)
    );
  });
}

/** Reads `esbuild`, `@scope/name@1.2.3` or `name@1.2.3 || 1.2.4`, as npm writes them. */
function readSpec(key: string): { name: string; versions: string[] } {
  const [, name = key, versions = ""] = /^(@?[^@]+)@(.+)$/.exec(key) ?? [];
  return {
    name,
    versions: versions
      .split("||")
      .map((version) => version.trim())
      .filter((version) => version !== ""),
  };
}

interface Locked {
  name?: string;
  version?: string;
  resolved?: string;
  hasInstallScript?: boolean;
}

function packagesWithScripts(lock: string | undefined): Package[] {
  const { packages = {} } = readJson<{ packages?: Record<string, Locked> }>(lock);
  const found = Object.entries(packages)
    .filter(([path, { hasInstallScript }]) => path.includes("node_modules/") && hasInstallScript === true)
    .map(([path, locked]) => identify(path, locked));
  return [...new Map(found.map((each) => [specOf(each), each])).values()];
}

/** A plain name means the registry's package of that name. A package from elsewhere gets its source added to its name. */
function identify(path: string, { name, version = "", resolved }: Locked): Package {
  const folder = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  const isFromRegistry = resolved === undefined || (/^https:/.test(resolved) && resolved.includes(`/${folder}/-/`));
  if (isFromRegistry && (name === undefined || name === folder)) return { name: folder, version };
  return { name: `${folder} (${name ?? resolved})`, version };
}

function specOf({ name, version }: Package): string {
  return `${name}@${version}`;
}

function readJson<Value extends object>(text = "{}"): Partial<Value> {
  try {
    return JSON.parse(text) as Value;
  } catch {
    // Invalid JSON, for example with a conflict, allows nothing.
    return {};
  }
}
