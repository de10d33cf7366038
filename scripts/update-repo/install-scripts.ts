import { type Git, readFilesAt } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets, printable } from "../terminal/text.ts";
import type { Options } from "./command-line.ts";
import { LOCK } from "./merge.ts";

/**
 * What packages run when they are installed: programs that others wrote, with everything at hand that the owner has. An
 * update installs without any of them, and then runs those that the owner's own `package.json` allows (`allowScripts`).
 * npm itself only warns before its version 12.
 *
 * git stands in the middle of the merge here: HEAD is the owner's, and the index what comes of it.
 */

const MANIFEST = "package.json";
/** Says where packages come from, and what npm starts to run a script. */
const SETTINGS = ".npmrc";

interface Package {
  name: string;
  version: string;
}

interface Changes {
  /** May run scripts by the new `package.json`, and not by the owner's. */
  allowed: string[];
  /** Bring scripts, come with the update, and are not allowed to run them. */
  silent: string[];
  settings: boolean;
}

/** Whose scripts may run: what the owner has allowed before, and what was agreed to now. */
export interface Consent {
  /** Also what only the update allows. */
  toAll: boolean;
  /** Nothing at all: by settings that nobody has agreed to. */
  toNone: boolean;
}

export async function showInstallScripts(git: Git, context: CommandContext): Promise<Changes> {
  const changes = await readChanges(git);
  const { allowed, silent, settings } = changes;
  if (allowed.length > 0)
    context.print(
      `\nThe update lets these packages run programs on your computer when they are installed:\n\n${bullets(allowed)}`,
    );
  if (silent.length > 0)
    context.print(
      `\nNew packages that could run programs when they are installed, and will not:\n\n${bullets(silent)}`,
    );
  if (settings)
    context.print(`\nThe update changes ${SETTINGS}: where npm gets packages from, and what it runs. Look at it.`);
  return changes;
}

/** `--yes` agrees to the merge, and to no program that is new. */
export async function askAboutInstallScripts(
  changes: Changes,
  options: Options,
  context: CommandContext,
): Promise<Consent> {
  if (changes.allowed.length === 0 && changes.silent.length === 0 && !changes.settings)
    return { toAll: false, toNone: false };
  if (options.yes) return { toAll: false, toNone: changes.settings };
  if (await context.confirm("\nInstall that?")) return { toAll: true, toNone: false };
  throw new CommandError("Not updated.", "Look at what the template changed: git log -p template/main");
}

/** Installs by the merged lock file; `consent` says what may run then. */
export async function install(git: Git, consent: Consent, context: CommandContext): Promise<void> {
  if (!(await context.npm("install", "--ignore-scripts", "--no-audit", "--no-fund")))
    throw new Error("npm install failed.");
  await git.run("add", "--update", "--", LOCK);

  const { own, merged: wanted } = await readAllowed(git);
  const agreed = new Set((consent.toAll ? wanted : own).map(specOf));
  const specs = wanted.map(specOf);
  const run = consent.toNone ? [] : specs.filter((spec) => agreed.has(spec));
  if (run.length > 0 && !(await context.npm("rebuild", ...run))) throw new Error("npm rebuild failed.");
  const left = specs.filter((spec) => !run.includes(spec));
  if (left.length > 0)
    context.print(`Installed, but their programs were not run. If you want that: npm rebuild ${left.join(" ")}`);
}

async function readChanges(git: Git): Promise<Changes> {
  const { own, merged, installed } = await readAllowed(git);
  const [lock, settings, mergedSettings] = await readFilesAt(git, [`HEAD:${LOCK}`, `HEAD:${SETTINGS}`, `:${SETTINGS}`]);
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
  /** Whose scripts the owner's `package.json` allows. */
  own: Package[];
  /** Whose the merged one does. */
  merged: Package[];
  /** All that bring scripts, by the merged lock file. */
  installed: Package[];
}

async function readAllowed(git: Git): Promise<Allowed> {
  const [own, merged, lock] = await readFilesAt(git, [`HEAD:${MANIFEST}`, `:${MANIFEST}`, `:${LOCK}`]);
  const installed = packagesWithScripts(lock);
  return { own: allowedBy(own, installed), merged: allowedBy(merged, installed), installed };
}

/** Of the packages that the merged lock file installs, those whose scripts one side's `package.json` allows. */
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

/** `esbuild`, `@scope/name@1.2.3`, `name@1.2.3 || 1.2.4`: as npm writes them. */
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

/** A name means the registry's package of that name; another one in its folder, or from elsewhere, goes by where it is from. */
function identify(path: string, { name, version = "", resolved }: Locked): Package {
  const folder = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  const isRegistrys = resolved === undefined || (/^https:/.test(resolved) && resolved.includes(`/${folder}/-/`));
  if (isRegistrys && (name === undefined || name === folder)) return { name: folder, version };
  return { name: `${folder} (${name ?? resolved})`, version };
}

function specOf({ name, version }: Package): string {
  return `${name}@${version}`;
}

function readJson<Value extends object>(text = "{}"): Partial<Value> {
  try {
    return JSON.parse(text) as Value;
  } catch {
    // In conflict, or edited by hand: then it allows nothing.
    return {};
  }
}
