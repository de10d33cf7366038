import { readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { changelogEntries } from "../../../scripts/git/template.ts";
import { initRepo } from "../../../scripts/init-repo.ts";
import { updateRepo } from "../../../scripts/update-repo.ts";
import {
  createWorld,
  degitFrom,
  editAsOwner,
  editJson,
  editLine,
  everyByte,
  everythingOf,
  type Files,
  git,
  makeCopy,
  RELEASES,
  read,
  write,
} from "../../tools/repositories.ts";
import { addDoctor, bench, editIntoConflict, type Linked, linkedCopy, update } from "./linked-copy.ts";

describe("an update of a copy with the usual edits", () => {
  let copy: Linked;
  let before: string;
  let templateBefore: Files;
  let done: Awaited<ReturnType<typeof update>>;

  beforeAll(async () => {
    copy = await linkedCopy();
    before = await git(copy.directory, "rev-parse", "HEAD");
    templateBefore = await everyByte(copy.template.directory);
    done = await update(copy.directory, [], { npm });
  });

  const npmCalls: string[] = [];
  async function npm(...args: string[]): Promise<boolean> {
    npmCalls.push(args.join(" "));
    expect(JSON.parse(await read(copy.directory, "package-lock.json")).packages).toEqual({ jose: "6.2.0" });
    await editJson(copy.directory, "package-lock.json", ["packages", "own-package"], "1.0.0");
    return true;
  }

  test("brings everything of the template, and keeps everything of the owner", async () => {
    const { directory, template } = copy;
    expect(done.exitCode).toBe(0);
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
    expect(await git(directory, "ls-files", "server", "docs")).toBe(
      "docs/setup.md\nserver/provider/placeholder.ts\nserver/provider/signing-key.ts\nserver/request/pkce.ts\nserver/sealing/seal.ts\nserver/upstream/redeem.ts",
    );
  });

  test("is pushed to the owner, and not to the template", async () => {
    const { directory, origin, template } = copy;
    expect(done.output).toMatch(/Pushed to origin \(main\)\. Done\.$/);
    expect(await git(origin, "for-each-ref", "--format=%(refname) %(objectname)")).toBe(
      `refs/heads/main ${await git(directory, "rev-parse", "HEAD")}`,
    );
    expect(await everyByte(template.directory)).toEqual(templateBefore);
  });

  test("shows first what owners have to do, then what is new", () => {
    const { output } = done;
    expect(output).toMatch(
      /To do before the update:\n\n {2}- set `SEALING_KEY`\.\n {2}- run `npm install` with Node 24\./,
    );
    expect(output).toContain("- Security: the callback checks `iss`.");
    expect(output).toMatch(/16 new commits of the template:\n\n {2}[0-9a-f]{7,} \d{4}-\d\d-\d\d Release 2\.0\.0\n/);
    expect(output).not.toContain("The first release");
    expect(output.indexOf("For you to do first")).toBeLessThan(output.indexOf("What is new"));
    expect(output).toContain("and 1 more");
  });

  test("npm computes the lock file from the template's, and its result is in the update", async () => {
    expect(npmCalls).toEqual(["install --ignore-scripts --no-audit --no-fund"]);
    const lock = JSON.parse(await git(copy.directory, "show", "HEAD:package-lock.json"));
    expect(lock.packages).toHaveProperty("own-package");
  });

  test("leaves nothing new, and, being pushed, nothing to take back", async () => {
    const all = await everyByte(copy.directory);

    const again = await update(copy.directory);
    const back = await update(copy.directory, ["--abort"]);

    expect([again.exitCode, again.output]).toEqual([0, expect.stringContaining("Nothing new")]);
    expect([back.exitCode, back.output]).toEqual([1, expect.stringMatching(/no update to undo.*Nothing was/s)]);
    expect(await everyByte(copy.directory)).toEqual(all);
  });
});

describe("an update of a copy whose owner did more", () => {
  /** Edits lines in files that the template moves and a value that it changes, and adds a theme and an icon. */
  async function editMore(folder: string): Promise<void> {
    await editLine(folder, "server/upstream/exchange.ts", 18, "// the owner's line");
    await editLine(folder, "public/style.css", 10, "/* the owner's colours */");
    await editJson(folder, "package.json", ["dependencies", "jose"], "^6.1.0");
    await write(folder, "theme.css", ":root { --accent: #123456; }\n");
    await write(folder, "public/favicon.svg", "<svg><!-- the owner's --></svg>\n");
    await addDoctor(folder);
  }

  let copy: Linked;
  let sent: Files;
  let done: Awaited<ReturnType<typeof update>>;

  beforeAll(async () => {
    copy = await linkedCopy(editMore);
    await git(copy.directory, "switch", "--quiet", "--create", "lonely");
    sent = await everyByte(copy.origin);
    done = await update(copy.directory, ["--test"]);
  });

  test("follows renames: edits of the owner move along", async () => {
    expect(await read(copy.directory, "server/upstream/redeem.ts")).toContain("// the owner's line");
    expect(await read(copy.directory, "server/upstream/redeem.ts")).toContain("// Early");
    expect(await read(copy.directory, "public/styles/main.css")).toContain("the owner's colours");
  });

  test("what the owner's value wins over is reported by its key", async () => {
    expect(done.output).toContain("package.json: dependencies.jose (both changed it)");
    const { dependencies } = JSON.parse(await read(copy.directory, "package.json"));
    expect(dependencies).toMatchObject({ jose: "^6.1.0" });
  });

  test("the owner's theme and icon stay whole, whatever the template makes of its own", async () => {
    expect(done.output).toContain("theme.css: the whole file (both changed it)");
    expect(done.output).toContain("public/favicon.svg: the whole file (both changed it)");
    expect(await git(copy.directory, "show", "HEAD:theme.css")).toBe(":root { --accent: #123456; }");
    expect(await git(copy.directory, "show", "HEAD:public/favicon.svg")).toBe("<svg><!-- the owner's --></svg>");
    expect(await git(copy.directory, "status", "--porcelain")).toBe("");
  });

  test("doctor and --test run before the push; nothing is installed without need", () => {
    expect(done.npmCalls).toEqual(["install --ignore-scripts --no-audit --no-fund", "run doctor", "test"]);
  });

  test("no upstream, no push", async () => {
    expect([done.exitCode, done.output]).toEqual([0, expect.stringContaining("git push --set-upstream origin lonely")]);
    expect(await everyByte(copy.origin)).toEqual(sent);
  });
});

describe("an update", () => {
  test("--no-push pushes nothing, and --abort takes the update back", async () => {
    const { directory, origin } = await linkedCopy();
    await write(directory, "untracked.txt", "Mine.\n");
    const before = await everythingOf(directory);
    const sent = await everyByte(origin);

    const { output } = await update(directory, ["--no-push"]);
    expect(output).toContain("Next: git push");
    expect(await everyByte(origin)).toEqual(sent);
    const back = await update(directory, ["--abort"]);

    expect(back.output).toContain("The update was undone.\nNext: npm install");
    // Only the remote-tracking refs of the template may have changed.
    const own = (refs: unknown): string => String(refs).replace(/.*refs\/remotes\/template.*/, "");
    const after = await everythingOf(directory);
    expect({ ...after, refs: own(after.refs) }).toEqual({ ...before, refs: own(before.refs) });
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

  test("is pushed to the branch's own upstream, whatever its name", async () => {
    const { directory, origin } = await linkedCopy();
    await git(directory, "push", "--quiet", "origin", "main:live");
    await git(directory, "switch", "--quiet", "--create", "local", "--track", "origin/live");
    expect((await update(directory)).output).toContain("Pushed to origin (live)");
    expect(await git(origin, "rev-parse", "live")).toBe(await git(directory, "rev-parse", "HEAD"));
    expect(await git(origin, "branch", "--format=%(refname:short)")).toBe("live\nmain");
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

  test("[A10] the temporary repository has no copy of .secret.json, and is gone afterwards", async () => {
    const { directory } = await linkedCopy(async (folder) => {
      await write(folder, ".secret.json", '{"Github":{"client_secret":"real"}}\n');
    });
    // Other test files use the common folder at the same time.
    const own = bench.path("own-temporary-folder");
    await mkdir(own);
    vi.stubEnv("TMPDIR", own);
    const folders = (): string[] => readdirSync(own).filter((name) => name.startsWith("auth-provider-template-"));
    const seen: string[] = [];
    const confirm = async (): Promise<boolean> => {
      const [folder = ""] = folders();
      seen.push(...readdirSync(join(own, folder)));
      return true;
    };

    const status = await updateRepo(["--no-push"], createWorld(directory, { confirm }));
    vi.unstubAllEnvs();
    expect(status).toBe(0);

    expect(seen).toContain("services.json");
    expect(seen).not.toContain(".secret.json");
    expect(folders()).toEqual([]);
    expect(await git(directory, "show", "HEAD:.secret.json")).toContain("real");
    expect(await git(directory, "status", "--porcelain")).toBe("");
  });

  test("--pristine lays out the template for comparison, by degit", async () => {
    const { directory, template } = await linkedCopy();
    await git(directory, "config", "remote.template.url", "https://github.com/the/template.git");
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

describe("--dry-run", () => {
  test.each([
    ["without conflicts", editAsOwner, "The merge has no conflicts."],
    ["with conflicts", editIntoConflict, "resolve conflicts in 2 files:\n\n  - README.md\n  - docs/old-notes.md"],
  ])("%s: shows it all and changes no byte, in git's folder neither", async (_name, edit, end) => {
    const { directory, origin } = await linkedCopy(edit);
    const [before, sent] = [await everyByte(directory), await everyByte(origin)];

    const { exitCode, output, npmCalls } = await update(directory, ["--dry-run"]);

    expect(exitCode).toBe(0);
    expect(output).toContain("To do before the update:");
    expect(output).toContain(end);
    expect(output).toContain("nothing was changed");
    expect(npmCalls).toEqual([]);
    expect([await everyByte(directory), await everyByte(origin)]).toEqual([before, sent]);
  });
});

test("changelog entries: items of any release, on one line, without what a terminal obeys", () => {
  const news = "## [2]\n\n### Added\n- **Owners:** do\n  this.\n- One\u001B[2J\n";
  const text = `# Changelog\n\n${news}\n## [1]\n\n- Two\n\nText.\n`;
  expect(changelogEntries(text)).toEqual(["**Owners:** do this.", "One", "Two"]);
});
