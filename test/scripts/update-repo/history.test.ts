import { describe, expect, test } from "vitest";
import { initRepo } from "../../../scripts/init-repo.ts";
import {
  commitAll,
  createWorld,
  editAsOwner,
  editLine,
  everyByte,
  git,
  publish,
  read,
  squashHistory,
  write,
} from "../../tools/repositories.ts";
import { bench, copyLinked, editIntoConflict, type Linked, linkedCopy, update } from "./linked-copy.ts";

const CALLBACK = "netlify/functions/callback.ts";
/** A line of release 1.2.0, which is a security release. */
const FIX = "// iss";

async function init(directory: string, ...args: string[]) {
  const world = createWorld(directory);
  return { exitCode: await initRepo(["--yes", ...args], world), output: world.output() };
}

async function refuses({ directory }: Linked, reason: RegExp, args: string[] = []): Promise<string> {
  const before = await everyByte(directory);
  const { exitCode, output } = await update(directory, args);
  expect([exitCode, output]).toEqual([1, expect.stringMatching(reason)]);
  expect(await everyByte(directory)).toEqual(before);
  return output;
}

/** A copy with release 1.1.0 or later, by an update that was not pushed. */
function updatedCopy(release: "1.1.0" | "1.2.0" = "1.2.0", edit = editAsOwner): Promise<Linked> {
  return bench.once(`updated to ${release} ${edit}`, async () => {
    const copy = await linkedCopy(edit, { now: release });
    expect((await update(copy.directory, ["--no-push"])).exitCode).toBe(0);
    return copy;
  });
}

describe("[A56] a template whose history was rewritten to one new root", () => {
  test("every change arrives, once the owner accepts it, and so do later ones", async () => {
    const copy = await linkedCopy();
    const root = await squashHistory(copy.template);
    const files = `history was rewritten[\\s\\S]*- ${CALLBACK}[\\s\\S]*- server/upstream/redeem.ts[\\s\\S]*npm run init-repo`;
    await refuses(copy, new RegExp(files));

    expect((await init(copy.directory)).output).toContain("history was rewritten. Your copy has its old commit");
    expect(await git(copy.directory, "rev-list", "--merges", "--count", "HEAD~1..HEAD")).toBe("0");
    expect((await init(copy.directory)).output).toContain("already shares its history");
    const { exitCode, output } = await update(copy.directory);

    expect([exitCode, output]).toEqual([0, expect.stringContaining("The merge has no conflicts.")]);
    expect(await read(copy.directory, CALLBACK)).toContain(FIX);
    expect(await read(copy.directory, "public/index.html")).toContain("<p>Example Inc.</p>");
    expect(await git(copy.directory, "log", "-1", "--format=%B")).toContain(`Template-Commit: ${root}`);
    publish(copy.template, (all) => (all[CALLBACK] += "// Later\n"));
    const later = await update(copy.directory);
    expect(later.output).toMatch(/1 new commit of the template:[\s\S]*The merge has no conflicts/);
    expect(await read(copy.directory, CALLBACK)).toContain("// Later");
  });

  test("nor does a fork lose any, whose history names no commit of the template", async () => {
    const copy = await linkedCopy(editAsOwner, { way: "fork" });
    await squashHistory(copy.template);
    await init(copy.directory);
    expect((await update(copy.directory, ["--no-push"])).exitCode).toBe(0);
    expect(await read(copy.directory, CALLBACK)).toContain(FIX);
  });

  test("a new clone of the copy takes its own history, and not the similar files, for what it has", async () => {
    const { origin, template } = await linkedCopy();
    await squashHistory(template);
    const directory = bench.path("clone");
    await git(bench.directory, "clone", "--quiet", origin, directory);

    expect((await init(directory, "--template", template.directory)).output).toContain("history was rewritten");
    expect((await update(directory, ["--no-push"])).exitCode).toBe(0);
    expect(await read(directory, CALLBACK)).toContain(FIX);
  });

  test("one that went back to an older state is no update, with its old history or a new one", async () => {
    const copy = await linkedCopy(editAsOwner, { now: "1.2.0" });
    await update(copy.directory);
    await copy.template.release("1.1.0");
    await refuses(copy, /has gone back to [0-9a-f]{7}, which is older/);
    await squashHistory(copy.template);
    await refuses(copy, /has gone back to [0-9a-f]{7}, which is older/);
    const { exitCode, output } = await init(copy.directory);
    expect([exitCode, output]).toEqual([1, expect.stringContaining("has gone back to")]);
  });
});

describe("[A56] an update that the owner has undone", () => {
  const revertOf = (output: string): string[] => /git (revert --no-edit .*)/.exec(output)?.[1]?.split(" ") ?? [];

  async function bringsItBack(copy: Linked, output: string): Promise<void> {
    await git(copy.directory, ...revertOf(output));
    expect(await read(copy.directory, CALLBACK)).toContain(FIX);
    expect((await update(copy.directory, ["--no-push"])).exitCode).toBe(0);
    expect(await read(copy.directory, CALLBACK)).toContain(FIX);
    expect(await read(copy.directory, "netlify/functions/token.ts")).toContain("// Token");
  }

  async function undoneCopy(message: string): Promise<Linked> {
    const { template, ...copy } = await copyLinked(await updatedCopy());
    await git(copy.directory, "revert", "--no-commit", "--mainline", "1", "HEAD");
    const reverted = await git(copy.directory, "rev-parse", "HEAD");
    await git(copy.directory, "commit", "--quiet", "--message", message.replace("HASH", reverted));
    expect(await read(copy.directory, CALLBACK)).not.toContain(FIX);
    return { template, ...copy };
  }

  test.each([
    ["git revert", 'Revert "Update"\n\nThis reverts commit HASH, reversing\nchanges made to 0123.'],
    ["a pull request that lost git's message", "Revert update (#2)"],
  ])("by %s: the next one says so, with the command that brings it back", async (_name, message) => {
    const copy = await undoneCopy(message);
    const again = await update(copy.directory);
    expect([again.exitCode, again.output]).toEqual([0, expect.stringMatching(/Nothing new[\s\S]*has undone:/)]);

    await copy.template.release("2.0.0");
    const output = await refuses(
      copy,
      /has undone:\n\n {2}- the update to .*"Release 1\.2\.0", by your commit .*Revert/,
    );
    expect(output).toContain("a security fix may be among them");
    await bringsItBack(copy, output);
  });

  test("stays out for ever only if the owner says so, which is recorded and not asked again", async () => {
    const copy = await undoneCopy("Revert update (#2)");
    await write(copy.template.directory, "refs/heads/main", `${copy.template.commits[19]}\n`);
    const { exitCode } = await update(copy.directory, ["--leave-out", "--no-push"]);
    expect(exitCode).toBe(0);
    expect(await git(copy.directory, "log", "-1", "--format=%B")).toMatch(/\nTemplate-Left-Out: [0-9a-f]{40}$/);
    expect(await read(copy.directory, CALLBACK)).not.toContain(FIX);
    expect((await update(copy.directory)).output).not.toContain("has undone");
  });

  test("comes again by itself if it had been squashed", async () => {
    const copy = await copyLinked(await updatedCopy());
    await squash(copy, await git(copy.directory, "log", "-1", "--format=%B"));
    await git(copy.directory, "revert", "--no-edit", "HEAD");
    expect((await update(copy.directory, ["--no-push"])).exitCode).toBe(0);
    expect(await read(copy.directory, CALLBACK)).toContain(FIX);
  });

  test("is not one of which the owner, or the template, has only changed some files again", async () => {
    const copy = await copyLinked(await updatedCopy());
    await git(copy.directory, "checkout", "--quiet", "HEAD^1", "--", CALLBACK);
    await commitAll(copy.directory, "As it was");
    expect((await update(copy.directory)).output).not.toContain("has undone");

    await copy.template.release("2.0.0");
    publish(copy.template, (all) => (all[CALLBACK] = (all[CALLBACK] ?? "").replace(FIX, "// Callback, line 6.")));
    expect((await update(copy.directory, ["--no-push"])).exitCode).toBe(0);
    expect((await update(copy.directory, ["--no-push"])).output).toMatch(/Nothing new: .*\.\nNot pushed yet/);
  });
});

describe("an earlier update that was squashed, and whose message does not name it", () => {
  async function joins(copy: Linked): Promise<void> {
    await copy.template.release("2.0.0");
    await refuses(
      copy,
      /contain the update to [0-9a-f]{7}, but your history does not: it was squashed[\s\S]*init-repo/,
    );

    expect((await init(copy.directory)).output).toContain(
      "your files contain its changes, although your history does not",
    );
    expect(await git(copy.directory, "log", "-1", "--format=%s", "HEAD^2")).toBe("Release 1.1.0");
    const { exitCode, output } = await update(copy.directory);
    expect([exitCode, output]).toEqual([0, expect.stringContaining("The merge has no conflicts.")]);
    expect(await read(copy.directory, "netlify/functions/token.ts")).toContain("// Token");
  }

  test("is found by its files", async () => {
    const copy = await copyLinked(await updatedCopy("1.1.0"));
    await squash(copy, "Update (#3)");
    await editLine(copy.directory, "README.md", 8, "Written later.");
    await commitAll(copy.directory, "Later");
    await joins(copy);
  });

  test("and so is one that was rebased", async () => {
    const edit = (folder: string): Promise<void> => editLine(folder, "README.md", 6, "Example Inc.");
    const copy = await copyLinked(await updatedCopy("1.1.0", edit));
    await git(copy.directory, "rebase", "--quiet", "HEAD^1");
    expect(await git(copy.directory, "rev-list", "--merges", "--count", "HEAD~6..HEAD")).toBe("0");
    await joins(copy);
  });

  test("a conflict that was resolved then is left to the owner, who is told the commit", async () => {
    const copy = await linkedCopy(editIntoConflict, { now: "1.1.0" });
    expect((await update(copy.directory)).exitCode).toBe(1);
    await write(
      copy.directory,
      "README.md",
      (await read(copy.directory, "README.md")).replace(/<<<<<<<.*\n|=======\n|>>>>>>>.*\n/g, ""),
    );
    await git(copy.directory, "add", "README.md");
    expect((await update(copy.directory, ["--continue", "--no-push"])).exitCode).toBe(0);
    await squash(copy, "Update (#3)");
    await copy.template.release("2.0.0");
    const { output } = await update(copy.directory, ["--dry-run"]);
    expect(output).toMatch(/as if it had been squashed\.[\s\S]*- README\.md\n\n.*init-repo -- --base [0-9a-f]{10}/);
  });

  test("is not one of which the copy has a part, or has removed the same files", async () => {
    const copy = await linkedCopy(async (folder) => {
      await git(folder, "rm", "--quiet", "docs/old-notes.md");
      await editLine(folder, "netlify/functions/callback.ts", 6, "// iss");
    });
    const { exitCode } = await update(copy.directory);
    expect(exitCode).toBe(0);
    expect(await read(copy.directory, "server/upstream/redeem.ts")).toContain("// Early");
  });
});

describe("an update that is merged, but not pushed", () => {
  test("is named when there is nothing new, until it is pushed", async () => {
    const copy = await linkedCopy();
    await git(copy.directory, "config", "remote.origin.pushurl", bench.path("nowhere"));
    expect((await update(copy.directory)).output).toContain("The push failed");

    const reminder =
      /Nothing new.*\nNot pushed yet: your branch is \d+ commits ahead of origin \(main\)\. Next: git push$/;
    expect((await update(copy.directory)).output).toMatch(reminder);
    await git(copy.directory, "config", "--unset", "remote.origin.pushurl");
    await git(copy.directory, "push", "--quiet");
    expect((await update(copy.directory)).output).toMatch(/up to date with the template\.$/);
  });

  test("nor is one forgotten on a branch that has no upstream", async () => {
    const { directory } = await linkedCopy();
    await git(directory, "switch", "--quiet", "--create", "lonely");
    await update(directory);
    expect((await update(directory)).output).toMatch(/Not pushed yet: .* git push --set-upstream origin lonely$/);
  });
});

async function squash({ directory }: Linked, message: string): Promise<void> {
  await git(directory, "reset", "--quiet", "--soft", "HEAD^1");
  await git(directory, "commit", "--quiet", "--message", message);
}
