/**
 * Real repositories for the tests of init-repo and update-repo: a template with a history of two dozen commits and four
 * releases, and copies of it, made in each of the ways that owners use.
 */

import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { PROJECT } from "../../scripts/files/project.ts";
import type { CommandContext } from "../../scripts/git/repository-command.ts";

const run = promisify(execFile);

/** The scripts under test are part of the template, so a copy can run its own. */
const SCRIPTS = [
  "scripts/init-repo.ts",
  "scripts/update-repo.ts",
  "scripts/terminal/command-error.ts",
  "scripts/terminal/command-line.ts",
  "scripts/terminal/npm.ts",
  "scripts/terminal/start.ts",
  "scripts/terminal/text.ts",
  "scripts/git/git.ts",
  "scripts/json/edit-json.ts",
  "scripts/json/merge-json.ts",
  "scripts/files/file-errors.ts",
  "scripts/files/project.ts",
  "scripts/files/text-file.ts",
  "scripts/files/temporary-folder.ts",
  "scripts/git/past-updates.ts",
  "scripts/git/public-repository.ts",
  "scripts/git/repository-command.ts",
  "scripts/git/repository-guards.ts",
  "scripts/git/rewritten-history.ts",
  "scripts/secrets/secret-files.ts",
  "scripts/secrets/secret-scan.ts",
  "scripts/configuration/files/file-names.ts",
  "scripts/configuration/files/signing-key-member.ts",
  "scripts/git/template.ts",
  "server/provider/placeholder.ts",
  "server/provider/signing-key.ts",
  ...["init-repo", "slim", "update-repo"].flatMap((command) =>
    readdirSync(join(PROJECT, "scripts", command)).map((name) => `scripts/${command}/${name}`),
  ),
];

/** Here git spends most of its time starting programs and writing small files. Nothing has to survive the test run. */
const QUICK_SETTINGS = {
  // Git must see a repository that was copied file by file as unchanged.
  "core.checkStat": "minimal",
  "core.trustctime": "false",
  "core.compression": "0",
  "core.fsync": "none",
  "gc.auto": "0",
  "maintenance.auto": "false",
  "pack.threads": "1",
  "pack.window": "0",
  "receive.autogc": "false",
  "transfer.unpackLimit": "1",
};

/** The git settings of the user who runs the tests must have no effect. */
export const GIT_ENVIRONMENT = {
  ...settingsByEnvironment(QUICK_SETTINGS),
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  // No sample hooks: in a small repository, they would be most of the files.
  GIT_TEMPLATE_DIR: "",
  GIT_AUTHOR_NAME: "An Owner",
  GIT_AUTHOR_EMAIL: "owner@example.com",
  GIT_COMMITTER_NAME: "An Owner",
  GIT_COMMITTER_EMAIL: "owner@example.com",
};

/** git-config(1), GIT_CONFIG_COUNT. */
function settingsByEnvironment(settings: Record<string, string>): Record<string, string> {
  const variables = Object.entries(settings).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(Object.keys(settings).length), ...Object.fromEntries(variables) };
}

export type Files = Record<string, string>;
type Step = [subject: string, change: (files: Files) => void];

/** The number of the last commit of each release. */
export const RELEASES = { "1.0.0": 8, "1.1.0": 14, "1.2.0": 19, "2.0.0": 24 } as const;
export type Release = keyof typeof RELEASES;

export async function git(directory: string, ...args: string[]): Promise<string> {
  const { stdout } = await run("git", args, { cwd: directory, env: { ...process.env, ...GIT_ENVIRONMENT } });
  return stdout.trimEnd();
}

export async function succeeds(directory: string, ...args: string[]): Promise<boolean> {
  return git(directory, ...args).then(
    () => true,
    () => false,
  );
}

/** Everything that one test file needs, in one folder. */
export interface Bench {
  directory: string;
  /** An unused path in that folder. */
  path(name: string): string;
  template(release: Release): Promise<Template>;
  /** Opens a template whose folder was copied. */
  open(directory: string): Template;
  /** Makes something once and copies it from then on, because starting git takes most of the time. */
  once<Thing>(name: string, make: () => Promise<Thing>): Promise<Thing>;
  /** The same for all test files of a run. What is made is data: no methods. */
  onceInRun<Thing>(name: string, make: () => Promise<Thing>): Promise<Thing>;
}

export interface Template {
  /** The bare repository. */
  directory: string;
  /** Every commit, oldest first. */
  commits: string[];
  release(release: Release): Promise<void>;
}

export async function openBench(): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), "auth-provider-repositories-"));
  let names = 0;
  const path = (name: string): string => join(directory, `${(names += 1)}-${name}`);
  const { original, commits } = await onceInRun("template", () => buildTemplate(join(directory, "original.git")));

  const open = (repository: string): Template => ({
    directory: repository,
    commits,
    async release(release) {
      await write(repository, "refs/heads/main", `${commits[RELEASES[release] - 1]}\n`);
    },
  });

  const made = new Map<string, Promise<unknown>>();

  return {
    directory,
    path,
    open,
    onceInRun,
    once<Thing>(name: string, make: () => Promise<Thing>) {
      if (!made.has(name)) made.set(name, make());
      return made.get(name) as Promise<Thing>;
    },
    async template(release) {
      const template = open(path("template.git"));
      copyFolder(original, template.directory);
      await template.release(release);
      return template;
    },
  };
}

/**
 * What the test files of a run share (temporary-folder.ts). While tests run again and again, the scripts in the template
 * may change.
 */
async function onceInRun<Thing>(name: string, make: () => Promise<Thing>): Promise<Thing> {
  const key = createHash("sha256").update(JSON.stringify([name, historyOfFiles().at(-1)]));
  const file = join(tmpdir(), `auth-provider-once-${key.digest("hex")}.json`);
  if (!existsSync(file)) {
    const made = await make();
    // Another test file may do the same at the same time. Either result will do, if it is whole.
    await writeFile(`${file}.${process.pid}`, JSON.stringify(made));
    await rename(`${file}.${process.pid}`, file);
  }
  return JSON.parse(await readFile(file, "utf8")) as Thing;
}

/** A paragraph of numbered lines, so that the changes of two sides can be apart or overlap. */
function lines(title: string, number = 24): string {
  return [...Array(number).keys()].map((index) => `${title}, line ${index + 1}.\n`).join("");
}

function setLine(files: Files, path: string, number: number, text: string): void {
  const rows = (files[path] ?? "").split("\n");
  rows[number - 1] = text;
  files[path] = rows.join("\n");
}

function move(files: Files, from: string, to: string): void {
  files[to] = files[from] ?? "";
  delete files[from];
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Sets the value at a path of keys. */
export function setJson(files: Files, path: string, keys: string[], value: unknown): void {
  const root = JSON.parse(files[path] ?? "{}") as Record<string, unknown>;
  const parent = keys.slice(0, -1).reduce((at, key) => (at[key] ??= {}) as Record<string, unknown>, root);
  parent[keys.at(-1) ?? ""] = value;
  files[path] = json(root);
}

function setVersion(files: Files, version: string, changelog: string): void {
  setJson(files, "package.json", ["version"], version);
  setJson(files, "package-lock.json", ["version"], version);
  const [title, ...rest] = (files["CHANGELOG.md"] ?? "").split("\n\n");
  files["CHANGELOG.md"] = [title, `## [${version}]`, changelog, ...rest].join("\n\n");
}

const FIRST_FILES: Files = {
  "README.md": lines("Read me"),
  "CHANGELOG.md": "# Changelog\n\n",
  LICENSE: lines("Licence", 10),
  ".gitignore": "node_modules/\n*.log\n",
  "netlify.toml": lines("# Setting", 12),
  "package.json": json({
    name: "auth-provider",
    version: "0.1.0",
    private: true,
    type: "module",
    scripts: {
      bench: "node bench/bench.ts",
      "init-repo": "node scripts/init-repo.ts",
      "update-repo": "node scripts/update-repo.ts",
    },
    dependencies: { jose: "^6.0.0" },
    devDependencies: { node: "^24.0.0", vitest: "^5.0.0", zod: "^4.0.0" },
    template: { repository: "", branch: "main" },
  }),
  "package-lock.json": json({ name: "auth-provider", version: "0.1.0", packages: { jose: "6.0.0" } }),
  "services.json": json({ Github: { client_id: "YOUR_ID" }, Google: { client_id: "YOUR_ID" } }),
  "secret.json": json({ Github: { client_secret: "YOUR_SECRET" } }),
  "public/index.html": lines("<p>Home</p>"),
  "public/confirm.html": lines("<p>Confirm</p>"),
  "public/style.css": lines("/* Style */"),
  "netlify/functions/authorize.ts": lines("// Authorize"),
  "netlify/functions/callback.ts": lines("// Callback"),
  "server/sealing/seal.ts": lines("// Seal"),
  "server/upstream/exchange.ts": lines("// Exchange"),
  "server/request/pkce.ts": lines("// PKCE"),
  "docs/setup.md": lines("Setup"),
  "docs/old-notes.md": lines("Notes"),
  // Only the template needs these (scripts/slim/template-only.json).
  "CONTRIBUTING.md": lines("Contributing"),
  "bench/bench.ts": lines("// Bench"),
  "test/gate.test.ts": lines("// Gate"),
  "test/tools/harness.ts": lines("// Harness"),
};

const STEPS: Step[] = [
  ["Home page greets", (files) => setLine(files, "public/index.html", 3, "<p>Hello.</p>")],
  ["Seal with A256GCM", (files) => setLine(files, "server/sealing/seal.ts", 5, "// A256GCM")],
  ["Style for dark mode", (files) => setLine(files, "public/style.css", 20, "/* dark */")],
  ["Exchange: time limit", (files) => setLine(files, "server/upstream/exchange.ts", 8, "// 10 s")],
  ["Dropbox", (files) => setJson(files, "services.json", ["Dropbox"], { client_id: "YOUR_ID" })],
  ["README: first steps", (files) => setLine(files, "README.md", 12, "First steps.")],
  ["Release 1.0.0", (files) => setVersion(files, "1.0.0", "- The first release.")],
  // Up to 1.1.0.
  ["README: a new section", (files) => setLine(files, "README.md", 22, "A new section.")],
  ["Rename exchange to redeem", (files) => move(files, "server/upstream/exchange.ts", "server/upstream/redeem.ts")],
  ["Redeem: refuse early", (files) => setLine(files, "server/upstream/redeem.ts", 2, "// Early")],
  ["Gitlab", (files) => setJson(files, "services.json", ["Gitlab"], { client_id: "YOUR_ID" })],
  ["Confirmation page: focus", (files) => setLine(files, "public/confirm.html", 4, "<p>Focus.</p>")],
  [
    "Release 1.1.0",
    (files) => setVersion(files, "1.1.0", "- **Owners:** run `npm install` with\n  Node 24.\n- Gitlab is a service."),
  ],
  // Up to 1.2.0.
  ["Remove the old notes", (files) => delete files["docs/old-notes.md"]],
  ["Move the style", (files) => move(files, "public/style.css", "public/styles/main.css")],
  ["Callback: check iss", (files) => setLine(files, "netlify/functions/callback.ts", 6, "// iss")],
  [
    "Update jose",
    (files) => {
      setJson(files, "package.json", ["dependencies", "jose"], "^6.2.0");
      setJson(files, "package-lock.json", ["packages", "jose"], "6.2.0");
    },
  ],
  ["Release 1.2.0", (files) => setVersion(files, "1.2.0", "- Security: the callback checks `iss`.")],
  // Up to 2.0.0.
  [
    "Home page: a list",
    (files) => {
      setLine(files, "public/index.html", 15, "<ul></ul>");
      files["theme.css"] = ":root { --accent: #0b6e5f; }\n";
      files["public/favicon.svg"] = "<svg></svg>\n";
    },
  ],
  ["Secrets of Gitlab", (files) => setJson(files, "secret.json", ["Gitlab", "client_secret"], "YOUR_SECRET")],
  ["New function: token", (files) => (files["netlify/functions/token.ts"] = lines("// Token"))],
  ["README: greeting", (files) => setLine(files, "README.md", 2, "Welcome.")],
  ["Release 2.0.0", (files) => setVersion(files, "2.0.0", "- **Owners:** set `SEALING_KEY`.\n- Tokens.")],
];

const TEMPLATE = "The Template <template@example.com>";

/** The template's files after each commit. */
function historyOfFiles(): { subject: string; files: Files }[] {
  const files = { ...FIRST_FILES };
  for (const path of SCRIPTS) files[path] = readFileSync(join(PROJECT, path), "utf8");
  const history: Step[] = [["Begin", () => {}], ...STEPS];
  return history.map(([subject, change]) => {
    change(files);
    return { subject, files: { ...files } };
  });
}

async function buildTemplate(original: string): Promise<{ original: string; commits: string[] }> {
  await mkdir(original);
  await git(original, "init", "--quiet", "--bare", "--initial-branch=main");
  writeHistory(original, TEMPLATE);
  return { original, commits: (await git(original, "rev-list", "--reverse", "main")).split("\n") };
}

function writeHistory(directory: string, committer: string): void {
  const commits = historyOfFiles().map(({ subject, files }, day) => commitOf({ subject, files, committer, day }));
  // Starts from scratch, whatever the branch contained.
  importInto(directory, ["reset refs/heads/main\n\n", ...commits]);
}

/** Writes the same files, commit by commit, as a new history. */
export function rewriteHistory({ directory }: Template): void {
  writeHistory(directory, "Another One <another@example.com>");
}

/** Replaces the whole history by one commit with the same files. @returns that commit */
export async function squashHistory({ directory }: Template, files = "refs/heads/main"): Promise<string> {
  const root = await git(directory, "commit-tree", "-m", "All in one", `${files}^{tree}`);
  await write(directory, "refs/heads/main", `${root}\n`);
  return root;
}

/** Adds one commit to the template, after release 2.0.0. */
export function publish({ directory }: Template, change: (files: Files) => void): void {
  const history = historyOfFiles();
  const files = history.at(-1)?.files ?? {};
  change(files);
  const commit = { subject: "One more", files, committer: TEMPLATE, day: history.length };
  importInto(directory, [commitOf({ ...commit, parent: "refs/heads/main^0" })]);
}

interface Commit {
  subject: string;
  /** All files of the commit. */
  files: Files;
  committer: string;
  day: number;
  /** Default: the previous commit. */
  parent?: string;
}

/** git-fast-import(1) */
function commitOf({ subject, files, committer, day, parent }: Commit): string {
  const date = 1_750_000_000 + day * 86_400;
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const tree = Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`);
  const head = `commit refs/heads/main\ncommitter ${committer} ${date} +0000\n${data(subject)}`;
  return `${head}${parent === undefined ? "" : `from ${parent}\n`}deleteall\n${tree.join("")}`;
}

function importInto(directory: string, stream: string[]): void {
  execFileSync("git", ["fast-import", "--quiet", "--force"], { cwd: directory, input: stream.join("") });
}

/** A copy on an owner's computer, and the repository that the owner pushes it to. */
export interface Copy {
  directory: string;
  /** A bare repository. It does not exist if the copy is not a repository yet. */
  origin: string;
}

export type Way = "Use this template" | "degit" | "clone" | "fork";

/** @param number which of the template's commits is the newest when the copy is made */
export async function makeCopy(bench: Bench, template: Template, way: Way, number: number): Promise<Copy> {
  const made = await bench.once(`${way} ${number}`, () => makeFirst(bench, template, way, number));
  const copy = { directory: bench.path("copy"), origin: bench.path("origin.git") };
  copyFolder(made.directory, copy.directory);
  if (way === "degit") return copy;
  copyFolder(made.origin, copy.origin);
  // The origin of a clone is the template.
  const [before, address] = way === "clone" ? [made.cloned, template.directory] : [made.origin, copy.origin];
  const configuration = await read(copy.directory, ".git/config");
  await write(copy.directory, ".git/config", configuration.replaceAll(before, address));
  return copy;
}

interface First extends Copy {
  /** The template's folder when the copy was made. */
  cloned: string;
}

async function makeFirst(bench: Bench, template: Template, way: Way, number: number): Promise<First> {
  const [directory, origin] = [bench.path("copy"), bench.path("origin.git")];
  const first = { directory, origin, cloned: template.directory };
  const commit = template.commits[number - 1] ?? "";
  if (way === "degit") {
    await degitFrom(bench, template, commit)("https://github.com/the/template", directory);
  } else if (way === "Use this template") {
    const files: Files = historyOfFiles()[number - 1]?.files ?? {};
    for (const [path, text] of Object.entries(files)) await write(directory, path, text);
    await git(directory, "init", "--quiet", "--initial-branch=main");
    await commitAll(directory, "Initial commit");
  } else {
    await git(bench.directory, "clone", "--quiet", "--no-local", template.directory, directory);
    await git(directory, "reset", "--quiet", "--hard", commit);
  }
  if (way !== "degit") await pack(directory);
  if (way === "clone") await git(bench.directory, "init", "--quiet", "--bare", "--initial-branch=main", origin);
  if (way === "fork" || way === "Use this template") await pushBySharing(directory, origin);
  return first;
}

/** Has the same result as `git push --set-upstream origin main` to a new repository, without its eight processes. */
async function pushBySharing(directory: string, origin: string): Promise<void> {
  copyFolder(join(directory, ".git"), origin);
  for (const name of ["index", "logs", "refs/remotes", "ORIG_HEAD", "packed-refs"]) {
    await rm(join(origin, name), { recursive: true, force: true });
  }
  // A push does not pass on the settings of GIT_ENVIRONMENT.
  await write(
    origin,
    "config",
    "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tfsync = none\n[receive]\n\tautogc = false\n",
  );
  const remote = `[remote "origin"]\n\turl = ${origin}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`;
  const branch = '[branch "main"]\n\tremote = origin\n\tmerge = refs/heads/main\n';
  await write(directory, ".git/config", `[core]\n\trepositoryformatversion = 0\n${remote}${branch}`);
  await write(directory, ".git/refs/remotes/origin/main", await read(directory, ".git/refs/heads/main"));
}

/** Packs the repository: a few files are quick to copy and to compare. */
export async function pack(repository: string): Promise<void> {
  await git(repository, "repack", "-a", "-d", "--quiet");
}

/** Uses the fast copy of node:fs and keeps the times, so that git sees the files as unchanged. */
export function copyFolder(from: string, to: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
}

/** Runs the real degit. Only its two network connections are redirected to a local repository. */
export function degitFrom(bench: Bench, template: Template, commit: string): CommandContext["copyRepository"] {
  return async (source, folder) => {
    process.env.XDG_CACHE_HOME = join(bench.directory, "cache");
    const { default: degit } = await import("degit");
    const archive = async (_url: string, file: string): Promise<void> => {
      const form = ["--format=tar.gz", "--prefix=auth-provider/", `--output=${file}`];
      await git(template.directory, "archive", ...form, commit);
    };
    const refs = [
      { hash: commit, name: "main", type: "branch" },
      { hash: commit, name: "HEAD", type: "HEAD" },
    ];
    const clone = (): Promise<void> => Promise.reject(new Error("Only archives here."));
    await degit(source, { fetch: archive, git: { fetchRefs: async () => refs, clone } }).clone(folder);
  };
}

/** Adds settings to a file, as `git config` does, which takes one process for each. */
export async function configure(file: string, settings: Record<string, string>): Promise<void> {
  const sections = Object.entries(settings).map(([key, value]) => {
    const [section = "", ...rest] = key.split(".");
    const name = rest.pop();
    const subsection = rest.length === 0 ? "" : ` "${rest.join(".")}"`;
    return `[${section}${subsection}]\n\t${name} = ${value}\n`;
  });
  await appendFile(file, sections.join(""));
}

export async function commitAll(directory: string, message: string): Promise<void> {
  await git(directory, "add", "--all");
  await git(directory, "commit", "--quiet", "--message", message);
}

export async function write(directory: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(directory, path)), { recursive: true });
  await writeFile(join(directory, path), text);
}

export const read = (directory: string, path: string): Promise<string> => readFile(join(directory, path), "utf8");

export async function editLine(directory: string, path: string, number: number, text: string): Promise<void> {
  const files = { [path]: await read(directory, path) };
  setLine(files, path, number, text);
  await write(directory, path, files[path] ?? "");
}

export async function editJson(directory: string, path: string, keys: string[], value: unknown): Promise<void> {
  const files = { [path]: await read(directory, path) };
  setJson(files, path, keys, value);
  await write(directory, path, files[path] ?? "");
}

/** The changes that nearly every owner makes: their own client ids, service, texts and name. */
export async function editAsOwner(directory: string): Promise<void> {
  await editJson(directory, "services.json", ["Github", "client_id"], "Iv1.mine");
  const own = { client_id: "own", token_endpoint: "https://own.example/token" };
  await editJson(directory, "services.json", ["Own"], own);
  await editJson(directory, "package.json", ["name"], "my-auth");
  await editJson(directory, "package.json", ["dependencies", "own-package"], "^1.0.0");
  await editJson(directory, "package-lock.json", ["packages", "own-package"], "1.0.0");
  await editLine(directory, "README.md", 6, "This is the provider of Example Inc.");
  await editLine(directory, "public/index.html", 9, "<p>Example Inc.</p>");
  await editLine(directory, "server/sealing/seal.ts", 12, "// changed by the owner");
  await write(directory, "netlify/functions/own.ts", "// The owner's function.\n");
}

/** The user and the computer that the scripts run for. */
export interface TestWorld extends CommandContext {
  output(): string;
  npmCalls: string[];
}

export function createWorld(directory: string, changes: Partial<CommandContext> = {}): TestWorld {
  const printed: string[] = [];
  const npmCalls: string[] = [];
  return {
    directory,
    env: {},
    print: (text) => void printed.push(text),
    confirm: () => Promise.reject(new Error("Nobody was to be asked.")),
    ask: async () => undefined,
    npm: async (...args) => (npmCalls.push(args.join(" ")), true),
    visibilityOf: async () => "private",
    copyRepository: () => Promise.reject(new Error("Nothing was to be copied.")),
    ...changes,
    output: () => printed.join("\n"),
    npmCalls,
  };
}

/** A hash of every file in a folder, including git's own folder. */
export async function everyByte(directory: string, except: (path: string) => boolean = () => false): Promise<Files> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const found: Files = {};
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(directory.length + 1);
    if (entry.isDirectory() || except(name)) continue;
    // Synchronous reads are several times as fast.
    const bytes = entry.isSymbolicLink() ? readlinkSync(path) : readFileSync(path);
    found[name] = createHash("sha256").update(bytes).digest("hex");
  }
  return found;
}

/** Everything that an owner could lose: files (tracked or not), the index, commits and refs. Git may add objects. */
export async function everythingOf(directory: string): Promise<Record<string, unknown>> {
  const optional = (...args: string[]): Promise<string> => git(directory, ...args).catch(() => "");
  return {
    files: await everyByte(directory, (name) => name.startsWith(".git/")),
    head: await read(directory, ".git/HEAD").catch(() => ""),
    refs: await optional("for-each-ref"),
    // This also covers the index, wherever it differs from the commit.
    status: await optional("status", "--porcelain=v2", "--ignored"),
    operations: ["MERGE_HEAD", "MERGE_MSG"].filter((name) => readable(join(directory, ".git", name))),
    config: await read(directory, ".git/config").catch(() => ""),
  };
}

function readable(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
