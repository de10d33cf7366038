import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CommandContext } from "../../../scripts/git/repository-command.ts";
import { initRepo } from "../../../scripts/init-repo.ts";
import {
  type Copy,
  commitAll,
  createWorld,
  editAsOwner,
  editLine,
  everyByte,
  everythingOf,
  GIT_ENVIRONMENT,
  git,
  makeCopy,
  rewriteHistory,
  succeeds,
  type TestWorld,
  write,
} from "../../tools/repositories.ts";
import { addDoctor, bench, decide, linkedCopy, stoppedCopy, update } from "./linked-copy.ts";

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
    await refuses(copy, /uncommitted changes:\n\n M README\.md[\s\S]*git stash/);
    await git(copy.directory, "add", "README.md");
    await refuses(copy, /uncommitted changes/);
    await git(copy.directory, "reset", "--quiet", "--hard");
    await rm(join(copy.directory, "LICENSE"));
    await refuses(copy, /uncommitted changes:\n\n D LICENSE/);
  });

  test("a detached head", async () => {
    const copy = await linkedCopy();
    await git(copy.directory, "checkout", "--quiet", "--detach");
    await refuses(copy, /detached HEAD[\s\S]*git switch main/);
  });

  test("no remote: a new clone of the owner's repository", async () => {
    const { origin } = await linkedCopy();
    const directory = bench.path("clone");
    await git(bench.directory, "clone", "--quiet", origin, directory);
    await refuses({ directory, origin }, /no remote "template"[\s\S]*npm run init-repo/);
  });

  test("no network", async () => {
    const copy = await linkedCopy();
    await git(copy.directory, "config", "remote.template.url", "https://template.invalid/auth-provider.git");
    await refuses(copy, /could not be fetched[\s\S]*Check your network/);
  });

  test("a rewritten template history, until init-repo has found the same state in it", async () => {
    for (const way of ["Use this template", "fork"] as const) {
      const copy = await linkedCopy(editAsOwner, { way });
      rewriteHistory(copy.template);
      await refuses(copy, /history was rewritten[\s\S]*npm run init-repo/);

      expect(await initRepo([], createWorld(copy.directory))).toBe(0);
      const { output } = await update(copy.directory, ["--dry-run"]);
      expect(output).toContain("The merge has no conflicts.");
    }
  });

  test("an unrelated template", async () => {
    const copy = await linkedCopy();
    const unrelated = await makeCopy(bench, copy.template, "Use this template", 20);
    await git(copy.directory, "checkout", "--quiet", "--orphan", "fresh");
    await commitAll(copy.directory, "No history");
    await git(copy.directory, "config", "remote.template.url", unrelated.directory);
    await git(copy.directory, "update-ref", "-d", "refs/remotes/template/main");
    await refuses(copy, /no common history[\s\S]*npm run init-repo/);
  });

  test("an earlier update that was squashed, until init-repo has joined it", async () => {
    const copy = await linkedCopy(editAsOwner, { now: "1.1.0" });
    await update(copy.directory);
    const body = await git(copy.directory, "log", "-1", "--format=%B");
    await git(copy.directory, "reset", "--quiet", "--soft", "HEAD^1");
    await git(copy.directory, "commit", "--quiet", "--message", body);
    await copy.template.release("2.0.0");
    await refuses(copy, /was squashed[\s\S]*npm run init-repo/);

    expect(await initRepo([], createWorld(copy.directory))).toBe(0);
    const { output } = await update(copy.directory, ["--dry-run"]);
    expect(output).toContain("The merge has no conflicts.");
  });

  test("a merge, or another thing, in progress", async () => {
    const copy = await linkedCopy();
    await git(copy.directory, "switch", "--quiet", "--create", "side", "HEAD~2");
    await editLine(copy.directory, "README.md", 6, "Another.");
    await commitAll(copy.directory, "Side");
    await git(copy.directory, "switch", "--quiet", "main");
    await succeeds(copy.directory, "merge", "side");
    await refuses(copy, /A merge is in progress/);
    await refuses(copy, /no update to undo/, ["--abort"]);
    await refuses(copy, /No update is in progress/, ["--continue"]);
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

  test("git is told to merge signed commits only", async () => {
    const copy = await linkedCopy();
    await git(copy.directory, "config", "merge.verifySignatures", "true");
    const reason = /merge\.verifySignatures.*has no signature[\s\S]*git config merge\.verifySignatures false/;
    await refuses(copy, reason);
    await refuses(copy, reason, ["--dry-run"]);
  });

  test("the system's temporary folder is missing", async () => {
    const copy = await linkedCopy();
    const { TMPDIR } = process.env;
    process.env.TMPDIR = join(copy.directory, "nowhere");
    await refuses(copy, /nowhere cannot be written[\s\S]*TMPDIR/).finally(() => Object.assign(process.env, { TMPDIR }));
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
    await refuses(copy, /does not know your name/).finally(() => Object.assign(process.env, GIT_ENVIRONMENT));
  });

  test("files in the way: untracked ones, ignored ones, and a file where a folder must be", async () => {
    const copy = await linkedCopy(async (folder) => {
      await write(folder, ".gitignore", "node_modules/\ntoken.ts\n");
    });
    await write(copy.directory, "netlify/functions/token.ts", "Precious and ignored.\n");
    await write(copy.directory, "public/styles", "A file.\n");
    await refuses(
      copy,
      /already exist in your folder[\s\S]*- netlify\/functions\/token\.ts\n {2}- public\/styles\/main\.css/,
    );
  });

  test("nothing to take back, nothing to continue, an unknown option", async () => {
    const copy = await linkedCopy();
    await refuses(copy, /no update to undo/, ["--abort"]);
    await refuses(copy, /No update is in progress/, ["--continue"]);
    await refuses(copy, /--forse[\s\S]*--help/, ["--forse"]);
  });

  test("an update that was pushed by hand cannot be aborted", async () => {
    const copy = await linkedCopy();
    await update(copy.directory, ["--no-push"]);
    await git(copy.directory, "push", "--quiet");
    await refuses(copy, /has already been pushed[\s\S]*git revert --mainline 1 HEAD/, ["--abort"]);
  });

  test("[A10] .secret.json where everybody can read it, or could after the push", async () => {
    const copy = await linkedCopy();
    const visibilityOf: CommandContext["visibilityOf"] = async (url) => (url === copy.origin ? "public" : "private");
    await write(copy.directory, ".secret.json", "{}\n");
    await commitAll(copy.directory, "Secrets");
    await refuses(copy, /a push to origin .* would publish it/, [], { visibilityOf });
    await refuses(copy, /a push to origin/, ["--dry-run"], { visibilityOf });
    await git(copy.directory, "push", "--quiet");
    await git(copy.directory, "rm", "--quiet", ".secret.json");
    await commitAll(copy.directory, "Gone, but not from the history");
    await refuses(copy, /in the history of origin .*, which is public/, [], { visibilityOf });
    expect((await update(copy.directory, ["--dry-run"])).exitCode).toBe(0);
  });

  test("[A10] .secret.json, where nobody can say who reads the repository that it would be pushed to", async () => {
    const copy = await linkedCopy();
    await write(copy.directory, ".secret.json", "{}\n");
    await commitAll(copy.directory, "Secrets");
    await git(copy.directory, "remote", "add", "elsewhere", "git@elsewhere.example:me/auth.git");
    const unknownIs = (remote: string): Partial<TestWorld> => ({
      visibilityOf: async (url) => (url === remote ? "unknown" : "private"),
    });

    await refuses(copy, /it is unknown whether origin .* is public/, [], unknownIs(copy.origin));
    const goesOn = async (args: string[], remote: string) =>
      expect((await update(copy.directory, ["--dry-run", ...args], unknownIs(remote))).exitCode).toBe(0);
    await goesOn(["--no-push"], copy.origin);
    await goesOn([], "git@elsewhere.example:me/auth.git");

    await git(copy.directory, "remote", "set-url", "origin", "git@elsewhere.example:me/auth.git");
    const page = /Open https:\/\/elsewhere\.example\/me\/auth\.git in a private window[\s\S]*--no-push/;
    await refuses(copy, page, [], unknownIs("git@elsewhere.example:me/auth.git"));
  });

  test("[A10] .secret.json that was added while a conflict was decided", async () => {
    const copy = await stoppedCopy();
    await write(copy.directory, ".secret.json", "{}\n");
    await decide(copy.directory);
    const visibilityOf: CommandContext["visibilityOf"] = async () => "public";
    await refuses(copy, /a push to origin .* would publish it/, ["--continue"], { visibilityOf });
    const unknown: CommandContext["visibilityOf"] = async () => "unknown";
    await refuses(copy, /it is unknown whether/, ["--continue"], { visibilityOf: unknown });
  });
});

test("[A10] what looks like a secret, and was added while a conflict was decided, is not committed", async () => {
  const { directory } = await stoppedCopy();
  await write(directory, "sub/.env.local", "A=1\n");
  await decide(directory);

  const refused = await update(directory, ["--continue"]);
  expect([refused.exitCode, refused.output]).toEqual([
    1,
    expect.stringContaining("- sub/.env.local: environment variables"),
  ]);
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

  test("git cannot sign the commit", async () => {
    const copy = await linkedCopy();
    await git(copy.directory, "config", "commit.gpgSign", "true");
    await git(copy.directory, "config", "gpg.program", "false");
    await failsAndRestores(copy, "gpg failed to sign the data");
  });

  test("a checkout stops half-way; files that the owner works on are not touched, and the next run is possible", async () => {
    const copy = await linkedCopy();
    await write(copy.directory, "netlify/functions/untracked.ts", "Mine.\n");
    await write(copy.directory, "debug.log", "Ignored.\n");
    // Git writes netlify/functions/token.ts and others before it comes to this file.
    await write(copy.directory, ".git/info/attributes", "theme.css filter=broken\n");
    await git(copy.directory, "config", "filter.broken.required", "true");
    await git(copy.directory, "config", "filter.broken.smudge", "false");
    await git(copy.directory, "config", "filter.broken.clean", "cat");
    await failsAndRestores(copy, "smudge filter broken failed");
    await git(copy.directory, "config", "--unset", "filter.broken.smudge");
    await git(copy.directory, "config", "filter.broken.smudge", "cat");
    expect((await update(copy.directory)).exitCode).toBe(0);
  });

  test("what cannot be restored is named, and --abort restores it once it can", async () => {
    const copy = await linkedCopy();
    const before = await everythingOf(copy.directory);
    await write(copy.directory, ".git/info/attributes", "public/index.html filter=broken\n");
    await git(copy.directory, "config", "filter.broken.required", "true");
    await git(copy.directory, "config", "filter.broken.smudge", "false");

    const { exitCode, output } = await update(copy.directory);

    expect([exitCode, output]).toEqual([
      1,
      expect.stringContaining("could not be restored:\n\n  - public/index.html\n"),
    ]);
    expect(output).not.toContain("Nothing was changed");
    expect((await update(copy.directory)).output).toContain("An earlier update was interrupted");
    await git(copy.directory, "config", "--remove-section", "filter.broken");
    expect((await update(copy.directory, ["--abort"])).output).toBe("The update was undone.");
    expect(await everythingOf(copy.directory)).toEqual(before);
  });

  test("git is killed while it writes", async () => {
    const copy = await linkedCopy();
    const before = await everythingOf(copy.directory);
    await git(copy.directory, "update-ref", "refs/update-repo/before", "HEAD");
    await git(copy.directory, "fetch", "--quiet", copy.template.directory, "+main:refs/update-repo/result");
    await write(copy.directory, "netlify/functions/token.ts", "Half a f");
    await write(copy.directory, "README.md", "Half");

    expect((await update(copy.directory)).output).toContain("An earlier update was interrupted");
    expect((await update(copy.directory, ["--continue"])).output).toContain("An earlier update was interrupted");
    expect((await update(copy.directory, ["--abort"])).output).toBe("The update was undone.");
    expect(await everythingOf(copy.directory)).toEqual(before);
  });

  test("a hook refuses the commit", async () => {
    const copy = await linkedCopy();
    await write(copy.directory, ".git/hooks/commit-msg", "#!/bin/sh\necho Not today. >&2\nexit 1\n");
    await chmod(join(copy.directory, ".git/hooks/commit-msg"), 0o755);
    await failsAndRestores(copy, "Not today.");
  });

  test.each([
    ["in one go", false],
    ["after a conflict", true],
  ])("a failure behind the commit, %s, does not claim that nothing was changed", async (_name, inConflict) => {
    const copy = await (inConflict ? stoppedCopy() : linkedCopy());
    const before = await git(copy.directory, "rev-parse", "HEAD");
    const sent = await everyByte(copy.origin);
    if (inConflict) await decide(copy.directory);
    await write(copy.directory, ".git/refs/remotes/template/main.lock", "");

    const stopped = await update(copy.directory, inConflict ? ["--continue"] : []);

    expect([stopped.exitCode, stopped.output]).toEqual([
      1,
      expect.stringContaining("The update is merged on this computer"),
    ]);
    expect(stopped.output).toContain("main.lock': File exists");
    expect(stopped.output).not.toContain("Nothing was changed");
    expect(await git(copy.directory, "rev-parse", "HEAD^1")).toBe(before);
    expect(await everyByte(copy.origin)).toEqual(sent);
    expect((await update(copy.directory, ["--abort"])).exitCode).toBe(0);
    expect(await git(copy.directory, "rev-parse", "HEAD")).toBe(before);
  });

  test("npm install fails after a conflict: the decisions stay", async () => {
    const copy = await stoppedCopy();
    await decide(copy.directory);
    const before = await everythingOf(copy.directory);

    const { exitCode, output } = await update(copy.directory, ["--continue"], { npm: async () => false });

    expect([exitCode, output]).toEqual([
      1,
      expect.stringContaining("The update is still in progress, because a step failed:\nnpm install failed."),
    ]);
    expect(await everythingOf(copy.directory)).toEqual(before);
  });

  test.each([
    ["doctor", "run doctor", "doctor found errors"],
    ["the tests", "test", "The tests failed"],
  ])("%s stops the push; the update can be taken back", async (_name, failing, reason) => {
    const copy = await linkedCopy(addDoctor);
    const [before, sent] = [await everythingOf(copy.directory), await everyByte(copy.origin)];

    const stopped = await update(copy.directory, ["--test"], { npm: async (...args) => args.join(" ") !== failing });

    expect([stopped.exitCode, stopped.output]).toEqual([1, expect.stringContaining(reason)]);
    expect(stopped.output).toMatch(/To continue: .*git push\nTo go back: .*--abort$/);
    expect(await everyByte(copy.origin)).toEqual(sent);
    expect((await update(copy.directory, ["--abort"])).exitCode).toBe(0);
    expect({ ...(await everythingOf(copy.directory)), refs: "" }).toEqual({ ...before, refs: "" });
  });
});

test("a partial clone is linked and updated: git fetches the missing files", async () => {
  const { origin, template } = await linkedCopy();
  await git(origin, "config", "uploadpack.allowFilter", "true");
  await git(origin, "config", "uploadpack.allowAnySHA1InWant", "true");
  const directory = bench.path("partial");
  await git(bench.directory, "clone", "--quiet", "--filter=blob:none", "--no-checkout", `file://${origin}`, directory);
  await git(directory, "sparse-checkout", "set", "docs");
  await git(directory, "checkout", "--quiet", "main");

  const world = createWorld(directory);
  expect([await initRepo(["--template", template.directory], world), world.output()]).toEqual([0, expect.any(String)]);
  const { exitCode, output } = await update(directory);

  expect([exitCode, output]).toEqual([0, expect.stringContaining("Pushed to origin (main)")]);
  expect(await git(directory, "status", "--porcelain")).toBe("");
});
