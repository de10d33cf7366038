import { type ExecFileOptions, execFile } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { CommandError } from "../terminal/command-error.ts";

/** Runs the git program: without a shell or password prompts, with English messages, and with output that no setting changes. */

export interface Git {
  /** The folder that git runs in. */
  directory: string;
  /** Returns standard output without its last line break. @throws {GitError} if git fails */
  run(...args: string[]): Promise<string>;
  /** For commands whose failure is a valid result. */
  attempt(args: string[], input?: string): Promise<GitResult>;
  /** Returns standard output as bytes, for commands that print byte counts. @throws {GitError} if git fails */
  readBytes(args: string[], input: string): Promise<Buffer>;
  /** The path of a file or folder in git's own folder. It stays the same, so git is asked only once. */
  path(name: GitFile): Promise<string>;
  /** All settings that apply here. They are read only once, because nothing that is read here is changed meanwhile. */
  settings(): Promise<Settings>;
}

export interface GitResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

type RawResult = Omit<GitResult, "stdout"> & { stdout: Buffer };

export class GitError extends Error {
  readonly result: GitResult;

  constructor(args: string[], result: GitResult) {
    super(`git ${args.join(" ")} failed:\n${result.stderr.trim()}`);
    this.name = "GitError";
    this.result = result;
  }
}

export interface Remote {
  name: string;
  urls: string[];
}

/** Where `git push` would send a branch. */
export interface Upstream {
  remote: string;
  /** The full name of the branch there: `refs/heads/main`. */
  ref: string;
}

/** Settings by their names as git prints them: in lower case, except for a subsection. */
export type Settings = Map<string, string>;

export const TEMPLATE_REMOTE = "template";

/** Where git records an operation that is in progress. */
const OPERATIONS = {
  merge: "MERGE_HEAD",
  rebase: "rebase-merge",
  am: "rebase-apply",
  "cherry-pick": "CHERRY_PICK_HEAD",
  revert: "REVERT_HEAD",
} as const;
/** The files and folders in git's own folder that the commands need. */
const GIT_FILES = [
  ...Object.values(OPERATIONS),
  ...(["MERGE_MSG", "MERGE_MODE", "AUTO_MERGE", "index", "update-repo-index", "objects", "shallow"] as const),
];

type GitFile = (typeof GIT_FILES)[number];

/** A connection without progress is given up after this time. */
const STALLED_SECONDS = 30;

/**
 * git sets the first ones for its hooks. A command that a hook starts must still work on its own repository. The others change
 * what git reads or prints.
 */
const REMOVED_VARIABLES = [
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_PREFIX",
  "GIT_NAMESPACE",
  "GIT_CONFIG",
  "GIT_DEFAULT_HASH",
  "GIT_EXTERNAL_DIFF",
  "GIT_DIFF_OPTS",
  "GIT_MERGE_VERBOSITY",
  "GIT_LITERAL_PATHSPECS",
  "GIT_GLOB_PATHSPECS",
  "GIT_NOGLOB_PATHSPECS",
  "GIT_ICASE_PATHSPECS",
];

const VARIABLES = {
  LC_ALL: "C",
  LANGUAGE: "C",
  GIT_TERMINAL_PROMPT: "0",
  // Without this, `git status` may rewrite the index.
  GIT_OPTIONAL_LOCKS: "0",
  GIT_EDITOR: "true",
  GIT_HTTP_LOW_SPEED_LIMIT: "1",
  GIT_HTTP_LOW_SPEED_TIME: String(STALLED_SECONDS),
};

/** Settings that take precedence over those of the owner, because the commands read what git prints, and rely on how it merges. */
const SETTINGS = [
  ...["ui", "branch", "diff", "grep", "status"].map((name) => `color.${name}=false`),
  "column.ui=never",
  "core.quotePath=false",
  "core.commentChar=#",
  "core.safecrlf=false",
  "diff.renames=true",
  "diff.renameLimit=7000",
  "diff.relative=false",
  "grep.patternType=basic",
  "i18n.logOutputEncoding=UTF-8",
  "log.showSignature=false",
  "merge.conflictStyle=merge",
  "merge.renames=true",
  "merge.renameLimit=7000",
  "merge.directoryRenames=conflict",
  "merge.renormalize=false",
].flatMap((setting) => ["-c", setting]);

export function gitIn(directory: string, limits: { env?: Record<string, string>; timeoutMs?: number } = {}): Git {
  const options = { cwd: directory, timeout: limits.timeoutMs, env: { ...environment(), ...limits.env } };
  const attempt = async (args: string[], input?: string): Promise<GitResult> =>
    decodeResult(await execute(args, options, input));
  let paths: Promise<Map<string, string>> | undefined;
  let settings: Promise<Settings> | undefined;

  const git: Git = {
    directory,
    attempt,
    async readBytes(args, input) {
      const result = await execute(args, options, input);
      if (result.exitCode !== 0) throw new GitError(args, decodeResult(result));
      return result.stdout;
    },
    async run(...args) {
      const result = await attempt(args);
      if (result.exitCode !== 0) throw new GitError(args, result);
      return result.stdout.replace(/\n$/, "");
    },
    async path(name) {
      paths ??= readPaths(git);
      return (await paths).get(name) ?? "";
    },
    settings() {
      settings ??= readSettings(git);
      return settings;
    },
  };
  return git;
}

async function readPaths(git: Git): Promise<Map<string, string>> {
  const answer = await git.run("rev-parse", ...GIT_FILES.flatMap((name) => ["--git-path", name]));
  const paths = answer.split("\n").map((path) => resolve(git.directory, path));
  return new Map(GIT_FILES.map((name, index) => [name, paths[index] ?? ""]));
}

function environment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...VARIABLES };
  for (const name of REMOVED_VARIABLES) delete env[name];
  return env;
}

function decodeResult({ stdout, ...result }: RawResult): GitResult {
  return { ...result, stdout: stdout.toString() };
}

function execute(args: string[], options: ExecFileOptions, input = ""): Promise<RawResult> {
  return new Promise((done, reject) => {
    const settings = { ...options, encoding: "buffer", maxBuffer: Infinity } as const;
    const child = execFile("git", [...SETTINGS, ...args], settings, (error, stdout, stderr) => {
      if (error?.code === "ENOENT")
        return reject(new CommandError("git is not installed.", "Install it from https://git-scm.com"));
      const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      done({ exitCode, stdout, stderr: stderr.toString() });
    });
    // git may end before it has read everything.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

export async function succeeds(git: Git, ...args: string[]): Promise<boolean> {
  return (await git.attempt(args)).exitCode === 0;
}

/** Returns standard output; `undefined` if git fails or prints nothing. */
export async function readOutput(git: Git, ...args: string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await git.attempt(args);
  const answer = stdout.trim();
  return exitCode === 0 && answer !== "" ? answer : undefined;
}

/** Returns the output of a command with `-z` as a list. Paths may contain anything except a zero byte. */
export async function readList(git: Git, ...args: string[]): Promise<string[]> {
  return (await git.run(...args)).split("\0").filter((item) => item !== "");
}

export function isAncestor(git: Git, ancestor: string, descendant: string): Promise<boolean> {
  return succeeds(git, "merge-base", "--is-ancestor", ancestor, descendant);
}

/**
 * Reads any number of files of commits with one process.
 *
 * @param names `<commit>:<path>`; without a commit, the file in the index
 * @returns their texts; `undefined` for a file that does not exist
 */
export async function readFilesAt(git: Git, names: string[]): Promise<(string | undefined)[]> {
  const output = await git.readBytes(["cat-file", "--batch"], names.map((name) => `${name}\n`).join(""));
  let at = 0;
  return names.map(() => {
    const start = output.indexOf("\n", at) + 1;
    // For a missing file, the line has another form.
    const [, type, size] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(output.toString("utf8", at, start - 1)) ?? [];
    at = size === undefined ? start : start + Number(size) + 1;
    return type === "blob" ? output.toString("utf8", start, at - 1) : undefined;
  });
}

export async function readFileAt(git: Git, commit: string, path: string): Promise<string | undefined> {
  return (await readFilesAt(git, [`${commit}:${path}`]))[0];
}

/** If a setting occurs more than once, the last one counts. */
async function readSettings(git: Git): Promise<Settings> {
  const entries = await readList(git, "config", "--list", "-z");
  return new Map(
    entries.map((entry) => {
      const [name = "", ...value] = entry.split("\n");
      return [name, value.join("\n")];
    }),
  );
}

/** The repository whose top folder this is; `undefined` if there is none. */
export async function findRepository(directory: string): Promise<Git | undefined> {
  const git = gitIn(directory);
  const { exitCode, stdout, stderr } = await git.attempt(["rev-parse", "--show-toplevel"]);
  if (exitCode !== 0 && !existsSync(join(directory, ".git"))) return undefined;
  if (exitCode !== 0) throw new CommandError("git cannot read the repository in this folder:", stderr.trim());
  if (realpathSync(stdout.trim()) === realpathSync(directory)) return git;

  const isPart = (await readList(git, "ls-files", "-z", "--", ".")).length > 0;
  if (!isPart) return undefined;
  throw new CommandError(
    `This folder is part of the repository ${stdout.trim()}.`,
    "A copy of the template can only be updated if it is a repository of its own.",
  );
}

export interface RepositoryState {
  /** The operation that is in progress, which git records in files. */
  operation: string | undefined;
  isShallow: boolean;
}

export async function readState(git: Git): Promise<RepositoryState> {
  const exists = async (name: GitFile): Promise<boolean> => existsSync(await git.path(name));
  const state: RepositoryState = { operation: undefined, isShallow: await exists("shallow") };
  for (const [operation, file] of Object.entries(OPERATIONS)) if (await exists(file)) return { ...state, operation };
  return state;
}

export async function isMerging(git: Git): Promise<boolean> {
  return existsSync(await git.path("MERGE_HEAD"));
}

export function upstreamOf(branch: string, settings: Settings): Upstream | undefined {
  const remote = settings.get(`branch.${branch}.remote`);
  const ref = settings.get(`branch.${branch}.merge`);
  // The remote "." means a local branch.
  return !remote || !ref || remote === "." ? undefined : { remote, ref };
}

/** All remotes, with every address for fetching or pushing. */
export async function listRemotes(git: Git): Promise<Remote[]> {
  const remotes = new Map<string, Set<string>>();
  // `name<tab>address (fetch)`, followed by the filter of a partial clone.
  for (const [, name = "", url = ""] of (await git.run("remote", "--verbose")).matchAll(
    /^([^\t\n]+)\t(.+) \((?:fetch|push)\)(?: \[.*\])?$/gm,
  )) {
    remotes.set(name, (remotes.get(name) ?? new Set()).add(url));
  }
  return [...remotes].map(([name, urls]) => ({ name, urls: [...urls] }));
}

/** Converts the different addresses of one repository to the same text. */
export function canonicalAddress(address: string): string {
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(address);
  const path = (scp === null ? address : `${scp[1]}/${scp[2]}`).replace(/^[a-z+]+:\/\/(?:[^@/]*@)?/i, "");
  return path
    .replace(/\/+$/, "")
    .replace(/\.git$/, "")
    .toLowerCase();
}

export function withoutCredentials(url: string): string {
  return url.replace(/^(\w+:\/\/)[^@/]*@/, "$1");
}
