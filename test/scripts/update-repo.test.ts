import { execFile } from "node:child_process";
import { chmod, cp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { initRepo } from "../../scripts/init-repo.ts";
import type { World } from "../../scripts/tools/console.ts";
import { PROJECT } from "../../scripts/tools/project.ts";
import { visibilityByGit } from "../../scripts/tools/public-repository.ts";
import { changelogEntries } from "../../scripts/tools/template.ts";
import { updateRepo } from "../../scripts/update-repo.ts";
import { startLocalServer } from "../tools/local-server.ts";
import {
  type Bench,
  commitAll,
  type Copy,
  createWorld,
  degitFrom,
  editAsOwner,
  editJson,
  editLine,
  everyByte,
  everythingOf,
  git,
  GIT_ENVIRONMENT,
  makeCopy,
  openBench,
  read,
  type Release,
  RELEASES,
  rewriteHistory,
  succeeds,
  type Template,
  type TestWorld,
  type Way,
  write,
} from "../tools/repositories.ts";

const run = promisify(execFile);
Object.assign(process.env, GIT_ENVIRONMENT);

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});

interface Linked extends Copy {
  template: Template;
}

/** A copy of release 1.0.0 that was edited, linked and pushed, while the template went on. */
async function linkedCopy(
  edit = editAsOwner,
  { way = "Use this template" as Way, now = "2.0.0" as Release } = {},
): Promise<Linked> {
  // By the source of the edit. Made once and then copied: most of the time goes into starting git.
  const existing = linked.get(`${way} ${edit}`) ?? (await linkCopy(edit, way));
  linked.set(`${way} ${edit}`, existing);
  const [directory, origin, folder] = [bench.path("copy"), bench.path("origin.git"), bench.path("template.git")];
  await cp(existing.directory, directory, { recursive: true });
  await cp(existing.origin, origin, { recursive: true });
  await cp(existing.template.directory, folder, { recursive: true });
  const configuration = (await read(directory, ".git/config")).replaceAll(existing.origin, origin);
  await write(directory, ".git/config", configuration.replaceAll(existing.template.directory, folder));
  await git(directory, "status");

  const template = bench.open(folder);
  await template.release(now);
  return { directory, origin, template };
}

const linked = new Map<string, Linked>();

async function linkCopy(edit: (directory: string) => Promise<void>, way: Way): Promise<Linked> {
  const template = await bench.template("1.0.0");
  const copy = await makeCopy(bench, template, way, RELEASES["1.0.0"]);
  await edit(copy.directory);
  await commitAll(copy.directory, "My settings");
  expect(await initRepo(["--template", template.directory], createWorld(copy.directory))).toBe(0);
  if (way !== "clone") await git(copy.directory, "push", "--quiet");
  return { ...copy, template };
}

async function update(directory: string, args: string[] = [], changes: Parameters<typeof createWorld>[1] = {}) {
  const world = createWorld(directory, changes);
  const exitCode = await updateRepo(["--yes", ...args], world);
  return { exitCode, output: world.output(), npmCalls: world.npmCalls };
}

const conflictsIn = async (directory: string): Promise<string[]> => {
  const names = await git(directory, "diff", "--name-only", "--diff-filter=U");
  return names.split("\n").filter((name) => name !== "");
};

/** Both sides change the same line of one file, and one side removes what the other changes. */
async function editIntoConflict(directory: string): Promise<void> {
  await editAsOwner(directory);
  await editLine(directory, "README.md", 22, "The owner's section.");
  await editLine(directory, "docs/old-notes.md", 3, "Still needed.");
}

function addDoctor(directory: string): Promise<void> {
  return editJson(directory, "package.json", ["scripts", "doctor"], "node doctor.ts");
}

describe("an update", () => {
  test("brings everything of the template, keeps everything of the owner, and pushes to the owner", async () => {
    const { directory, origin, template } = await linkedCopy();
    const before = await git(directory, "rev-parse", "HEAD");
    const templateBefore = await everyByte(template.directory);

    const { exitCode, output, npmCalls } = await update(directory);

    expect(exitCode).toBe(0);
    expect(await git(directory, "status", "--porcelain")).toBe("");
    expect(await git(directory, "rev-parse", "HEAD^1", "HEAD^2")).toBe(`${before}\n${template.commits.at(-1)}`);
    expect(JSON.parse(await read(directory, "services.json"))).toEqual({
      Github: { client_id: "Iv1.mine" },
      Google: { client_id: "YOUR_ID" },
      Dropbox: { client_id: "YOUR_ID" },
      Gitlab: { client_id: "YOUR_ID" },
      Own: { client_id: "own", token_endpoint: "https://own.example/token" },
    });
    expect(JSON.parse(await read(directory, "package.json"))).toMatchObject({
      name: "my-auth",
      version: "2.0.0",
      dependencies: { jose: "^6.2.0", "own-package": "^1.0.0" },
    });
    const page = await read(directory, "public/index.html");
    expect(page).toContain("<p>Example Inc.</p>");
    expect(page).toContain("<ul></ul>");
    expect(await read(directory, "netlify/functions/own.ts")).toContain("The owner's function");
    expect(await git(directory, "ls-files", "netlify/oauth", "docs")).toBe(
      "docs/setup.md\nnetlify/oauth/pkce.ts\nnetlify/oauth/placeholder.ts\nnetlify/oauth/redeem.ts\nnetlify/oauth/seal.ts",
    );
    expect(npmCalls).toEqual(["install --ignore-scripts --no-audit --no-fund"]);
    expect(output).toMatch(/Pushed to origin \(main\)\. Done\.$/);
    expect(await git(origin, "for-each-ref", "--format=%(refname) %(objectname)")).toBe(
      `refs/heads/main ${await git(directory, "rev-parse", "HEAD")}`,
    );
    expect(await everyByte(template.directory)).toEqual(templateBefore);
  });

  test("shows first what owners have to do, then what is new", async () => {
    const { directory } = await linkedCopy();

    const { output } = await update(directory);

    expect(output).toMatch(/For you to do first:\n\n {2}- set `SEALING_KEY`\.\n {2}- run `npm install` with Node 24\./);
    expect(output).toContain("- Security: the callback checks `iss`.");
    expect(output).toMatch(/16 commits of the template:\n\n {2}[0-9a-f]{7,} \d{4}-\d\d-\d\d Release 2\.0\.0\n/);
    expect(output).not.toContain("The first release");
    expect(output.indexOf("For you to do first")).toBeLessThan(output.indexOf("What is new"));
    expect(output).toContain("and 1 more");
  });

  test("follows renames: edits of the owner move along", async () => {
    const { directory } = await linkedCopy(async (folder) => {
      await editLine(folder, "netlify/oauth/exchange.ts", 18, "// the owner's line");
      await editLine(folder, "public/style.css", 10, "/* the owner's colours */");
    });

    expect((await update(directory)).exitCode).toBe(0);

    expect(await read(directory, "netlify/oauth/redeem.ts")).toContain("// the owner's line");
    expect(await read(directory, "netlify/oauth/redeem.ts")).toContain("// Early");
    expect(await read(directory, "public/styles/main.css")).toContain("the owner's colours");
  });

  test("what the owner's value wins over is reported by its key", async () => {
    const { directory } = await linkedCopy((folder) => {
      return editJson(folder, "package.json", ["dependencies", "jose"], "^6.1.0");
    });

    const { output } = await update(directory);

    expect(output).toContain("package.json: dependencies.jose (both changed it)");
    expect(JSON.parse(await read(directory, "package.json"))).toMatchObject({ dependencies: { jose: "^6.1.0" } });
  });

  test("the owner's theme stays whole, whatever the template makes of its own", async () => {
    const { directory, template } = await linkedCopy((folder) => write(folder, "theme.css", ":root { --accent: #123456; }\n"));
    const workshop = bench.path("workshop");
    await git(bench.directory, "clone", "--quiet", template.directory, workshop);
    await write(workshop, "theme.css", ":root { --accent: #0b6e5f; }\n");
    await commitAll(workshop, "A theme");
    await git(workshop, "push", "--quiet");

    const { exitCode, output } = await update(directory);

    expect(exitCode).toBe(0);
    expect(output).toContain("theme.css: the whole file (both changed it)");
    expect(await git(directory, "show", "HEAD:theme.css")).toBe(":root { --accent: #123456; }");
    expect(await git(directory, "status", "--porcelain")).toBe("");
  });

  test("npm computes the lock file from the template's, and its result is in the update", async () => {
    const { directory } = await linkedCopy();
    const npm = async (): Promise<boolean> => {
      expect(JSON.parse(await read(directory, "package-lock.json")).packages).toEqual({ jose: "6.2.0" });
      await editJson(directory, "package-lock.json", ["packages", "own-package"], "1.0.0");
      return true;
    };

    expect((await update(directory, [], { npm })).exitCode).toBe(0);

    expect(JSON.parse(await git(directory, "show", "HEAD:package-lock.json")).packages).toHaveProperty("own-package");
    expect(await git(directory, "status", "--porcelain")).toBe("");
  });

  describe("[A56] and the programs that packages run at their installation", () => {
    const quiet = "install --ignore-scripts --no-audit --no-fund";
    const scripted = { version: "1.0.0", hasInstallScript: true };

    /** The template's newest commit, with another package.json and lock file. */
    async function release(template: Template, allowScripts: object, packages: object, more: Record<string, string> = {}): Promise<void> {
      const workshop = bench.path("workshop");
      await git(bench.directory, "clone", "--quiet", template.directory, workshop);
      await editJson(workshop, "package.json", ["allowScripts"], allowScripts);
      await editJson(workshop, "package-lock.json", ["packages"], packages);
      for (const [path, text] of Object.entries(more)) await write(workshop, path, text);
      await commitAll(workshop, "Packages");
      await git(workshop, "push", "--quiet");
    }

    /** A copy whose owner has allowed esbuild's script. */
    const allowing = async (folder: string): Promise<void> => {
      await editJson(folder, "package.json", ["allowScripts"], { esbuild: true, sharp: false });
    };
    const answering = (answer: boolean) => {
      const questions: string[] = [];
      return { questions, confirm: async (question: string) => (questions.push(question.trim()), answer) };
    };
    /** Asked, as a person is. */
    async function updateBy(directory: string, answer: boolean, args: string[] = []) {
      const { questions, confirm } = answering(answer);
      const world = createWorld(directory, { confirm });
      return { exitCode: await updateRepo(args, world), output: world.output(), npmCalls: world.npmCalls, questions };
    }

    test("none runs but those that the owner has allowed, by name", async () => {
      const { directory, template } = await linkedCopy(allowing);
      const packages = { "node_modules/esbuild": scripted, "node_modules/sharp": scripted, "node_modules/a/node_modules/esbuild": { ...scripted, version: "2.0.0" } };
      await release(template, { esbuild: true, sharp: false }, packages);
      const { npmCalls, output } = await update(directory);
      expect(npmCalls).toEqual([quiet, "rebuild esbuild@1.0.0 esbuild@2.0.0"]);
      expect(output).not.toContain("let these packages run");
    });

    test("one that only the update allows is named, and asked about before anything is merged", async () => {
      const { directory, template } = await linkedCopy(allowing);
      await release(template, { esbuild: true, evil: true, "pinned@1.0.0": true }, {
        "node_modules/esbuild": scripted,
        "node_modules/evil": scripted,
        "node_modules/pinned": scripted,
        "node_modules/silent": scripted,
      });
      const before = await everyByte(directory);

      const refused = await updateBy(directory, false);
      expect(refused).toMatchObject({ exitCode: 1, npmCalls: [], questions: ["Install that?"] });
      expect(refused.output).toMatch(/lets these packages run programs[^]*- evil@1\.0\.0\n {2}- pinned@1\.0\.0\n/);
      expect(refused.output).toMatch(/could run programs when they are installed, and will not:\n\n {2}- silent@1\.0\.0/);
      expect(await everyByte(directory)).toEqual(before);
      expect((await update(directory, ["--dry-run"])).output).toContain("- evil@1.0.0");

      const agreed = await updateBy(directory, true);
      expect(agreed.npmCalls).toEqual([quiet, "rebuild esbuild@1.0.0 evil@1.0.0 pinned@1.0.0"]);
      expect(agreed.questions).toHaveLength(2);
    });

    test("--yes agrees to none that is new", async () => {
      const { directory, template } = await linkedCopy(allowing);
      await release(template, { esbuild: true, evil: true }, { "node_modules/esbuild": scripted, "node_modules/evil": scripted });
      const { npmCalls, output, exitCode } = await update(directory);
      expect([exitCode, npmCalls]).toEqual([0, [quiet, "rebuild esbuild@1.0.0"]]);
      expect(output).toContain("If you want that: npm rebuild evil@1.0.0");
    });

    test("nor does a conflict make one pass", async () => {
      const { directory, template } = await linkedCopy(async (folder) => {
        await editIntoConflict(folder);
        await editJson(folder, "package.json", ["allowScripts"], { esbuild: true });
      });
      await release(template, { esbuild: true, evil: true }, { "node_modules/esbuild": scripted, "node_modules/evil": scripted });
      await update(directory);
      await write(directory, "README.md", "Decided.\n");
      await git(directory, "add", "--all");
      const { npmCalls } = await update(directory, ["--continue"]);
      expect(npmCalls).toEqual([quiet, "rebuild esbuild@1.0.0"]);
    });

    test.each([
      ["another package under that name", { ...scripted, name: "evil" }],
      ["a repository", { ...scripted, resolved: "git+ssh://git@github.com/evil/esbuild.git#1" }],
      ["an archive from elsewhere", { ...scripted, resolved: "https://evil.example/esbuild.tgz" }],
      ["a file of the template", { ...scripted, resolved: "file:packages/esbuild.tgz" }],
    ])("a name that was allowed means the registry's package: not %s", async (_what, locked) => {
      const { directory, template } = await linkedCopy(allowing);
      await release(template, { esbuild: true }, { "node_modules/esbuild": locked });
      const { npmCalls, output } = await update(directory);
      expect(npmCalls).toEqual([quiet]);
      expect(output).toMatch(/and will not:\n\n {2}- esbuild \(/);
    });

    test("settings of npm that the update brings are named, and with --yes nothing at all runs", async () => {
      const { directory, template } = await linkedCopy(allowing);
      await release(template, { esbuild: true }, { "node_modules/esbuild": scripted }, { ".npmrc": "script-shell=./evil.sh\n" });
      expect((await updateBy(directory, false)).output).toContain("The update changes .npmrc");
      expect((await update(directory)).npmCalls).toEqual([quiet]);
    });

    test("npm itself, with real packages: what is not allowed does not run", async () => {
      const { directory, template } = await linkedCopy(async (folder) => {
        await editJson(folder, "package.json", ["dependencies"], {});
        await write(folder, "marks/README.md", "What has run.\n");
      });
      const workshop = bench.path("workshop");
      await git(bench.directory, "clone", "--quiet", template.directory, workshop);
      const mark = (name: string) => `node -e "require('fs').writeFileSync(process.env.INIT_CWD+'/marks/${name}','')"`;
      for (const name of ["evil", "other"]) {
        await write(workshop, `packages/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", scripts: { install: mark(name) } }));
      }
      await editJson(workshop, "package.json", ["dependencies"], { evil: "file:packages/evil", other: "file:packages/other" });
      await editJson(workshop, "package.json", ["scripts", "postinstall"], mark("root"));
      await editJson(workshop, "package.json", ["allowScripts"], { evil: true });
      await rm(join(workshop, "package-lock.json"));
      await run("npm", ["install", "--package-lock-only", "--ignore-scripts", "--offline"], { cwd: workshop });
      await commitAll(workshop, "Packages");
      await git(workshop, "push", "--quiet");
      const npm = async (...args: string[]): Promise<boolean> => {
        return run("npm", [...args, "--offline"], { cwd: directory }).then(() => true, () => false);
      };

      const { exitCode } = await update(directory, ["--no-push"], { npm });

      expect(exitCode).toBe(0);
      expect(Object.keys(await everyByte(join(directory, "node_modules"))).length).toBeGreaterThan(0);
      expect(Object.keys(await everyByte(join(directory, "marks")))).toEqual(["README.md"]);
    });
  });

  test("doctor and --test run before the push; nothing is installed without need", async () => {
    const { directory } = await linkedCopy(addDoctor);
    const { npmCalls } = await update(directory, ["--test"]);
    expect(npmCalls).toEqual(["install --ignore-scripts --no-audit --no-fund", "run doctor", "test"]);
  });

  test("nothing new", async () => {
    const { directory } = await linkedCopy();
    await update(directory);
    const before = await everyByte(directory);

    const { exitCode, output } = await update(directory);

    expect([exitCode, output]).toEqual([0, expect.stringContaining("Nothing new")]);
    expect(await everyByte(directory)).toEqual(before);
  });

  test("--no-push pushes nothing, and --abort takes the update back", async () => {
    const { directory, origin } = await linkedCopy();
    await write(directory, "untracked.txt", "Mine.\n");
    const before = await everythingOf(directory);
    const sent = await everyByte(origin);

    const { output } = await update(directory, ["--no-push"]);
    expect(output).toContain("Next: git push");
    expect(await everyByte(origin)).toEqual(sent);
    const back = await update(directory, ["--abort"]);

    expect(back.output).toContain("You are where you were before the update.\nNext: npm install");
    // Only the remembered state of the template has moved on.
    const own = (refs: unknown): string => String(refs).replace(/.*refs\/remotes\/template.*/, "");
    const after = await everythingOf(directory);
    expect({ ...after, refs: own(after["refs"]) }).toEqual({ ...before, refs: own(before["refs"]) });
    expect((await update(directory)).exitCode).toBe(0);
  });

  test("asks before it merges, and says where it would push", async () => {
    const { directory } = await linkedCopy();
    const before = await everyByte(directory);
    const questions: string[] = [];
    const world = createWorld(directory, { confirm: async (question) => (questions.push(question), false) });

    expect(await updateRepo([], world)).toBe(1);

    expect(questions).toEqual(["\nMerge this into your copy, and push your branch to origin (main)?"]);
    expect(await everyByte(directory)).toEqual(before);
  });

  test("the branch's own upstream, whatever its name; no upstream, no push", async () => {
    const { directory, origin } = await linkedCopy();
    await git(directory, "push", "--quiet", "origin", "main:live");
    await git(directory, "switch", "--quiet", "--create", "local", "--track", "origin/live");
    expect((await update(directory)).output).toContain("Pushed to origin (live)");
    expect(await git(origin, "rev-parse", "live")).toBe(await git(directory, "rev-parse", "HEAD"));
    expect(await git(origin, "branch", "--format=%(refname:short)")).toBe("live\nmain");

    const lonely = await linkedCopy();
    await git(lonely.directory, "switch", "--quiet", "--create", "lonely");
    const sent = await everyByte(lonely.origin);
    const { exitCode, output } = await update(lonely.directory);
    expect([exitCode, output]).toEqual([0, expect.stringContaining("git push --set-upstream origin lonely")]);
    expect(await everyByte(lonely.origin)).toEqual(sent);
  });

  test("a plain clone is never pushed to the template", async () => {
    const { directory, template } = await linkedCopy(editAsOwner, { way: "clone" });
    const before = await everyByte(template.directory);

    const { exitCode, output } = await update(directory);

    expect([exitCode, output]).toEqual([0, expect.stringContaining("is the template itself")]);
    expect(await everyByte(template.directory)).toEqual(before);
  });

  test("a push that is refused leaves the update here, with the commands to go on", async () => {
    const { directory, origin } = await linkedCopy();
    const other = bench.path("other");
    await git(bench.directory, "clone", "--quiet", origin, other);
    await git(other, "commit", "--quiet", "--allow-empty", "--message", "Meanwhile");
    await git(other, "push", "--quiet");
    const sent = await everyByte(origin);

    const { exitCode, output } = await update(directory);

    expect([exitCode, output]).toEqual([1, expect.stringContaining("git pull --no-rebase")]);
    expect(await everyByte(origin)).toEqual(sent);
  });

  test("[A10] a copy by degit, linked and updated at once", async () => {
    const template = await bench.template("2.0.0");
    const { directory } = await makeCopy(bench, template, "degit", RELEASES["1.0.0"]);
    await editAsOwner(directory);
    await write(directory, ".secret.json", '{"Github":{"client_secret":"real"}}\n');
    const secret = await read(directory, ".secret.json");

    expect(await initRepo(["--template", template.directory, "--yes"], createWorld(directory))).toBe(0);
    const { exitCode, output } = await update(directory);

    expect(exitCode).toBe(0);
    expect(output).toContain("has no upstream");
    expect(await read(directory, "netlify/functions/token.ts")).toContain("// Token");
    expect(await read(directory, "README.md")).toContain("Example Inc.");
    expect(await read(directory, ".secret.json")).toBe(secret);
    expect(await git(directory, "log", "--all", "--oneline", "--", ".secret.json")).toBe("");
  });

  test("--pristine lays out the template for comparison, by degit", async () => {
    const { directory, template } = await linkedCopy();
    await git(directory, "config", "remote.template.url", "https://github.com/OWNER/auth-provider.git");
    const before = await everyByte(directory);
    const folder = bench.path("pristine");
    const world = createWorld(directory, { copyRepository: degitFrom(bench, template, template.commits.at(-1) ?? "") });

    expect(await updateRepo(["--pristine", folder], world)).toBe(0);

    const files = await git(template.directory, "ls-tree", "-r", "--name-only", "main");
    expect(Object.keys(await everyByte(folder)).sort()).toEqual(files.split("\n").sort());
    expect(await everyByte(directory)).toEqual(before);
    expect(await updateRepo(["--pristine", folder], world)).toBe(1);
    await git(directory, "config", "remote.template.url", template.directory);
    const impossible = createWorld(directory, { copyRepository: () => Promise.reject(new Error("could not parse")) });
    expect(await updateRepo(["--pristine", bench.path("other")], impossible)).toBe(1);
    expect(impossible.output()).toContain("git worktree add --detach");
  });
});

describe("a conflict", () => {
  test("says which files, what each side did, and how to go on; what is decided is committed and pushed", async () => {
    const { directory, origin } = await linkedCopy(editIntoConflict);
    const sent = await everyByte(origin);

    const stopped = await update(directory);

    expect(stopped.exitCode).toBe(1);
    expect(await conflictsIn(directory)).toEqual(["README.md", "docs/old-notes.md"]);
    expect(stopped.output).toContain("The merge will stop for you to decide in 2 files");
    expect(stopped.output).toContain(
      "  README.md\n    you:       changed it (+2 −2 lines)\n    template:  changed it (+2 −2 lines)\n" +
        "  docs/old-notes.md\n    you:       changed it (+1 −1 lines)\n    template:  removed it",
    );
    expect(stopped.output).toContain("git add README.md docs/old-notes.md");
    expect(await everyByte(origin)).toEqual(sent);

    const early = await update(directory, ["--continue"]);
    expect([early.exitCode, early.output]).toEqual([1, expect.stringContaining("Not decided yet:\n\n  - README.md")]);
    await git(directory, "add", "README.md", "docs/old-notes.md");
    const marked = await update(directory, ["--continue"]);
    const places = "Conflict markers were left:\n\n  README.md:22\n  README.md:";
    expect([marked.exitCode, marked.output]).toEqual([1, expect.stringContaining(places)]);
    const again = await update(directory);
    expect([again.exitCode, again.output]).toEqual([1, expect.stringContaining("A merge is in progress")]);

    await write(directory, "README.md", "Decided.\n");
    await git(directory, "add", "README.md");
    await editLine(directory, "public/index.html", 2, "<p>Edited, too.</p>");
    const unadded = await update(directory, ["--continue"]);
    const changed = "Changed, but not added:\n\n  - public/index.html";
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
      expect((await update(directory)).exitCode).toBe(1);
      expect(await conflictsIn(directory)).toHaveLength(2);
      await touch();

      const { exitCode, output } = await update(directory, ["--abort"]);

      expect([exitCode, output]).toEqual([0, "You are where you were before the update."]);
      expect(await everythingOf(directory)).toEqual(before);
    }
    expect(await everyByte(origin)).toEqual(sent);
  });

  test("renamed by the template, changed by both: told by both names", async () => {
    const { directory } = await linkedCopy((folder) => editLine(folder, "netlify/oauth/exchange.ts", 2, "// Mine"));

    const { output } = await update(directory);

    expect(output).toContain("netlify/oauth/redeem.ts\n    you:       changed it (+1 −1 lines)");
    const renamed = "renamed it from netlify/oauth/exchange.ts to netlify/oauth/redeem.ts (+1 −1 lines)";
    expect(output).toContain(`template:  ${renamed}`);
  });

  test("a services.json that is no JSON is left to git and to the owner", async () => {
    const { directory } = await linkedCopy((folder) => write(folder, "services.json", "{ oops\n"));
    expect((await update(directory)).exitCode).toBe(1);
    expect(await conflictsIn(directory)).toEqual(["services.json"]);
  });
});

describe("--dry-run", () => {
  test.each([
    ["without conflicts", editAsOwner, "The merge has no conflicts."],
    ["with conflicts", editIntoConflict, "to decide in 2 files:\n\n  - README.md\n  - docs/old-notes.md"],
  ])("%s: shows it all and changes no byte, in git's folder neither", async (_name, edit, end) => {
    const { directory, origin } = await linkedCopy(edit);
    const [before, sent] = [await everyByte(directory), await everyByte(origin)];

    const { exitCode, output, npmCalls } = await update(directory, ["--dry-run"]);

    expect(exitCode).toBe(0);
    expect(output).toContain("For you to do first:");
    expect(output).toContain(end);
    expect(output).toContain("nothing was changed");
    expect(npmCalls).toEqual([]);
    expect([await everyByte(directory), await everyByte(origin)]).toEqual([before, sent]);
  });
});

describe("a refusal says why, and changes no byte here or at the remote", () => {
  type Changes = Partial<TestWorld>;
  async function refuses(copy: Copy, reason: RegExp, args: string[] = [], changes: Changes = {}): Promise<void> {
    const [before, sent] = [await everyByte(copy.directory), await everyByte(copy.origin).catch(() => ({}))];

    const { exitCode, output } = await update(copy.directory, args, changes);

    expect([exitCode, output]).toEqual([1, expect.stringMatching(reason)]);
    expect(output).toContain("Nothing was changed.");
    expect(await everyByte(copy.directory)).toEqual(before);
    expect(await everyByte(copy.origin).catch(() => ({}))).toEqual(sent);
  }

  test("a dirty tree: changed, staged or removed", async () => {
    const copy = await linkedCopy();
    await editLine(copy.directory, "README.md", 1, "Not committed.");
    await refuses(copy, /changes that are not committed:\n\n M README\.md[^]*git stash/);
    await git(copy.directory, "add", "README.md");
    await refuses(copy, /not committed/);
    await git(copy.directory, "reset", "--quiet", "--hard");
    await rm(join(copy.directory, "LICENSE"));
    await refuses(copy, /not committed:\n\n D LICENSE/);
  });

  test("a detached head", async () => {
    const copy = await linkedCopy();
    await git(copy.directory, "checkout", "--quiet", "--detach");
    await refuses(copy, /detached HEAD[^]*git switch main/);
  });

  test("no remote: a new clone of the owner's repository", async () => {
    const { origin } = await linkedCopy();
    const directory = bench.path("clone");
    await git(bench.directory, "clone", "--quiet", origin, directory);
    await refuses({ directory, origin }, /no remote "template"[^]*npm run init-repo/);
  });

  test("no network", async () => {
    const copy = await linkedCopy();
    await git(copy.directory, "config", "remote.template.url", "https://template.invalid/auth-provider.git");
    await refuses(copy, /could not be fetched[^]*Is the network there/);
  });

  test("a rewritten template history, until init-repo has found the same state in it", async () => {
    for (const way of ["Use this template", "fork"] as const) {
      const copy = await linkedCopy(editAsOwner, { way });
      await rewriteHistory(copy.template);
      await refuses(copy, /history was rewritten[^]*npm run init-repo/);

      expect(await initRepo([], createWorld(copy.directory))).toBe(0);
      expect((await update(copy.directory)).exitCode).toBe(0);
    }
  });

  test("an unrelated template", async () => {
    const copy = await linkedCopy();
    const unrelated = await makeCopy(bench, copy.template, "Use this template", 20);
    await git(copy.directory, "checkout", "--quiet", "--orphan", "fresh");
    await commitAll(copy.directory, "No history");
    await git(copy.directory, "config", "remote.template.url", unrelated.directory);
    await git(copy.directory, "update-ref", "-d", "refs/remotes/template/main");
    await refuses(copy, /no history in common[^]*npm run init-repo/);
  });

  test("an earlier update that was squashed, until init-repo has joined it", async () => {
    const copy = await linkedCopy(editAsOwner, { now: "1.1.0" });
    await update(copy.directory);
    const body = await git(copy.directory, "log", "-1", "--format=%B");
    await git(copy.directory, "reset", "--quiet", "--soft", "HEAD^1");
    await git(copy.directory, "commit", "--quiet", "--message", body);
    await copy.template.release("2.0.0");
    await refuses(copy, /was squashed[^]*npm run init-repo/);

    expect(await initRepo([], createWorld(copy.directory))).toBe(0);
    expect((await update(copy.directory, ["--no-push"])).exitCode).toBe(0);
  });

  test("a merge, or another thing, in progress", async () => {
    const copy = await linkedCopy();
    await git(copy.directory, "switch", "--quiet", "--create", "side", "HEAD~2");
    await editLine(copy.directory, "README.md", 6, "Another.");
    await commitAll(copy.directory, "Side");
    await git(copy.directory, "switch", "--quiet", "main");
    await succeeds(copy.directory, "merge", "side");
    await refuses(copy, /A merge is in progress/);
    await refuses(copy, /no update to take back/, ["--abort"]);
    await refuses(copy, /No update is waiting/, ["--continue"]);
    await git(copy.directory, "merge", "--abort");
    await succeeds(copy.directory, "cherry-pick", "side");
    await refuses(copy, /A cherry-pick is in progress/);
  });

  test("a shallow clone", async () => {
    const { origin } = await linkedCopy();
    const directory = bench.path("shallow");
    await git(bench.directory, "clone", "--quiet", "--depth=1", `file://${origin}`, directory);
    await refuses({ directory, origin }, /--unshallow/);
  });

  test("no git repository", async () => {
    const directory = bench.path("folder");
    await write(directory, "package.json", "{}\n");
    await refuses({ directory, origin: directory }, /not a git repository/);
  });

  test("git does not know who the owner is", async () => {
    const copy = await linkedCopy();
    await git(copy.directory, "config", "user.useConfigOnly", "true");
    const names = Object.keys(GIT_ENVIRONMENT).filter((name) => /NAME|EMAIL/.test(name));
    for (const name of names) delete process.env[name];
    await refuses(copy, /does not know who you are/).finally(() => Object.assign(process.env, GIT_ENVIRONMENT));
  });

  test("files in the way: untracked ones, ignored ones, and a file where a folder must be", async () => {
    const copy = await linkedCopy(async (folder) => {
      await write(folder, ".gitignore", "node_modules/\ntoken.ts\n");
    });
    await write(copy.directory, "netlify/functions/token.ts", "Precious and ignored.\n");
    await write(copy.directory, "public/styles", "A file.\n");
    await refuses(copy, /in your folder already[^]*- netlify\/functions\/token\.ts\n {2}- public\/styles\/main\.css/);
  });

  test("nothing to take back, nothing to continue, an unknown option", async () => {
    const copy = await linkedCopy();
    await refuses(copy, /no update to take back/, ["--abort"]);
    await refuses(copy, /No update is waiting/, ["--continue"]);
    await refuses(copy, /--forse[^]*--help/, ["--forse"]);
    await update(copy.directory);
    await refuses(copy, /no update to take back/, ["--abort"]);
  });

  test("an update that was pushed by hand cannot be aborted", async () => {
    const copy = await linkedCopy();
    await update(copy.directory, ["--no-push"]);
    await git(copy.directory, "push", "--quiet");
    await refuses(copy, /was pushed already[^]*git revert --mainline 1 HEAD/, ["--abort"]);
  });

  test("[A10] .secret.json where everybody can read it, or could after the push", async () => {
    const copy = await linkedCopy();
    const visibilityOf: World["visibilityOf"] = async (url) => (url === copy.origin ? "public" : "private");
    await write(copy.directory, ".secret.json", "{}\n");
    await commitAll(copy.directory, "Secrets");
    await refuses(copy, /a push to origin .* would let everybody read it/, [], { visibilityOf });
    await refuses(copy, /a push to origin/, ["--dry-run"], { visibilityOf });
    await git(copy.directory, "push", "--quiet");
    await git(copy.directory, "rm", "--quiet", ".secret.json");
    await commitAll(copy.directory, "Gone, but not from the history");
    await refuses(copy, /in the history of origin .*, which everybody can read/, [], { visibilityOf });
    expect((await update(copy.directory)).exitCode).toBe(0);
  });

  test("[A10] .secret.json, where nobody can say who reads the repository that it would be pushed to", async () => {
    const copy = await linkedCopy();
    await write(copy.directory, ".secret.json", "{}\n");
    await commitAll(copy.directory, "Secrets");
    await git(copy.directory, "remote", "add", "elsewhere", "git@elsewhere.example:me/auth.git");
    const unknownIs = (remote: string): Partial<TestWorld> => ({
      visibilityOf: async (url) => (url === remote ? "unknown" : "private"),
    });

    await refuses(copy, /whether everybody can read origin .* could not be found out/, [], unknownIs(copy.origin));
    expect((await update(copy.directory, ["--no-push"], unknownIs(copy.origin))).exitCode).toBe(0);
    await update(copy.directory, ["--abort"]);
    expect((await update(copy.directory, [], unknownIs("git@elsewhere.example:me/auth.git"))).exitCode).toBe(0);

    await git(copy.directory, "remote", "set-url", "origin", "git@elsewhere.example:me/auth.git");
    const page = /Open https:\/\/elsewhere\.example\/me\/auth\.git in a private window[^]*--no-push/;
    await refuses(copy, page, [], unknownIs("git@elsewhere.example:me/auth.git"));
  });

  test("[A10] .secret.json that was added while a conflict was decided", async () => {
    const copy = await linkedCopy(editIntoConflict);
    await update(copy.directory);
    await write(copy.directory, ".secret.json", "{}\n");
    await write(copy.directory, "README.md", "Decided.\n");
    await git(copy.directory, "add", "--all");
    const visibilityOf: World["visibilityOf"] = async () => "public";
    await refuses(copy, /a push to origin .* would let everybody read it/, ["--continue"], { visibilityOf });
    const unknown: World["visibilityOf"] = async () => "unknown";
    await refuses(copy, /could not be found out/, ["--continue"], { visibilityOf: unknown });
  });
});

test("[A10] what looks like a secret, and was added while a conflict was decided, is not committed", async () => {
  const { directory } = await linkedCopy(editIntoConflict);
  await update(directory);
  await write(directory, "sub/.env.local", "A=1\n");
  await write(directory, "README.md", "Decided.\n");
  await git(directory, "add", "--all");

  const refused = await update(directory, ["--continue"]);
  expect([refused.exitCode, refused.output]).toEqual([1, expect.stringContaining("- sub/.env.local: environment variables")]);
  expect(refused.output).toContain("git rm --cached sub/.env.local");
  await git(directory, "rm", "--quiet", "--cached", "sub/.env.local");
  expect((await update(directory, ["--continue"])).exitCode).toBe(0);
  expect(await git(directory, "log", "--all", "--oneline", "--", "sub/.env.local")).toBe("");
});

describe("a failure on the way leaves everything as it was", () => {
  async function failsAndRestores(copy: Copy, reason: string, changes: Partial<TestWorld> = {}): Promise<void> {
    const [before, sent] = [await everythingOf(copy.directory), await everyByte(copy.origin)];
    const { exitCode, output } = await update(copy.directory, [], changes);
    expect([exitCode, output]).toEqual([1, expect.stringContaining(reason)]);
    expect(await everythingOf(copy.directory)).toEqual(before);
    expect(await everyByte(copy.origin)).toEqual(sent);
  }

  test("npm install fails, after it wrote the lock file", async () => {
    const copy = await linkedCopy();
    await write(copy.directory, "untracked.txt", "Mine.\n");
    const npm = async (): Promise<boolean> => {
      await write(copy.directory, "package-lock.json", "half written");
      return false;
    };
    await failsAndRestores(copy, "npm install failed", { npm });
  });

  test("a hook refuses the commit", async () => {
    const copy = await linkedCopy();
    await write(copy.directory, ".git/hooks/commit-msg", "#!/bin/sh\necho Not today. >&2\nexit 1\n");
    await chmod(join(copy.directory, ".git/hooks/commit-msg"), 0o755);
    await failsAndRestores(copy, "Not today.");
  });

  test.each([
    ["in one go", editAsOwner],
    ["after a conflict", editIntoConflict],
  ])("a failure behind the commit, %s, does not claim that nothing was changed", async (_name, edit) => {
    const copy = await linkedCopy(edit);
    const before = await git(copy.directory, "rev-parse", "HEAD");
    const sent = await everyByte(copy.origin);
    await write(copy.directory, ".git/refs/remotes/template/main.lock", "");

    let stopped = await update(copy.directory);
    if (edit === editIntoConflict) {
      await git(copy.directory, "add", "--all");
      await write(copy.directory, "README.md", "Decided.\n");
      await git(copy.directory, "add", "README.md");
      stopped = await update(copy.directory, ["--continue"]);
    }

    expect([stopped.exitCode, stopped.output]).toEqual([1, expect.stringContaining("The update is merged on this computer")]);
    expect(stopped.output).toContain("main.lock': File exists");
    expect(stopped.output).not.toContain("Nothing was changed");
    expect(await git(copy.directory, "rev-parse", "HEAD^1")).toBe(before);
    expect(await everyByte(copy.origin)).toEqual(sent);
    expect((await update(copy.directory, ["--abort"])).exitCode).toBe(0);
    expect(await git(copy.directory, "rev-parse", "HEAD")).toBe(before);
  });

  test("npm install fails after a conflict: the decisions stay", async () => {
    const copy = await linkedCopy(editIntoConflict);
    await update(copy.directory);
    await write(copy.directory, "README.md", "Decided.\n");
    await git(copy.directory, "add", "--all");
    const before = await everythingOf(copy.directory);

    const { exitCode, output } = await update(copy.directory, ["--continue"], { npm: async () => false });

    expect([exitCode, output]).toEqual([1, expect.stringContaining("The update still waits:\nnpm install failed.")]);
    expect(await everythingOf(copy.directory)).toEqual(before);
  });

  test.each([
    ["doctor", "run doctor", "doctor found something"],
    ["the tests", "test", "The tests failed"],
  ])("%s stops the push; the update can be taken back", async (_name, failing, reason) => {
    const copy = await linkedCopy(addDoctor);
    const [before, sent] = [await everythingOf(copy.directory), await everyByte(copy.origin)];

    const stopped = await update(copy.directory, ["--test"], { npm: async (...args) => args.join(" ") !== failing });

    expect([stopped.exitCode, stopped.output]).toEqual([1, expect.stringContaining(reason)]);
    expect(stopped.output).toMatch(/To go on: .*git push\nTo go back: .*--abort$/);
    expect(await everyByte(copy.origin)).toEqual(sent);
    expect((await update(copy.directory, ["--abort"])).exitCode).toBe(0);
    expect({ ...(await everythingOf(copy.directory)), refs: "" }).toEqual({ ...before, refs: "" });
  });
});

describe("compared with git merge --allow-unrelated-histories", () => {
  const releases: Release[] = ["1.1.0", "1.2.0", "2.0.0"];
  const scenarios: [name: string, way: Way, number: number, edit: (directory: string) => Promise<void>][] = [
    ['"Use this template" at 1.0.0, no edits', "Use this template", 8, async () => {}],
    ['"Use this template" at 1.0.0, usual edits', "Use this template", 8, editAsOwner],
    ['"Use this template" between releases, usual edits', "Use this template", 11, editAsOwner],
    ["`degit` at 1.0.0, usual edits before the first commit", "degit", 8, editAsOwner],
    ["`degit` at the first commit, usual edits", "degit", 1, editAsOwner],
    ["fork at 1.0.0, usual edits", "fork", 8, editAsOwner],
    ['"Use this template" at 1.0.0, the same lines edited as in the template', "Use this template", 8, editIntoConflict],
  ];
  const rows: string[] = [];

  test.each(scenarios)("%s", async (name, way, number, edit) => {
    const template = await bench.template("2.0.0");
    const copy = await makeCopy(bench, template, way, number);
    await edit(copy.directory);
    const naive = bench.path("naive");
    await cp(copy.directory, naive, { recursive: true });
    const world = createWorld(copy.directory);
    if (way !== "degit") await commitAll(copy.directory, "Edits").catch(() => {});
    expect(await initRepo(["--template", template.directory, "--yes"], world)).toBe(0);
    await git(naive, "init", "--quiet", "--initial-branch=main");
    await commitAll(naive, "Edits").catch(() => {});

    const counts: [naive: number, ours: number][] = [];
    for (const release of releases) {
      await template.release(release);
      await update(copy.directory, ["--no-push"]);
      const ours = await conflictsIn(copy.directory);
      await resolve(copy.directory, ours);
      await git(naive, "fetch", "--quiet", template.directory, "main");
      await succeeds(naive, "merge", "--allow-unrelated-histories", "--no-edit", "FETCH_HEAD");
      const conflicts = await conflictsIn(naive);
      counts.push([conflicts.length, ours.length]);
      // The naive owner gets the conflicts right, so that the next release starts from the same files.
      if (conflicts.length > 0) {
        await git(naive, "rm", "-r", "--quiet", "--force", "--ignore-unmatch", ".");
        await git(naive, "fetch", "--quiet", copy.directory, "HEAD");
        await git(naive, "checkout", "--quiet", "FETCH_HEAD", "--", ".");
        await commitAll(naive, "Resolved");
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

describe("as child processes, in a copy that runs its own scripts", () => {
  const script = async (directory: string, name: string, ...args: string[]) => {
    const environment = { ...process.env, ...GIT_ENVIRONMENT };
    const options = { cwd: directory, env: environment };
    type Failure = { code: number; stdout: string; stderr: string };
    return run(process.execPath, [join(directory, "scripts", name), ...args], options).then(
      ({ stdout }) => ({ exitCode: 0, output: stdout }),
      ({ code, stdout, stderr }: Failure) => ({ exitCode: code, output: stdout + stderr }),
    );
  };

  test("init-repo, update-repo, a conflict and the way back", async () => {
    const template = await bench.template("1.0.0");
    const { directory, origin } = await makeCopy(bench, template, "Use this template", 8);
    await editLine(directory, "README.md", 22, "The owner's section.");
    // npm itself is not under test: without a lock file there is nothing to install.
    await rm(join(directory, "package-lock.json"));
    await commitAll(directory, "My settings");
    await git(directory, "push", "--quiet");
    await template.release("1.1.0");

    const linked = await script(directory, "init-repo.ts", "--template", template.directory);
    expect(linked).toEqual({ exitCode: 0, output: expect.stringContaining("Next: npm run update-repo") });
    const before = await everythingOf(directory);
    const silent = await script(directory, "update-repo.ts");
    const stopped = await script(directory, "update-repo.ts", "--yes");
    expect(silent).toEqual({ exitCode: 1, output: expect.stringContaining("no terminal to ask") });
    expect(stopped).toEqual({ exitCode: 1, output: expect.stringContaining("README.md") });
    expect((await script(directory, "update-repo.ts", "--abort")).exitCode).toBe(0);
    expect(await everythingOf(directory)).toEqual(before);

    await editLine(directory, "README.md", 22, "Read me, line 22.");
    await commitAll(directory, "As it was");
    const updated = await script(directory, "update-repo.ts", "--yes");
    expect(updated).toEqual({ exitCode: 0, output: expect.stringContaining("Pushed to origin (main)") });
    expect(await git(origin, "rev-parse", "main")).toBe(await git(directory, "rev-parse", "HEAD"));
    for (const name of ["init-repo.ts", "update-repo.ts"]) {
      const help = await script(directory, name, "--help");
      expect(help).toEqual({ exitCode: 0, output: expect.stringContaining("--dry-run") });
    }
  });
});

describe("the weekly workflow", () => {
  /** Runs its script as GitHub does, with a `gh` that only writes down what it is told. */
  async function runWorkflow(directory: string, template: string, repository = "owner/copy", openIssue = "") {
    const file = await read(PROJECT, ".github/workflows/template-update.yml");
    const script = file.slice(file.indexOf("run: |") + "run: |".length).replace(/^ {10}/gm, "");
    const temporary = bench.path("runner");
    const gh = `#!/bin/sh\necho "$@" >> "${temporary}/calls"\n[ "$2" = list ] && echo "${openIssue}"\nexit 0\n`;
    await write(temporary, "bin/gh", gh);
    await write(temporary, "calls", "");
    await chmod(join(temporary, "bin/gh"), 0o755);
    await symlink(process.execPath, join(temporary, "bin/node"));
    const env = {
      ...process.env,
      ...GIT_ENVIRONMENT,
      PATH: `${join(temporary, "bin")}:${process.env["PATH"]}`,
      RUNNER_TEMP: temporary,
      AUTH_PROVIDER_TEMPLATE: template,
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_REPOSITORY: repository,
    };
    const bash = ["--noprofile", "--norc", "-eo", "pipefail", "-c"];
    const { stdout } = await run("bash", [...bash, script], { cwd: directory, env });
    const issue = await read(temporary, "issue.md").catch(() => undefined);
    return { stdout, issue, calls: await read(temporary, "calls") };
  }

  test("one issue with what is new and what to type; closed when there is nothing more", async () => {
    const template = await bench.template("1.1.0");
    const { directory } = await makeCopy(bench, template, "Use this template", 8);

    const first = await runWorkflow(directory, template.directory);
    expect(first.calls).toMatch(/issue create --title The template has news --label template-update --body-file/);
    expect(first.issue).toContain("npm run init-repo     # once per clone, changes no file\nnpm run update-repo\n");
    expect(first.issue).toContain("For you to do first:\n\n  - run `npm install` with Node 24.");
    expect(first.issue).toContain("The merge has no conflicts.");
    const second = await runWorkflow(directory, template.directory, "owner/copy", "7");
    expect(second.calls).toContain("issue edit 7 --body-file");
    await update(directory);
    const third = await runWorkflow(directory, template.directory, "owner/copy", "7");
    expect(third.calls).toContain("issue close 7");
  });

  test("does nothing in the template itself, or where none is configured", async () => {
    const { directory } = await makeCopy(bench, await bench.template("1.1.0"), "Use this template", 8);
    const before = await everyByte(directory);
    expect(await runWorkflow(directory, "")).toMatchObject({ stdout: "No template is configured.\n", calls: "" });
    const itself = await runWorkflow(directory, "https://github.com/the/template.git", "the/template");
    expect(itself).toMatchObject({ stdout: "This is the template itself.\n", calls: "" });
    expect(await everyByte(directory)).toEqual(before);
  });
});

describe("whether everybody can read a repository", () => {
  const packet = (text: string): string => (text.length + 4).toString(16).padStart(4, "0") + text;
  const advertisement =
    `${packet("# service=git-upload-pack\n")}0000` +
    `${packet(`${"1".repeat(40)} refs/heads/main\0 agent=git\n`)}0000`;

  test("[A10] asks as a stranger: no credentials of the owner go along", async () => {
    const asked: (string | undefined)[] = [];
    const { origin, stop } = await startLocalServer((request, response) => {
      asked.push(request.headers.authorization);
      const isPublic = request.url?.startsWith("/public.git/") || request.headers.authorization !== undefined;
      response.writeHead(isPublic ? 200 : 401, {
        "Content-Type": "application/x-git-upload-pack-advertisement",
        "WWW-Authenticate": 'Basic realm="git"',
      });
      response.end(isPublic ? advertisement : "");
    });
    const home = bench.path("home");
    await write(home, ".netrc", "machine 127.0.0.1 login owner password secret\n");
    await write(home, "askpass", "#!/bin/sh\necho secret\n");
    await chmod(join(home, "askpass"), 0o755);
    const rewriting = `[url "ssh://owner@127.0.0.1/"]\n\tinsteadOf = ${origin}/\n`;
    await write(home, "gitconfig", `${rewriting}[credential]\n\thelper = "!printf 'username=owner\\npassword=secret\\n'"\n`);
    const [open, closed] = [`${origin}/public.git`, `${origin}/private.git`];

    for (const doors of [
      { HOME: home },
      { GIT_ASKPASS: join(home, "askpass") },
      { SSH_ASKPASS: join(home, "askpass") },
      { GIT_CONFIG_GLOBAL: join(home, "gitconfig") },
      { GIT_CONFIG_NOSYSTEM: "0", GIT_CONFIG_SYSTEM: join(home, "gitconfig") },
      { GIT_CONFIG_PARAMETERS: "'http.extraHeader'='Authorization: Basic eDp5'" },
      { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "http.extraHeader", GIT_CONFIG_VALUE_0: "Authorization: Basic eDp5" },
    ]) {
      for (const [name, value] of Object.entries(doors)) vi.stubEnv(name, value);
      expect(await visibilityByGit(open)).toBe("public");
      expect(await visibilityByGit(closed)).toBe("private");
      expect(await visibilityByGit(closed.replace("http://", "http://owner:secret@"))).toBe("private");
      vi.unstubAllEnvs();
    }
    expect(new Set(asked)).toEqual(new Set([undefined]));
    await stop();
  });

  test("finds its way out by the owner's own settings", async () => {
    const asked: (string | undefined)[] = [];
    const { origin, stop } = await startLocalServer((request, response) => {
      asked.push(request.url);
      response.writeHead(404).end();
    });
    await write(bench.directory, "proxy-gitconfig", `[http "http://git.invalid"]\n\tproxy = ${origin}\n`);
    vi.stubEnv("GIT_CONFIG_GLOBAL", join(bench.directory, "proxy-gitconfig"));

    expect(await visibilityByGit("http://git.invalid/x.git")).toBe("private");
    expect(asked).toEqual(["http://git.invalid/x.git/info/refs?service=git-upload-pack"]);
    vi.unstubAllEnvs();
    await stop();
  });

  test("a folder on this computer is nothing that strangers can reach", async () => {
    expect(await visibilityByGit(bench.directory)).toBe("private");
    expect(await visibilityByGit(`file://${bench.directory}`)).toBe("private");
  });

  test("[A10] no answer is no answer: a host that is not there, a proxy that fails, a server in trouble", async () => {
    expect(await visibilityByGit("https://nobody.invalid/x.git")).toBe("unknown");
    expect(await visibilityByGit("git@nobody.invalid:x.git")).toBe("unknown");
    const { origin, stop } = await startLocalServer((_request, response) => response.writeHead(503).end());
    expect(await visibilityByGit(`${origin}/x.git`)).toBe("unknown");
    // TLS where there is none.
    expect(await visibilityByGit(`${origin.replace("http:", "https:")}/x.git`)).toBe("unknown");
    vi.stubEnv("https_proxy", origin);
    expect(await visibilityByGit("https://git.invalid/x.git")).toBe("unknown");
    vi.unstubAllEnvs();
    await stop();
  });

  test.each([401, 403, 404])("%i is a no", async (status) => {
    const { origin, stop } = await startLocalServer((_request, response) => {
      response.writeHead(status, { "WWW-Authenticate": 'Basic realm="git"' }).end();
    });
    expect(await visibilityByGit(`${origin}/x.git`)).toBe("private");
    await stop();
  });
});

test("changelog entries: items of any release, on one line, without what a terminal obeys", () => {
  const news = "## [2]\n\n### Added\n- **Owners:** do\n  this.\n- One\u001B[2J\n";
  const text = `# Changelog\n\n${news}\n## [1]\n\n- Two\n\nText.\n`;
  expect(changelogEntries(text)).toEqual(["**Owners:** do this.", "One", "Two"]);
});
