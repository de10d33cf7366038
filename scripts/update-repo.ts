import { existsSync, lstatSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  conclude,
  count,
  indent,
  isStarted,
  printable,
  readArguments,
  realWorld,
  Refusal,
  type World,
} from "./tools/console.ts";
import {
  answersWithoutCredentials,
  ask,
  canonicalAddress,
  findOperation,
  findRepository,
  findUpstream,
  type Git,
  isAncestor,
  list,
  readFileAt,
  refuseToPublishSecrets,
  refuseUnlessClean,
  refuseUnlessSettled,
  succeeds,
  TEMPLATE_REMOTE,
  type Upstream,
} from "./tools/git.ts";
import { mergeJson, NotMergeable } from "./tools/merge-json.ts";
import {
  deliver,
  findKnownCommit,
  findTracked,
  type News,
  openWorkshop,
  readNews,
  readTemplateRemote,
  type TemplateAddress,
  TRAILER,
  type Workshop,
} from "./tools/template.ts";

/**
 * `npm run update-repo`: brings what is new in the template. The merge is tried out in a throw-away repository first,
 * so that it is known how it will end before a file of the owner is touched.
 */

const HELP = `npm run update-repo [-- options]

Fetches the template, shows what is new, merges it into your copy, installs and checks, and pushes to your own
repository.

  --dry-run            show what is new and how the merge would end, and change nothing
  --test               run the tests before pushing
  --no-push            leave the pushing to you
  --yes                ask no question
  --continue           go on after a conflict that you have resolved
  --abort              go back to exactly where you were before the update
  --pristine <folder>  put a fresh copy of the template into a folder, for comparison
  --help               show this text`;

/** Every owner changes these, so they are merged by key instead of by line. */
const MERGED_BY_KEY = ["services.json", "secret.json", "package.json"];
const LOCK = "package-lock.json";

/** Where the branch was before the update that is going on, or that has not been pushed yet. */
const BEFORE = "refs/update-repo/before";

const SHOWN_COMMITS = 15;
const DRY_RUN = "\nThis was a dry run: nothing was changed.\nNext: npm run update-repo";

interface Options {
  "dry-run": boolean;
  test: boolean;
  "no-push": boolean;
  yes: boolean;
  continue: boolean;
  abort: boolean;
  pristine?: string;
  help: boolean;
}

interface Update {
  /** The newest commit of the template that the copy has. */
  base: string;
  owner: string;
  tip: string;
}

interface MergeResult {
  conflicts: string[];
  /** Values of the owner that won over changes of the template. */
  kept: string[];
}

export function updateRepo(args: string[], world: World): Promise<number> {
  return conclude(world, async () => {
    const options = readOptions(args);
    if (options.help) return say(world, HELP);

    const git = await openRepository(world);
    if (options.abort) return abort(git, world);
    if (options.pristine !== undefined) return layOutPristineCopy(git, options.pristine, world);
    if (options.continue) return goOn(git, options, world);

    const template = await refuseUnlessReady(git, world);
    world.print(`Fetching the template (branch ${template.branch}) …`);
    const workshop = await openWorkshop(template, git);
    try {
      const update = await findUpdate(git, workshop, template);
      if (update.base === update.tip) return say(world, `Nothing new: your copy has everything of the template.`);

      showNews(await readNews(workshop.git, update), world);
      const rehearsal = await rehearse(workshop, update);
      showRehearsal(rehearsal, world);
      await refuseToOverwrite(git, workshop.git);
      if (options["dry-run"]) return say(world, DRY_RUN);

      if (!(await consents(git, options, world))) throw new Refusal("Not updated.", "Start again when you like.");
      return await carryOut(git, workshop, update, options, world);
    } finally {
      await workshop.close();
    }
  });
}

function readOptions(args: string[]): Options {
  return readArguments(
    () =>
      parseArgs({
        args,
        options: {
          "dry-run": { type: "boolean", default: false },
          test: { type: "boolean", default: false },
          "no-push": { type: "boolean", default: false },
          yes: { type: "boolean", default: false },
          continue: { type: "boolean", default: false },
          abort: { type: "boolean", default: false },
          pristine: { type: "string" },
          help: { type: "boolean", default: false },
        },
      }),
    "update-repo",
  );
}

async function openRepository({ directory }: World): Promise<Git> {
  const git = await findRepository(directory);
  if (git !== undefined && (await succeeds(git, "rev-parse", "--verify", "--quiet", "HEAD"))) return git;
  throw new Refusal("This folder is not a git repository with a commit.", "First: npm run init-repo");
}

async function refuseUnlessReady(git: Git, world: World): Promise<TemplateAddress> {
  await refuseUnlessSettled(git);
  await refuseUnlessClean(git);
  await refuseToPublishSecrets(git, world.isPubliclyReadable);
  return requireTemplate(git);
}

async function requireTemplate(git: Git): Promise<TemplateAddress> {
  const { repository, branch } = (await readTemplateRemote(git)) ?? {};
  if (repository !== undefined && branch !== undefined) return { repository, branch };
  throw new Refusal(
    `This clone of your repository has no remote "${TEMPLATE_REMOTE}" to update from.`,
    "Link it (once per clone, changes no file): npm run init-repo",
  );
}

/** Refuses where a merge would not be a three-way merge. */
async function findUpdate(repository: Git, { git, tip }: Workshop, { branch }: TemplateAddress): Promise<Update> {
  const owner = await repository.run("rev-parse", "HEAD");
  const known = await findKnownCommit(git, { owner, tip, tracked: await findTracked(repository, branch) });
  if (known === undefined) {
    throw new Refusal("Your copy and the template have no history in common.", "Join them first: npm run init-repo");
  }
  if (!(await isAncestor(git, known, tip))) {
    throw new Refusal(
      `The template's history was rewritten: your copy has its commit ${known.slice(0, 7)}, which is no longer there.`,
      "Ask at the template why. If all is well, this finds the same state in its new history: npm run init-repo",
    );
  }
  if (!(await isAncestor(git, known, owner))) {
    throw new Refusal(
      `An earlier update to ${known.slice(0, 7)} was squashed, so its history is lost.`,
      "Join it again: npm run init-repo (and merge pull requests with updates by \"Create a merge commit\")",
    );
  }
  return { base: await git.run("merge-base", owner, tip), owner, tip };
}

function showNews({ duties, changes, commits }: News, world: World): void {
  if (duties.length > 0) world.print(`\nFor you to do first:\n\n${bullets(duties)}`);
  if (changes.length > 0) world.print(`\nWhat is new:\n\n${bullets(changes)}`);
  const more = commits.length > SHOWN_COMMITS ? `\n  and ${commits.length - SHOWN_COMMITS} more` : "";
  const shown = indent(commits.slice(0, SHOWN_COMMITS).join("\n"));
  world.print(`\n${count(commits.length, "commit")} of the template:\n\n${shown}${more}`);
}

function bullets(lines: string[]): string {
  return lines.map((line) => `  - ${line}`).join("\n");
}

/** The same merge as later in the owner's repository, tried out where nothing can be lost. */
async function rehearse({ git }: Workshop, update: Update): Promise<MergeResult> {
  await git.run("reset", "--quiet", "--hard", update.owner);
  const result = await merge(git, update);
  await git.run("add", "--all");
  return result;
}

function showRehearsal({ conflicts, kept }: MergeResult, world: World): void {
  if (kept.length > 0) world.print(`\nYour values stay where the template changed them, too:\n\n${bullets(kept)}`);
  if (conflicts.length === 0) return world.print("\nThe merge has no conflicts.");
  const files = count(conflicts.length, "file");
  world.print(`\nThe merge will stop for you to decide in ${files}:\n\n${bullets(conflicts)}`);
}

/** git would refuse for untracked files, but overwrite ignored ones without a word. */
async function refuseToOverwrite(repository: Git, rehearsed: Git): Promise<void> {
  const onlyAdded = ["--cached", "--name-only", "--no-renames", "--diff-filter=A", "-z"];
  const added = await list(rehearsed, "diff", ...onlyAdded, "HEAD");
  const ignoresCase = (await ask(repository, "config", "--type=bool", "core.ignorecase")) === "true";
  const fold = (path: string): string => (ignoresCase ? path.toLowerCase() : path);
  const tracked = new Set((await list(repository, "ls-files", "-z")).map(fold));
  const inTheWay = added.filter((path) => !tracked.has(fold(path)) && isInTheWay(repository.directory, path));
  if (inTheWay.length === 0) return;
  throw new Refusal(
    `The template brings files that are in your folder already, but not in your repository:\n\n${bullets(inTheWay)}\n`,
    "Move them away, or commit them if they belong to your copy.",
  );
}

/** Something is at the path, or a file is where one of its folders must be. */
function isInTheWay(directory: string, path: string): boolean {
  const parts = path.split("/");
  for (const index of parts.keys()) {
    const found = lstatSync(join(directory, ...parts.slice(0, index + 1)), { throwIfNoEntry: false });
    if (found === undefined) return false;
    if (!found.isDirectory()) return true;
  }
  return true;
}

async function consents(git: Git, options: Options, world: World): Promise<boolean> {
  if (options.yes) return true;

  const { upstream } = options["no-push"] ? {} : await findPushTarget(git);
  const pushing = upstream === undefined ? "" : `, and push your branch to ${nameOf(upstream)}`;
  return world.confirm(`\nMerge this into your copy${pushing}?`);
}

async function carryOut(
  git: Git,
  workshop: Workshop,
  update: Update,
  options: Options,
  world: World,
): Promise<number> {
  world.print("\nMerging …");
  await deliver(workshop, git);
  await git.run("update-ref", BEFORE, update.owner);
  try {
    const { conflicts } = await merge(git, update);
    if (conflicts.length > 0) return await explainConflicts(git, conflicts, update, world);
    await install(git, world);
    await commit(git);
  } catch (error) {
    await restore(git);
    throw new Refusal("The update could not be finished:", error instanceof Error ? error.message : String(error));
  }
  return checkAndPush(git, options, world);
}

/** Leaves a merge that is not committed yet. */
async function merge(git: Git, { base, owner, tip }: Update): Promise<MergeResult> {
  const message = `Update from the template\n\n${TRAILER}: ${tip}`;
  const { stderr, stdout } = await git.attempt(["merge", "--quiet", "--no-ff", "--no-commit", "-m", message, tip]);
  if ((await findOperation(git)) !== "merge") throw new Error(`${stdout}${stderr}`);

  const twice = await findChangedTwice(git, { base, owner, tip });
  const kept: string[] = [];
  for (const path of MERGED_BY_KEY.filter((name) => twice.has(name))) {
    kept.push(...(await mergeByKey(git, path, { base, owner, tip })));
  }
  if (twice.has(LOCK)) await takeLock(git, { base, owner, tip });
  return { conflicts: await findConflicts(git), kept };
}

/** The files with rules of their own that both sides changed. */
async function findChangedTwice(git: Git, { base, owner, tip }: Update): Promise<Set<string>> {
  const changedBy = (side: string): Promise<string[]> =>
    list(git, "diff-tree", "--name-only", "-z", base, side, "--", ...MERGED_BY_KEY, LOCK);
  const [yours, theirs] = [await changedBy(owner), await changedBy(tip)];
  return new Set(yours.filter((path) => theirs.includes(path)));
}

/** Also where git found no conflict: two changes on neighbouring lines can make wrong JSON without one. */
async function mergeByKey(git: Git, path: string, { base, owner, tip }: Update): Promise<string[]> {
  const [before, ours, theirs] = await Promise.all([base, owner, tip].map((commit) => readFileAt(git, commit, path)));
  if (ours === undefined || theirs === undefined) return [];

  try {
    const { text, kept } = mergeJson({ base: before, ours, theirs });
    await writeFile(join(git.directory, path), text);
    await git.run("add", "--", path);
    return kept.map(({ key, reason }) => `${path}: ${printable(key)} (${reason})`);
  } catch (error) {
    // Then git's merge by line stands, with its conflicts.
    if (error instanceof NotMergeable) return [];
    throw error;
  }
}

/** npm computes the lock file anew from the merged package.json, so one side's state is enough to start from. */
async function takeLock(git: Git, { owner, tip }: Update): Promise<void> {
  if ((await readFileAt(git, tip, LOCK)) === undefined) return;
  const isRemoved = (await readFileAt(git, owner, LOCK)) === undefined;
  await (isRemoved ? git.run("rm", "--quiet", "--force", "--", LOCK) : git.run("checkout", "--quiet", tip, "--", LOCK));
}

async function findConflicts(git: Git): Promise<string[]> {
  const unmerged = await list(git, "ls-files", "--unmerged", "-z");
  return [...new Set(unmerged.map((entry) => entry.slice(entry.indexOf("\t") + 1)))];
}

async function explainConflicts(git: Git, conflicts: string[], update: Update, world: World): Promise<number> {
  const sides = await readSides(git, update);
  const lines = await Promise.all(
    conflicts.map(async (path) => {
      const you = await describeChange(git, sides, "yours", path);
      const template = await describeChange(git, sides, "template", path);
      return `  ${printable(path)}\n    you:       ${you}\n    template:  ${template}`;
    }),
  );
  world.print(`
${count(conflicts.length, "file")} must be decided by you; everything else is merged:

${lines.join("\n")}

To go on:
  1. In each of these files, make of the parts between <<<<<<< and >>>>>>> what is right.
     Where one side removed the file: let it go (git rm <file>), or keep it.
  2. git add ${conflicts.map(quoted).join(" ")}
  3. npm run update-repo -- --continue

To go back to exactly where you were:
  npm run update-repo -- --abort        (should npm not work just now: git merge --abort)`);
  return 1;
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

interface Side {
  commit: string;
  changes: Change[];
}

interface Change {
  /** git's letter: A, D, M, R, T. */
  kind: string;
  from: string;
  to: string;
}

type Sides = Record<"yours" | "template", Side> & { base: string };

async function readSides(git: Git, { base, owner, tip }: Update): Promise<Sides> {
  return {
    base,
    yours: { commit: owner, changes: await readChanges(git, base, owner) },
    template: { commit: tip, changes: await readChanges(git, base, tip) },
  };
}

async function readChanges(git: Git, from: string, to: string): Promise<Change[]> {
  const fields = await list(git, "diff", "--name-status", "--find-renames", "-z", from, to);
  const changes: Change[] = [];
  while (fields.length > 0) {
    const [kind = "", path = ""] = fields.splice(0, 2);
    // Only renames and copies name two files.
    const target = /^[RC]/.test(kind) ? (fields.shift() ?? path) : path;
    changes.push({ kind: kind.charAt(0), from: path, to: target });
  }
  return changes;
}

/** What one side did to a file, whatever the two sides call it now. */
async function describeChange(git: Git, sides: Sides, side: "yours" | "template", path: string): Promise<string> {
  const renames = [...sides.yours.changes, ...sides.template.changes].filter(({ kind }) => kind === "R");
  const original = renames.find(({ to }) => to === path)?.from ?? path;
  const { changes, commit } = sides[side];
  const change = changes.find(({ from, to }) => from === original || to === path);
  if (change === undefined) return "left it as it was";
  if (change.kind === "D") return "removed it";

  const stat = await git.run("diff", "--numstat", "--find-renames", sides.base, commit, "--", change.from, change.to);
  const [added = "0", removed = "0"] = stat.split("\t");
  const lines = `+${added} −${removed} lines`;
  if (change.kind === "A") return `added it (${lines})`;
  return change.kind === "R" ? `renamed it from ${change.from} to ${change.to} (${lines})` : `changed it (${lines})`;
}

async function goOn(git: Git, options: Options, world: World): Promise<number> {
  if (!(await isStopped(git))) {
    throw new Refusal("No update is waiting to be continued.", "Start one: npm run update-repo");
  }
  await refuseUnlessDecided(git);
  await refuseToPublishSecrets(git, world.isPubliclyReadable);
  try {
    await install(git, world);
    await commit(git);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`The update still waits:\n${reason}`, "Then: npm run update-repo -- --continue (or --abort)");
  }
  return checkAndPush(git, options, world);
}

/** Whether the merge that is in progress is one of this script. */
async function isStopped(git: Git): Promise<boolean> {
  const head = await git.run("rev-parse", "HEAD");
  return (await findOperation(git)) === "merge" && (await findBefore(git)) === head;
}

function findBefore(git: Git): Promise<string | undefined> {
  return ask(git, "rev-parse", "--verify", "--quiet", BEFORE);
}

async function refuseUnlessDecided(git: Git): Promise<void> {
  const undecided = await findConflicts(git);
  if (undecided.length > 0) {
    throw new Refusal(
      `Not decided yet:\n\n${bullets(undecided)}\n`,
      `When they are: git add ${undecided.map(quoted).join(" ")}`,
    );
  }
  const marked = await findMarkers(git);
  if (marked.length > 0) {
    const places = indent(marked.join("\n"));
    throw new Refusal(`Conflict markers were left:\n\n${places}\n`, "Remove them, and git add the file again.");
  }
  // npm may have written the lock file in an attempt before this one.
  const changed = (await list(git, "diff", "--name-only", "-z")).filter((path) => path !== LOCK);
  if (changed.length === 0) return;
  throw new Refusal(
    `Changed, but not added:\n\n${bullets(changed)}\n`,
    `Add them: git add ${changed.map(quoted).join(" ")}`,
  );
}

/** `=======` alone may as well underline a heading, so only the marks that carry a name count. */
async function findMarkers(git: Git): Promise<string[]> {
  const { stdout: checked } = await git.attempt(["diff", "--cached", "--check", "HEAD"]);
  const places = [...checked.matchAll(/^(.+:\d+): leftover conflict marker/gm)].map(([, place = ""]) => place);
  if (places.length === 0) return [];

  const { stdout: named } = await git.attempt(["grep", "--cached", "--line-number", "-E", "^(<<<<<<<|>>>>>>>) "]);
  return places.filter((place) => `\n${named}`.includes(`\n${place}:`));
}

async function install(git: Git, world: World): Promise<void> {
  if (await succeeds(git, "diff", "--cached", "--quiet", "HEAD", "--", LOCK)) return;
  world.print("The lock file changed: npm install …");
  if (!(await world.npm("install", "--no-audit", "--no-fund"))) throw new Error("npm install failed.");
  await git.run("add", "--update", "--", LOCK);
}

async function commit(git: Git): Promise<void> {
  // After a conflict, git noted the files in the message as comments.
  await git.run("commit", "--quiet", "--no-edit", "--cleanup=strip");
  const { branch } = await requireTemplate(git);
  await git.run("update-ref", `refs/remotes/${TEMPLATE_REMOTE}/${branch}`, "HEAD^2");
}

async function abort(git: Git, world: World): Promise<number> {
  if (await isStopped(git)) {
    await restore(git);
    return say(world, "You are where you were before the update.");
  }

  const before = await findBefore(git);
  const first = await ask(git, "rev-parse", "--verify", "--quiet", "HEAD^1");
  const isUpdate = await succeeds(git, "rev-parse", "--verify", "--quiet", "HEAD^2");
  if (before === undefined || before !== first || !isUpdate) {
    throw new Refusal("There is no update to take back.", "To look at what you did last: git log");
  }
  return takeBack(git, before, world);
}

/** Takes back an update that was committed, but not pushed. */
async function takeBack(git: Git, before: string, world: World): Promise<number> {
  if ((await ask(git, "branch", "--remotes", "--contains", "HEAD")) !== undefined) {
    throw new Refusal("The update was pushed already.", "Undo it by a new commit: git revert --mainline 1 HEAD");
  }
  await refuseUnlessClean(git);
  const lockChanged = !(await succeeds(git, "diff", "--quiet", before, "HEAD", "--", LOCK));
  await git.run("reset", "--quiet", "--keep", before);
  await git.run("update-ref", "-d", BEFORE);
  return say(world, `You are where you were before the update.${lockChanged ? "\nNext: npm install" : ""}`);
}

/** Back to the commit, the index and the files before the merge. */
async function restore(git: Git): Promise<void> {
  if ((await findOperation(git)) === "merge") {
    // git keeps files that were edited after the merge wrote them, and gives up; here they are a part of the merge.
    const merged = new Set(await list(git, "diff", "--cached", "--name-only", "--no-renames", "-z", "HEAD"));
    const edited = (await list(git, "diff", "--name-only", "-z")).filter((path) => merged.has(path));
    if (edited.length > 0) await git.run("add", "--", ...edited);
    await git.run("merge", "--abort");
  }
  await git.run("update-ref", "-d", BEFORE);
}

async function checkAndPush(git: Git, options: Options, world: World): Promise<number> {
  world.print("Merged.");
  if ((await hasScript(git, "doctor")) && !(await world.npm("run", "doctor"))) {
    return stop("doctor found something, so nothing was pushed.", world);
  }
  if (options.test && !(await world.npm("test"))) return stop("The tests failed, so nothing was pushed.", world);
  if (options["no-push"]) return say(world, "\nNext: git push   (or take it back: npm run update-repo -- --abort)");
  return push(git, world);
}

async function hasScript(git: Git, name: string): Promise<boolean> {
  const { scripts } = JSON.parse((await readFileAt(git, "HEAD", "package.json")) ?? "{}") as { scripts?: object };
  return Object.hasOwn(scripts ?? {}, name);
}

function stop(reason: string, world: World): number {
  world.print(`
${reason} The update is merged on this computer.

To go on:   put it right, then: git push
To go back: npm run update-repo -- --abort`);
  return 1;
}

async function push(git: Git, world: World): Promise<number> {
  const { upstream, reason } = await findPushTarget(git);
  if (upstream === undefined) return say(world, `\nNot pushed: ${reason}`);

  world.print(`Pushing to ${nameOf(upstream)} …`);
  const { exitCode, stderr } = await git.attempt([
    ...["-c", "push.followTags=false", "push", "--quiet", upstream.remote, `HEAD:${upstream.ref}`],
  ]);
  if (exitCode !== 0) {
    world.print(indent(printable(stderr.trim().replaceAll("\n", " "))));
    return stop("It could not be pushed. If others pushed meanwhile: git pull --no-rebase, first.", world);
  }
  await git.run("update-ref", "-d", BEFORE);
  return say(world, `Pushed to ${nameOf(upstream)}. Done.`);
}

function nameOf({ remote, ref }: Upstream): string {
  return `${remote} (${ref.replace("refs/heads/", "")})`;
}

/** The branch's own upstream, unless that is the template. */
async function findPushTarget(git: Git): Promise<{ upstream?: Upstream; reason: string }> {
  const upstream = await findUpstream(git);
  const branch = await git.run("symbolic-ref", "--short", "HEAD");
  if (upstream === undefined) {
    return { reason: `the branch ${branch} has no upstream. Give it one: git push --set-upstream origin ${branch}` };
  }
  const template = (await readTemplateRemote(git))?.repository ?? "";
  const addresses = (await git.run("remote", "get-url", "--push", "--all", upstream.remote)).split("\n");
  if (upstream.remote === TEMPLATE_REMOTE || addresses.map(canonicalAddress).includes(canonicalAddress(template))) {
    return {
      reason:
        `the upstream of ${branch} is the template itself. ` +
        `Point it to a repository of your own: git remote set-url ${upstream.remote} <address>`,
    };
  }
  return { upstream, reason: "" };
}

async function layOutPristineCopy(git: Git, folder: string, world: World): Promise<number> {
  const { repository, branch } = await requireTemplate(git);
  const target = resolve(git.directory, folder);
  if (existsSync(target)) throw new Refusal(`${target} is there already.`, "Name a folder that is not.");
  try {
    await world.copyRepository(`${repository.replace(/\.git$/, "")}#${branch}`, target);
  } catch (error) {
    throw new Refusal(
      `The template could not be copied: ${error instanceof Error ? error.message : String(error)}`,
      `git can do it, too: git worktree add --detach ${quoted(folder)} ${TEMPLATE_REMOTE}/${branch}`,
    );
  }
  const compare = `git diff --no-index --stat ${quoted(folder)} .`;
  return say(world, `${target} is the template as it is now. To compare: ${compare}`);
}

function say(world: World, text: string): number {
  world.print(text);
  return 0;
}

if (isStarted(import.meta.url)) {
  process.exitCode = await updateRepo(process.argv.slice(2), realWorld(answersWithoutCredentials));
}
