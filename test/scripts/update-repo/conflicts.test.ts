import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT } from "../../../scripts/files/project.ts";
import { initRepo } from "../../../scripts/init-repo.ts";
import {
  commitAll,
  configure,
  copyFolder,
  createWorld,
  editAsOwner,
  editLine,
  everyByte,
  everythingOf,
  GIT_ENVIRONMENT,
  git,
  makeCopy,
  type Release,
  read,
  succeeds,
  type Way,
  write,
} from "../../tools/repositories.ts";
import { bench, conflictsIn, decide, editIntoConflict, linkedCopy, stoppedCopy, update } from "./linked-copy.ts";

describe("a conflict", () => {
  test("says which files, what each side did, and how to go on; what is decided is committed and pushed", async () => {
    const { directory, origin } = await linkedCopy(editIntoConflict);
    const sent = await everyByte(origin);

    const stopped = await update(directory);

    expect(stopped.exitCode).toBe(1);
    expect(await conflictsIn(directory)).toEqual(["README.md", "docs/old-notes.md"]);
    expect(stopped.output).toContain("The merge will stop, because you have to resolve conflicts in 2 files");
    expect(stopped.output).toContain(
      "  README.md\n    you:       changed it (+2 −2 lines)\n    template:  changed it (+2 −2 lines)\n" +
        "  docs/old-notes.md\n    you:       changed it (+1 −1 lines)\n    template:  removed it",
    );
    expect(stopped.output).toContain("2. git add README.md\n  3. To remove the file: git rm docs/old-notes.md\n");
    expect(await everyByte(origin)).toEqual(sent);

    const early = await update(directory, ["--continue"]);
    expect([early.exitCode, early.output]).toEqual([
      1,
      expect.stringContaining("These conflicts are not resolved yet:\n\n  - README.md"),
    ]);
    await git(directory, "add", "README.md", "docs/old-notes.md");
    const marked = await update(directory, ["--continue"]);
    const places = "There are still conflict markers:\n\n  README.md:22\n  README.md:";
    expect([marked.exitCode, marked.output]).toEqual([1, expect.stringContaining(places)]);
    const again = await update(directory);
    expect([again.exitCode, again.output]).toEqual([1, expect.stringContaining("A merge is in progress")]);

    await write(directory, "README.md", "Decided.\n");
    await git(directory, "add", "README.md");
    await editLine(directory, "public/index.html", 2, "<p>Edited, too.</p>");
    const unadded = await update(directory, ["--continue"]);
    const changed = "These files are changed, but not added:\n\n  - public/index.html";
    expect([unadded.exitCode, unadded.output]).toEqual([1, expect.stringContaining(changed)]);
    await git(directory, "add", "public/index.html");
    expect(await everyByte(origin)).toEqual(sent);
    const done = await update(directory, ["--continue"]);

    expect([done.exitCode, done.output]).toEqual([0, expect.stringContaining("Pushed to origin (main)")]);
    expect(await read(directory, "README.md")).toBe("Decided.\n");
    const message = await git(directory, "log", "-1", "--format=%B");
    expect(message).toMatch(/^Update from the template\n\nTemplate-Commit: [0-9a-f]{40}$/);
    expect(await git(origin, "rev-parse", "main")).toBe(await git(directory, "rev-parse", "HEAD"));
    expect((await update(directory)).output).toContain("Nothing new");
  });

  test("--abort: back to exactly where the owner was, after any of it was touched", async () => {
    const { directory, origin } = await linkedCopy(editIntoConflict);
    await write(directory, "untracked.txt", "Mine.\n");
    await write(directory, "debug.log", "Ignored.\n");
    const before = await everythingOf(directory);
    const sent = await everyByte(origin);

    expect((await update(directory)).exitCode).toBe(1);
    expect(await conflictsIn(directory)).toHaveLength(2);
    const stopped = bench.path("stopped");
    copyFolder(directory, stopped);

    for (const touch of [
      async () => {},
      async () => {
        await editLine(directory, "README.md", 1, "Half decided.");
        await git(directory, "rm", "--quiet", "docs/old-notes.md");
      },
      async () => {
        await git(directory, "add", "README.md");
        await editLine(directory, "public/index.html", 2, "Edited while merging.");
        await rm(join(directory, "netlify/functions/token.ts"));
      },
    ]) {
      await rm(directory, { recursive: true });
      copyFolder(stopped, directory);
      await touch();

      const { exitCode, output } = await update(directory, ["--abort"]);

      expect([exitCode, output]).toEqual([0, "The update was undone."]);
      expect(await everythingOf(directory)).toEqual(before);
    }
    expect(await everyByte(origin)).toEqual(sent);
  });

  test("a file that the template renamed and both changed is told by both names; one that is no JSON is left to git", async () => {
    const { directory } = await linkedCopy(async (folder) => {
      await editLine(folder, "server/upstream/exchange.ts", 2, "// Mine");
      await write(folder, "services.json", "{ oops\n");
    });

    const { exitCode, output } = await update(directory);

    expect([exitCode, await conflictsIn(directory)]).toEqual([1, ["server/upstream/redeem.ts", "services.json"]]);
    expect(output).toContain("server/upstream/redeem.ts\n    you:       changed it (+1 −1 lines)");
    const renamed = "renamed it from server/upstream/exchange.ts to server/upstream/redeem.ts (+1 −1 lines)";
    expect(output).toContain(`template:  ${renamed}`);
  });
});

describe("--continue refuses a file with conflict markers, whatever git's settings are", () => {
  const MARKERS = ["<<<<<<< HEAD", "||||||| 1234567", "=======", ">>>>>>> update"];

  async function refusesMarkers(directory: string, lines: string[]): Promise<void> {
    const { exitCode, output } = await update(directory, ["--continue"]);
    const places = lines.map((_line, index) => `  README.md:${index + 2}\n`).join("");
    expect([exitCode, output]).toEqual([1, expect.stringContaining(`conflict markers:\n\n${places}`)]);
  }

  const SETTINGS = {
    "color.ui": "always",
    "color.diff": "always",
    "color.grep": "always",
    "column.ui": "always",
    "core.whitespace": "-trailing-space",
    "diff.external": "false",
    "diff.noprefix": "true",
    "grep.lineNumber": "false",
    "merge.conflictStyle": "diff3",
  };

  test("each kind of marker, alone and together", async () => {
    const { directory } = await stoppedCopy();
    await configure(join(directory, ".git/config"), SETTINGS);
    await decide(directory);
    for (const lines of [MARKERS, ...MARKERS.map((line) => [line])]) {
      await write(directory, "README.md", `Decided.\n${lines.join("\n")}\nMore.\n`);
      await git(directory, "add", "README.md");
      await refusesMarkers(directory, lines);
    }
    await write(directory, "README.md", "Decided.\n\nA heading\n=========\n");
    await git(directory, "add", "README.md");
    expect((await update(directory, ["--continue"])).exitCode).toBe(0);
  });

  test("markers of another size; not what a side had before", async () => {
    const { directory } = await linkedCopy(async (folder) => {
      await editIntoConflict(folder);
      await write(folder, ".gitattributes", "*.md conflict-marker-size=12\n");
      await editLine(folder, "README.md", 1, "=======");
      await editLine(folder, "README.md", 24, "<<<<<<< is how a conflict begins.");
    });
    await update(directory);
    const stopped = await read(directory, "README.md");
    await decide(directory);
    await write(directory, "README.md", `=======\n${"<".repeat(12)} HEAD\n`);
    await git(directory, "add", "README.md");
    await refusesMarkers(directory, ["one"]);
    await write(directory, "README.md", stopped.replace(/^(<{7} HEAD|={7}|>{7} .*)\n/gm, ""));
    await editLine(directory, "README.md", 1, "=======");
    await git(directory, "add", "README.md");
    expect(await read(directory, "README.md")).toContain("<<<<<<< is how");
    expect((await update(directory, ["--continue"])).exitCode).toBe(0);
  });

  test("markers that were committed by hand", async () => {
    const { directory } = await stoppedCopy();
    await git(directory, "add", "--all");
    await git(directory, "commit", "--quiet", "--no-edit");
    const { exitCode, output } = await update(directory, ["--continue"]);
    expect([exitCode, output]).toEqual([
      1,
      expect.stringContaining("was committed with conflict markers:\n\n  README.md:"),
    ]);
    expect(output).toContain("git commit --amend");
    await decide(directory);
    await git(directory, "commit", "--quiet", "--amend", "--no-edit");
    expect((await update(directory, ["--continue"])).output).toContain("The update is already committed.");
  });
});

test("an update has the same result and report under any settings of git", async () => {
  const plain = await linkedCopy(editIntoConflict);
  const other = await linkedCopy(editIntoConflict);
  const settings = {
    "color.ui": "always",
    "core.quotePath": "true",
    "diff.renames": "false",
    "diff.mnemonicPrefix": "true",
    "log.showSignature": "true",
    "log.decorate": "full",
    "grep.patternType": "fixed",
    "i18n.logOutputEncoding": "ISO-8859-1",
    "merge.conflictStyle": "diff3",
    "merge.ff": "only",
    "merge.log": "true",
    "merge.renames": "false",
    "merge.directoryRenames": "true",
    "rerere.enabled": "true",
    "status.branch": "true",
    "branch.main.mergeOptions": "--squash",
    "pull.rebase": "true",
    "fetch.prune": "true",
    "column.ui": "always",
  };
  const configuration = bench.path("gitconfig");
  for (const file of [configuration, join(other.directory, ".git/config")]) await configure(file, settings);

  const expected = await update(plain.directory);
  Object.assign(process.env, {
    GIT_CONFIG_GLOBAL: configuration,
    GIT_LITERAL_PATHSPECS: "1",
    GIT_EXTERNAL_DIFF: "false",
    LANG: "de_DE.UTF-8",
    LANGUAGE: "de",
  });
  const found = await update(other.directory);
  Object.assign(process.env, GIT_ENVIRONMENT);
  for (const name of ["GIT_LITERAL_PATHSPECS", "GIT_EXTERNAL_DIFF", "LANG", "LANGUAGE"]) delete process.env[name];

  expect(found).toEqual(expected);
  expect(await read(other.directory, "README.md")).toBe(await read(plain.directory, "README.md"));
  expect(await git(other.directory, "ls-files", "--stage")).toBe(await git(plain.directory, "ls-files", "--stage"));
});

describe("compared with git merge --allow-unrelated-histories", () => {
  const releases: Release[] = ["1.1.0", "1.2.0"];
  const scenarios: [name: string, way: Way, number: number, edit: (directory: string) => Promise<void>][] = [
    ['"Use this template" at 1.0.0, no edits', "Use this template", 8, async () => {}],
    ['"Use this template" at 1.0.0, usual edits', "Use this template", 8, editAsOwner],
    ['"Use this template" between releases, usual edits', "Use this template", 11, editAsOwner],
    ["`degit` at the first commit, usual edits before the first commit", "degit", 1, editAsOwner],
    ["fork at 1.0.0, usual edits", "fork", 8, editAsOwner],
    [
      '"Use this template" at 1.0.0, the same lines edited as in the template',
      "Use this template",
      8,
      editIntoConflict,
    ],
  ];
  const rows: string[] = [];

  test.each(scenarios)("%s", async (name, way, number, edit) => {
    const template = await bench.template("2.0.0");
    const copy = await makeCopy(bench, template, way, number);
    await edit(copy.directory);
    const naive = bench.path("naive");
    copyFolder(copy.directory, naive);
    const world = createWorld(copy.directory);
    if (way !== "degit") await commitAll(copy.directory, "Edits").catch(() => {});
    expect(await initRepo(["--template", template.directory, "--yes"], world)).toBe(0);
    await git(naive, "init", "--quiet", "--initial-branch=main");
    await commitAll(naive, "Edits").catch(() => {});
    // Makes the objects available without a fetch.
    const objects = [template.directory, join(copy.directory, ".git")].map((folder) => join(folder, "objects"));
    await write(naive, ".git/objects/info/alternates", `${objects.join("\n")}\n`);

    const counts: [naive: number, ours: number][] = [];
    for (const release of releases) {
      await template.release(release);
      await update(copy.directory, ["--no-push"]);
      const ours = await conflictsIn(copy.directory);
      await resolve(copy.directory, ours);
      const tip = (await read(template.directory, "refs/heads/main")).trim();
      await succeeds(naive, "merge", "--allow-unrelated-histories", "--no-edit", tip);
      const conflicts = await conflictsIn(naive);
      counts.push([conflicts.length, ours.length]);
      // The naive owner resolves the conflicts correctly, so that both copies have the same files at the next release.
      if (conflicts.length > 0) {
        await git(naive, "read-tree", "--reset", "-u", (await read(copy.directory, ".git/refs/heads/main")).trim());
        await git(naive, "commit", "--quiet", "--message", "Resolved");
      }
    }
    const columns = counts.map(([them, us]) => `${them} → ${us}`);
    const [them, us] = [0, 1].map((side) => counts.reduce((sum, pair) => sum + (pair[side] ?? 0), 0));
    rows.push(`| ${name} | ${columns.join(" | ")} | **${them} → ${us}** |`);
    expect(us).toBe(edit === editIntoConflict ? 2 : 0);
  });

  async function resolve(directory: string, conflicts: string[]): Promise<void> {
    if (conflicts.length === 0) return;
    await git(directory, "checkout", "--quiet", "--ours", "--", ...conflicts);
    await git(directory, "add", "--", ...conflicts);
    expect((await update(directory, ["--continue", "--no-push"])).exitCode).toBe(0);
  }

  test("the table in docs/updating.md is what was measured", async () => {
    const page = await read(PROJECT, "docs/updating.md");
    const table = page.match(/^\| .* → .*\|$/gm);
    expect(table).toEqual(rows);
  });
});
