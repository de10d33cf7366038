import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { makeTemporaryFolder } from "../files/temporary-folder.ts";
import { withoutByteOrderMark } from "../json/edit-json.ts";
import { CommandError } from "../terminal/command-error.ts";
import { plural, printable } from "../terminal/text.ts";
import {
  canonicalAddress,
  type Git,
  gitIn,
  readFilesAt,
  readOutput,
  type Settings,
  succeeds,
  TEMPLATE_REMOTE,
  withoutCredentials,
} from "./git.ts";
import { compareTrees, type OwnHistory, readTemplateCommit } from "./past-updates.ts";
import type { CommandContext } from "./repository-command.ts";

/** The template of a copy: its address, its changes, and the commit that the copy was made from. */

export interface TemplateAddress {
  repository: string;
  branch: string;
}

/**
 * A temporary repository that contains the fetched template, and can read the owner's objects. Everything is tried here
 * first, so that the owner's repository only changes once the outcome is known.
 */
export interface ScratchRepository {
  git: Git;
  /** The newest commit of the template. */
  tip: string;
  close(): Promise<void>;
}

/** The template's commit that a copy was made from. */
export interface StartingPoint {
  commit: string;
  /** Why this commit was chosen, in words. */
  explanation: string;
}

export interface TemplateChanges {
  /** What the changelog tells owners to do. */
  ownerTasks: string[];
  changes: string[];
  commits: string[];
}

/** An address that no git can push to. It also marks the remote as one that init-repo has made. */
export const NO_PUSH = "no-push://the-template-is-only-fetched-from";

const TEMPLATE_ADVICE = `Give the address of the template in one of these ways:
  npm run init-repo -- --template https://github.com/…/….git
  AUTH_PROVIDER_TEMPLATE=https://github.com/…/….git npm run init-repo
  package.json: "template": { "repository": "https://github.com/…/….git", "branch": "main" }`;

const DEFAULT_BRANCH = "main";
/** Disables the hooks and file watchers of this computer. The identity is for commits that never leave the folder. */
const SCRATCH_SETTINGS = `[core]
	hooksPath = .git/no-hooks
	fsmonitor = false
	autocrlf = false
	sparseCheckout = true
[gc]
	auto = 0
[user]
	name = update-repo
	email = update-repo@localhost
`;
/** Files contain the committed bytes, whatever filters and line ends this computer uses. */
const SCRATCH_ATTRIBUTES = "* -text -ident -filter -working-tree-encoding conflict-marker-size=7\n";
/** A killed command cannot remove the folder, so the owner's secrets are never written there. */
const SCRATCH_FILES = "/*\n!.secret.json\n";
/** If a smaller share of the files is equal, this is no copy of the template. */
const MIN_EQUAL_SHARE = 0.5;
/** The maximum number of equally similar commits whose lines are compared. */
const MAX_TIES = 50;
const NAMED_FILES = 3;

/** The address is asked for once: the remote of init-repo remembers it. */
const QUESTION =
  "This copy does not say what it was made from. What is the template's address? (That of the page where you got it)\n> ";

/**
 * The first address given by options, environment, the remote of an earlier init-repo, package.json, the remote of a fork, or
 * the owner.
 */
export async function findTemplateAddress(
  flags: { template?: string | undefined; branch?: string | undefined },
  { directory, env, ask }: Pick<CommandContext, "directory" | "env" | "ask">,
  git: Git | undefined,
): Promise<TemplateAddress> {
  const settings = await git?.settings();
  const remote = settings && templateRemoteOf(settings);
  const linked = settings && isLinked(settings) ? remote : undefined;
  const written = await readPackageTemplate(directory);
  const repository =
    flags.template ||
    env.AUTH_PROVIDER_TEMPLATE ||
    linked?.repository ||
    written.repository ||
    // A remote of that name that the owner has made may be something else, so it comes late.
    remote?.repository ||
    // GitHub's tools give this name to the repository that a fork was made from.
    settings?.get("remote.upstream.url") ||
    (await ask(QUESTION));
  const branch =
    flags.branch || env.AUTH_PROVIDER_TEMPLATE_BRANCH || linked?.branch || written.branch || remote?.branch;
  if (!repository) throw new CommandError("The address of the template is unknown.", TEMPLATE_ADVICE);
  // git would take the first for an option, and the second for a program to run.
  if (repository.startsWith("-") || repository.includes("::")) {
    throw new CommandError(`"${printable(repository)}" is not the address of a repository.`, TEMPLATE_ADVICE);
  }

  const isFolder = !isAbsolute(repository) && existsSync(resolve(directory, repository));
  return { repository: isFolder ? resolve(directory, repository) : repository, branch: branch ?? DEFAULT_BRANCH };
}

export async function readPackageTemplate(directory: string): Promise<Partial<TemplateAddress>> {
  const text = await readFile(join(directory, "package.json"), "utf8").catch(() => "{}");
  const { repository, branch } = parsePackage(text).template ?? {};
  if (!repository) return {};
  return { repository, ...(branch === undefined ? {} : { branch }) };
}

/** npm accepts a byte order mark, so it may be there. */
function parsePackage(text: string): { template?: Partial<TemplateAddress> } {
  try {
    return JSON.parse(withoutByteOrderMark(text)) as { template?: Partial<TemplateAddress> };
  } catch {
    throw new CommandError(
      "package.json is not valid JSON.",
      "Correct it, or restore it: git checkout -- package.json",
    );
  }
}

export function templateRemoteOf(settings: Settings): Partial<TemplateAddress> | undefined {
  const repository = settings.get(`remote.${TEMPLATE_REMOTE}.url`);
  if (!repository) return undefined;

  const refspec = settings.get(`remote.${TEMPLATE_REMOTE}.fetch`) ?? "";
  const branch = /^\+?refs\/heads\/([^*:]+):/.exec(refspec)?.[1];
  return { repository, ...(branch === undefined ? {} : { branch }) };
}

/** Whether init-repo has made the remote. */
function isLinked(settings: Settings): boolean {
  return settings.get(`remote.${TEMPLATE_REMOTE}.pushurl`) === NO_PUSH;
}

/** @throws {CommandError} if the owner uses the remote's name for another repository */
export function requireRemoteIsFree(settings: Settings, { repository }: TemplateAddress): void {
  const { repository: used } = templateRemoteOf(settings) ?? {};
  const pushed = settings.get(`remote.${TEMPLATE_REMOTE}.pushurl`);
  const isSame = used !== undefined && canonicalAddress(used) === canonicalAddress(repository);
  if (used === undefined || isLinked(settings) || (isSame && pushed === undefined)) return;
  throw new CommandError(
    `This repository already has a remote "${TEMPLATE_REMOTE}", which init-repo did not make: ${withoutCredentials(used)}`,
    `Give yours another name: git remote rename ${TEMPLATE_REMOTE} <name>\n` +
      `If nobody needs it: git remote remove ${TEMPLATE_REMOTE}`,
  );
}

/** @param repository the owner's repository; `undefined` if there is none yet */
export async function openScratchRepository(template: TemplateAddress, repository?: Git): Promise<ScratchRepository> {
  const { folder: directory, remove: close } = await makeTemporaryFolder("auth-provider-template-");
  try {
    const git = gitIn(directory);
    // The owner may have settings for a branch of the usual name.
    await git.run("-c", "init.defaultBranch=scratch", "init", "--quiet", "--template=");
    await appendFile(join(directory, ".git/config"), SCRATCH_SETTINGS);
    await mkdir(join(directory, ".git/info"), { recursive: true });
    await writeFile(join(directory, ".git/info/attributes"), SCRATCH_ATTRIBUTES);
    await writeFile(join(directory, ".git/info/sparse-checkout"), SCRATCH_FILES);
    if (repository !== undefined) await shareObjects(repository, directory);
    return { git, tip: await fetchTemplate(git, template), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function shareObjects(repository: Git, directory: string): Promise<void> {
  await writeFile(join(directory, ".git/objects/info/alternates"), `${await repository.path("objects")}\n`);
  await shareMissingObjects(repository, directory);
}

/** A partial clone (`git clone --filter`) fetches a missing object from its remote when somebody reads it. */
async function shareMissingObjects(repository: Git, directory: string): Promise<void> {
  const settings = await repository.settings();
  const isPromisor = /^remote\.(.+)\.(promisor|partialclonefilter)$/;
  const remotes = new Set(
    [...settings.keys()].map((name) => isPromisor.exec(name)?.[1]).filter((name) => name !== undefined),
  );
  if (remotes.size === 0) return;

  const shared = [...remotes].flatMap((name) =>
    ["url", "promisor", "partialclonefilter"].map((key) => `remote.${name}.${key}`),
  );
  const scratch = gitIn(directory);
  for (const name of shared.filter((each) => settings.has(each)))
    await scratch.run("config", name, settings.get(name) ?? "");
  await scratch.run("config", "core.repositoryFormatVersion", "1");
  await scratch.run("config", "extensions.partialClone", [...remotes][0] ?? "");
}

async function fetchTemplate(git: Git, { repository, branch }: TemplateAddress): Promise<string> {
  const refspec = `+refs/heads/${branch}:refs/heads/${TEMPLATE_REMOTE}`;
  const quietly = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"];
  // The owner's repository gets none of these tags.
  const tags = "+refs/tags/v*:refs/tags/v*";
  const { exitCode, stderr } = await git.attempt(["fetch", ...quietly, "--", repository, refspec, tags]);
  if (exitCode === 0) return git.run("rev-parse", `refs/heads/${TEMPLATE_REMOTE}`);

  const address = withoutCredentials(repository);
  if (stderr.includes("couldn't find remote ref")) {
    throw new CommandError(
      `The template ${address} has no branch "${branch}".`,
      "Name another branch: npm run init-repo -- --branch …",
    );
  }
  throw new CommandError(
    `The template ${address} could not be fetched:\n${printable(stderr.trim().split("\n")[0] ?? "")}`,
    `Check your network and the address.\n\n${TEMPLATE_ADVICE}`,
  );
}

/**
 * The newest commit of the template that the copy contains. The trailer in a commit message comes first, because it is all
 * that remains after a squashed pull request. Then comes the template's history as it was known before this fetch.
 *
 * @param findTrackedCommit finds the template's newest commit at the last fetch
 */
export async function findKnownCommit(
  git: Git,
  {
    owner,
    tip,
    own,
    findTrackedCommit,
  }: { owner: string; tip: string; own: OwnHistory; findTrackedCommit: () => Promise<string | undefined> },
): Promise<string | undefined> {
  const noted = await findNotedCommit(git, own);
  if (noted !== undefined) return noted;

  const tracked = await findTrackedCommit();
  const shared = tracked && (await readOutput(git, "merge-base", owner, tracked));
  return shared || readOutput(git, "merge-base", owner, tip);
}

/** The commit that the newest update names, unless the update was undone. */
async function findNotedCommit(git: Git, { commits, undone }: OwnHistory): Promise<string | undefined> {
  for (const { hash, message } of commits) {
    if (undone.some(({ update }) => update.hash === hash)) continue;
    const noted = readTemplateCommit(message);
    if (noted !== undefined && (await succeeds(git, "cat-file", "-e", `${noted}^{commit}`))) return noted;
  }
  return undefined;
}

export function findTrackedCommit(git: Git, branch: string): Promise<string | undefined> {
  return readOutput(git, "rev-parse", "--verify", "--quiet", `refs/remotes/${TEMPLATE_REMOTE}/${branch}`);
}

/** Copies fetched commits into the owner's repository, without a branch or other reference to them. */
export async function copyTemplateCommits(
  { git, tip }: ScratchRepository,
  repository: Git,
  commit = tip,
): Promise<void> {
  if (commit !== tip) await git.run("update-ref", `refs/heads/${TEMPLATE_REMOTE}`, commit);
  const quietly = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"];
  await repository.run("fetch", ...quietly, git.directory, `refs/heads/${TEMPLATE_REMOTE}`);
}

/**
 * Finds the template's commit that a copy was made from: one with an equal tree anywhere in the copy's history, otherwise the
 * most similar one.
 *
 * @param copies trees of the copy, newest first
 */
export async function findStartingPoint(git: Git, tip: string, copies: string[]): Promise<StartingPoint> {
  const templates = await listTrees(git, tip);
  const equal = findEqual(templates, copies);
  if (equal !== undefined) return { commit: equal, explanation: "its files are equal to those of your copy" };

  return findNearest(git, templates, copies);
}

/** Of several equal commits, the newest counts, because the copy contains everything before it. */
export function findEqual(templates: Tree[], copies: string[]): string | undefined {
  const commits = new Map(templates.toReversed().map(({ commit, tree }) => [tree, commit]));
  return copies.map((tree) => commits.get(tree)).find((commit) => commit !== undefined);
}

interface Tree {
  commit: string;
  tree: string;
}

/**
 * A commit and its ancestors, newest first.
 *
 * @param known leaves out this commit and its ancestors
 */
export async function listTrees(git: Git, commit: string, known?: string): Promise<Tree[]> {
  const without = known === undefined ? [] : ["--not", known];
  const lines = (await git.run("log", "--topo-order", "--format=%H %T", commit, ...without)).split("\n");
  return lines
    .filter((line) => line !== "")
    .map((line) => {
      const [hash = "", tree = ""] = line.split(" ");
      return { commit: hash, tree };
    });
}

async function findNearest(git: Git, templates: Tree[], copies: string[]): Promise<StartingPoint> {
  const [head = ""] = copies;
  const trees = templates.map(({ tree }) => tree);
  // First finds the template's commit that is most similar to the current files, and then the state of the copy that was most
  // similar to that commit, which is from before most of the owner's edits.
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
  return { commit: nearest.commit, explanation: await explainNearest(git, nearest, copy, ties.length) };
}

async function explainNearest(git: Git, { tree }: Tree, copy: string, ties: number): Promise<string> {
  const files = (await git.run("ls-tree", "-r", "--name-only", tree)).split("\n").length;
  const compared = await git.run("diff-tree", "-r", "--no-renames", "--name-only", "--diff-filter=MDT", tree, copy);
  const different = compared.split("\n").filter((path) => path !== "");
  if (1 - different.length / files < MIN_EQUAL_SHARE) {
    throw new CommandError(
      `This does not seem to be a copy of that template: even in its most similar commit, ${different.length} of ` +
        `${files} files differ.`,
      "Check the address. If you know the commit that your copy was made from: npm run init-repo -- --base <commit>",
    );
  }

  const named = different.slice(0, NAMED_FILES).map(printable).join(", ");
  const more = different.length > NAMED_FILES ? ", …" : "";
  const among = ties > 1 ? `; of ${ties} equally similar commits, it has the most similar lines or is the newest` : "";
  const summary = `${different.length} of its ${plural(files, "file")} differ (${named}${more})`;
  const yours = different.length === 0 ? "you have only added files" : summary;
  return `no commit has equal files, and this one is the most similar: ${yours}${among}`;
}

/** Counts the files that differ in each pair of trees. */
export async function countDifferences(git: Git, pairs: [string, string][]): Promise<number[]> {
  return (await compareTrees(git, pairs)).map(({ size }) => size);
}

async function countLines(git: Git, one: string, other: string): Promise<number> {
  const rows = (await git.run("diff-tree", "-r", "--no-renames", "--numstat", one, other)).split("\n");
  // For a binary file, git prints "-".
  const numbers = rows.flatMap((row) => row.split("\t").slice(0, 2)).map((text) => Number.parseInt(text, 10) || 0);
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** The indexes of the smallest number, in order. */
function smallest(numbers: number[]): number[] {
  const minimum = numbers.reduce((least, number) => Math.min(least, number), Infinity);
  return numbers.flatMap((number, index) => (number === minimum ? [index] : []));
}

/** `1234567 of 2025-01-31, "Subject"` */
export async function describeCommit(git: Git, commit: string): Promise<string> {
  return printable(await git.run("log", "--max-count=1", "--date=short", '--format=%h of %ad, "%s"', commit));
}

/** The template's changes that the copy does not have yet. */
export async function readTemplateChanges(
  git: Git,
  { base, owner, tip }: { base: string; owner: string; tip: string },
): Promise<TemplateChanges> {
  const [before = "", now = ""] = await readFilesAt(git, [`${base}:CHANGELOG.md`, `${tip}:CHANGELOG.md`]);
  const known = new Set(changelogEntries(before));
  const entries = changelogEntries(now).filter((entry) => !known.has(entry));
  const log = await git.run("log", "--no-merges", "--date=short", "--format=%h %ad %s", tip, "--not", owner);
  return {
    ownerTasks: entries.filter(isOwnerTask).map((entry) => entry.replace(OWNER_TASK, "")),
    changes: entries.filter((entry) => !isOwnerTask(entry)),
    commits: log
      .split("\n")
      .filter((line) => line !== "")
      .map(printable),
  };
}

const OWNER_TASK = /^\*\*Owners:\*\*\s*/;

function isOwnerTask(entry: string): boolean {
  return OWNER_TASK.test(entry);
}

/** The list items of a changelog, each on one line. */
export function changelogEntries(text: string): string[] {
  const items = text.replaceAll("\r\n", "\n").match(/^- .+(?:\n[ \t]+\S.*)*/gm) ?? [];
  return items.map((item) => printable(item.slice(2).replace(/\s*\n\s+/g, " ")));
}
