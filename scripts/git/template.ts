import { existsSync } from "node:fs";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { CommandError } from "../terminal/command-error.ts";
import { plural, printable } from "../terminal/text.ts";
import {
  ask,
  type Git,
  gitIn,
  readFilesAt,
  readSettings,
  type Settings,
  succeeds,
  TEMPLATE_REMOTE,
  withoutCredentials,
} from "./git.ts";
import type { CommandContext } from "./repository-command.ts";

/** What init-repo and update-repo know about the template: where it is, what it says, and how a copy relates to it. */

export interface TemplateAddress {
  repository: string;
  branch: string;
}

/** A throw-away repository that reads the owner's objects and holds the fetched template: all thinking happens here,
 * so that the owner's repository is only touched when it is known how things end. */
export interface Workshop {
  git: Git;
  /** The newest commit of the template. */
  tip: string;
  close(): Promise<void>;
}

/** The template's commit that a copy was made from. */
export interface Counterpart {
  commit: string;
  /** Why it is this one, as a sentence. */
  reason: string;
}

export interface News {
  /** What owners have to do by themselves, from the changelog. */
  duties: string[];
  changes: string[];
  commits: string[];
}

/** Says in a commit's message which commit of the template it brought: survives squashing and new clones. */
export const TRAILER = "Template-Commit";

const HOW_TO_SET = `Say where the template is, in one of these ways:
  npm run init-repo -- --template https://github.com/…/….git
  AUTH_PROVIDER_TEMPLATE=https://github.com/…/….git npm run init-repo
  package.json: "template": { "repository": "https://github.com/…/….git", "branch": "main" }`;

const DEFAULT_BRANCH = "main";
/** Hooks and file watchers of this computer are for the owner's work, not for ours. */
const WORKSHOP_SETTINGS = "[core]\n\thooksPath = .git/no-hooks\n\tfsmonitor = false\n[gc]\n\tauto = 0\n";
/** Fewer files in common, and it is no copy of this template. */
const MIN_EQUAL_SHARE = 0.5;
/** Equally near commits whose lines are compared, too. */
const MAX_TIES = 50;
const NAMED_FILES = 3;

/** Flag, environment, the remote of an earlier init-repo, package.json: the first one that says something. */
export async function findTemplateAddress(
  flags: { template?: string | undefined; branch?: string | undefined },
  { directory, env }: CommandContext,
  git: Git | undefined,
): Promise<TemplateAddress> {
  const linked = git && templateRemoteOf(await readSettings(git));
  const written = await readPackageTemplate(directory);
  const repository = flags.template || env.AUTH_PROVIDER_TEMPLATE || linked?.repository || written.repository;
  const branch = flags.branch || env.AUTH_PROVIDER_TEMPLATE_BRANCH || linked?.branch || written.branch;
  if (repository === undefined) throw new CommandError("It is not known which template this is a copy of.", HOW_TO_SET);
  // git would take the one for an option and the other for a program to run.
  if (repository.startsWith("-") || repository.includes("::")) {
    throw new CommandError(`"${printable(repository)}" is no address of a repository.`, HOW_TO_SET);
  }

  const isFolder = !isAbsolute(repository) && existsSync(resolve(directory, repository));
  return { repository: isFolder ? resolve(directory, repository) : repository, branch: branch ?? DEFAULT_BRANCH };
}

async function readPackageTemplate(directory: string): Promise<Partial<TemplateAddress>> {
  const text = await readFile(join(directory, "package.json"), "utf8").catch(() => "{}");
  const { repository, branch } = (JSON.parse(text) as { template?: Partial<TemplateAddress> }).template ?? {};
  if (repository === undefined || isPlaceholder(repository)) return {};
  return { repository, ...(branch === undefined ? {} : { branch }) };
}

function isPlaceholder(repository: string): boolean {
  return repository === "" || /\bOWNER\b/.test(repository);
}

export function templateRemoteOf(settings: Settings): Partial<TemplateAddress> | undefined {
  const repository = settings.get(`remote.${TEMPLATE_REMOTE}.url`);
  if (!repository) return undefined;

  const refspec = settings.get(`remote.${TEMPLATE_REMOTE}.fetch`) ?? "";
  const branch = /^\+?refs\/heads\/([^*:]+):/.exec(refspec)?.[1];
  return { repository, ...(branch === undefined ? {} : { branch }) };
}

/** @param repository the owner's; `undefined`: the folder is none yet */
export async function openWorkshop(template: TemplateAddress, repository?: Git): Promise<Workshop> {
  const directory = await mkdtemp(join(tmpdir(), "auth-provider-template-"));
  const close = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const git = gitIn(directory);
    await git.run("init", "--quiet", "--template=");
    await appendFile(join(directory, ".git/config"), WORKSHOP_SETTINGS);
    if (repository !== undefined) await shareObjects(repository, directory);
    return { git, tip: await fetchTemplate(git, template), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function shareObjects(repository: Git, directory: string): Promise<void> {
  const objects = resolve(repository.directory, await repository.run("rev-parse", "--git-path", "objects"));
  await writeFile(join(directory, ".git/objects/info/alternates"), `${objects}\n`);
}

async function fetchTemplate(git: Git, { repository, branch }: TemplateAddress): Promise<string> {
  const refspec = `+refs/heads/${branch}:refs/heads/${TEMPLATE_REMOTE}`;
  const quietly = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"];
  const { exitCode, stderr } = await git.attempt(["fetch", ...quietly, "--", repository, refspec]);
  if (exitCode === 0) return git.run("rev-parse", `refs/heads/${TEMPLATE_REMOTE}`);

  const address = withoutCredentials(repository);
  if (stderr.includes("couldn't find remote ref")) {
    throw new CommandError(
      `The template ${address} has no branch "${branch}".`,
      "Name another one: npm run init-repo -- --branch …",
    );
  }
  throw new CommandError(
    `The template ${address} could not be fetched:\n${printable(stderr.trim().split("\n")[0] ?? "")}`,
    `Is the network there, and is the address right?\n\n${HOW_TO_SET}`,
  );
}

/**
 * The newest commit of the template that the copy contains. What a commit's message says comes first: after a squashed
 * pull request it is all that is left. Then the template's history as it was known here before this fetch.
 *
 * @param findTracked finds what was the template's newest commit at the last time
 */
export async function findKnownCommit(
  git: Git,
  { owner, tip, findTracked }: { owner: string; tip: string; findTracked: () => Promise<string | undefined> },
): Promise<string | undefined> {
  const message = (await ask(git, "log", "--max-count=1", `--grep=^${TRAILER}: `, "--format=%B", owner)) ?? "";
  const noted = [...message.matchAll(new RegExp(`^${TRAILER}: ([0-9a-f]{40,64})$`, "gm"))].at(-1)?.[1];
  if (noted !== undefined && (await succeeds(git, "cat-file", "-e", `${noted}^{commit}`))) return noted;

  const tracked = await findTracked();
  const shared = tracked && (await ask(git, "merge-base", owner, tracked));
  return shared || ask(git, "merge-base", owner, tip);
}

export function findTracked(git: Git, branch: string): Promise<string | undefined> {
  return ask(git, "rev-parse", "--verify", "--quiet", `refs/remotes/${TEMPLATE_REMOTE}/${branch}`);
}

/** Copies the fetched commits into the owner's repository, where no name points to them yet. */
export async function deliver({ git }: Workshop, repository: Git): Promise<void> {
  const quietly = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"];
  await repository.run("fetch", ...quietly, git.directory, `refs/heads/${TEMPLATE_REMOTE}`);
}

/**
 * Finds the template's commit whose files a copy had: an equal tree anywhere in the copy's history, else the nearest.
 *
 * @param copies trees of the copy, newest first
 */
export async function findCounterpart(git: Git, tip: string, copies: string[]): Promise<Counterpart> {
  const templates = await listTrees(git, tip);
  // The newest of equal ones: everything before it is in the copy.
  const commits = new Map(templates.toReversed().map(({ commit, tree }) => [tree, commit]));
  const equal = copies.map((tree) => commits.get(tree)).find((commit) => commit !== undefined);
  if (equal !== undefined) return { commit: equal, reason: "every file of your copy was equal to it" };

  return findNearest(git, templates, copies);
}

interface Tree {
  commit: string;
  tree: string;
}

/** The commits behind one, newest first. */
export async function listTrees(git: Git, commit: string): Promise<Tree[]> {
  const lines = (await git.run("log", "--topo-order", "--format=%H %T", commit)).split("\n");
  return lines.map((line) => {
    const [hash = "", tree = ""] = line.split(" ");
    return { commit: hash, tree };
  });
}

async function findNearest(git: Git, templates: Tree[], copies: string[]): Promise<Counterpart> {
  const [head = ""] = copies;
  const trees = templates.map(({ tree }) => tree);
  // First the template's commit that is nearest to today's files; then the copy's own state that was nearest to that:
  // before most of the owner's edits.
  const [first = 0] = smallest(
    await countDifferences(
      git,
      trees.map((tree) => [tree, head]),
    ),
  );
  const states = smallest(
    await countDifferences(
      git,
      copies.map((copy) => [trees[first] ?? "", copy]),
    ),
  );
  const copy = copies[states.at(-1) ?? 0] ?? head;

  const ties = smallest(
    await countDifferences(
      git,
      trees.map((tree) => [tree, copy]),
    ),
  ).slice(0, MAX_TIES);
  const lines = await Promise.all(ties.map((index) => countLines(git, trees[index] ?? "", copy)));
  const [best = 0] = smallest(lines);
  const nearest = templates[ties[best] ?? 0];
  if (nearest === undefined) throw new Error("The template has no commits.");
  return { commit: nearest.commit, reason: await explainNearest(git, nearest, copy, ties.length) };
}

async function explainNearest(git: Git, { tree }: Tree, copy: string, ties: number): Promise<string> {
  const files = (await git.run("ls-tree", "-r", "--name-only", tree)).split("\n").length;
  const compared = await git.run("diff-tree", "-r", "--no-renames", "--name-only", "--diff-filter=MDT", tree, copy);
  const different = compared.split("\n").filter((path) => path !== "");
  if (1 - different.length / files < MIN_EQUAL_SHARE) {
    throw new CommandError(
      `This is hardly a copy of that template: even in its nearest commit, ${different.length} of ${files} files are ` +
        "not as they are here.",
      "Check the address. If you know the commit that your copy was made from: npm run init-repo -- --base <commit>",
    );
  }

  const named = different.slice(0, NAMED_FILES).map(printable).join(", ");
  const more = different.length > NAMED_FILES ? ", …" : "";
  const among = ties > 1 ? `; of ${ties} commits with as few, its lines are the nearest or it is the newest` : "";
  const summary = `${different.length} of its ${plural(files, "file")} differ (${named}${more})`;
  const yours = different.length === 0 ? "you only added files of your own" : summary;
  return `no commit has equal files, and this one is the nearest: ${yours}${among}`;
}

/** The number of files that differ, for each pair of trees. One process, however long the history is. */
async function countDifferences(git: Git, pairs: [string, string][]): Promise<number[]> {
  const input = pairs.map(([one, other]) => `${one} ${other}\n`).join("");
  const { stdout } = await git.attempt(["diff-tree", "--stdin", "-r", "--no-renames", "--name-only"], input);
  const counts: number[] = [];
  for (const line of stdout.split("\n")) {
    if (/^[0-9a-f]{40,64} [0-9a-f]{40,64}$/.test(line)) counts.push(0);
    else if (line !== "") counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1;
  }
  return counts;
}

async function countLines(git: Git, one: string, other: string): Promise<number> {
  const rows = (await git.run("diff-tree", "-r", "--no-renames", "--numstat", one, other)).split("\n");
  // A binary file says "-".
  const numbers = rows.flatMap((row) => row.split("\t").slice(0, 2)).map((text) => Number.parseInt(text, 10) || 0);
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** The places of the smallest number, in order. */
function smallest(numbers: number[]): number[] {
  const minimum = numbers.reduce((least, number) => Math.min(least, number), Infinity);
  return numbers.flatMap((number, index) => (number === minimum ? [index] : []));
}

/** `1234567 of 2025-01-31, "Subject"` */
export async function describeCommit(git: Git, commit: string): Promise<string> {
  return printable(await git.run("log", "--max-count=1", "--date=short", '--format=%h of %ad, "%s"', commit));
}

/** What the template has and the copy has not. */
export async function readNews(
  git: Git,
  { base, owner, tip }: { base: string; owner: string; tip: string },
): Promise<News> {
  const [before = "", now = ""] = await readFilesAt(git, [`${base}:CHANGELOG.md`, `${tip}:CHANGELOG.md`]);
  const known = new Set(changelogEntries(before));
  const entries = changelogEntries(now).filter((entry) => !known.has(entry));
  const log = await git.run("log", "--no-merges", "--date=short", "--format=%h %ad %s", tip, "--not", owner);
  return {
    duties: entries.filter(isDuty).map((entry) => entry.replace(DUTY, "")),
    changes: entries.filter((entry) => !isDuty(entry)),
    commits: log
      .split("\n")
      .filter((line) => line !== "")
      .map(printable),
  };
}

const DUTY = /^\*\*Owners:\*\*\s*/;

function isDuty(entry: string): boolean {
  return DUTY.test(entry);
}

/** The list items of a changelog, each on one line. */
export function changelogEntries(text: string): string[] {
  const items = text.replaceAll("\r\n", "\n").match(/^- .+(?:\n[ \t]+\S.*)*/gm) ?? [];
  return items.map((item) => printable(item.slice(2).replace(/\s*\n\s+/g, " ")));
}
