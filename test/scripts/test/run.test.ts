import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { copyProject, type ProjectCopy } from "../../tools/project-copy.ts";
import { requireRoom } from "../../tools/temporary-folder.ts";

/** `npm test` in a copy of the project with two suites. The first suite fails. */

const CONFIGURATION = `export default { test: { projects: [
  { test: { name: "first", include: ["test/first/**"], maxWorkers: 1, sequence: { groupOrder: 1 } } },
  { test: { name: "second", include: ["test/second/**"], maxWorkers: 1, sequence: { groupOrder: 2 } } },
] } };`;
const FIRST = `import { expect, test } from "vitest";
test("[X1] is wrong", () => expect(1).toBe(2));
test("is right", () => {});`;
const SECOND = `import { test } from "vitest";
test("[X2] is right as well", () => {});
test.skip("is not run", () => {});`;
const BROKEN = `throw new Error("a file that cannot be loaded");`;

let copy: ProjectCopy;

beforeAll(async () => {
  copy = await copyProject();
  const files = { "vitest.config.ts": CONFIGURATION, "test/first/a.test.ts": FIRST, "test/second/b.test.ts": SECOND };
  await mkdir(join(copy.directory, "test/first"));
  await mkdir(join(copy.directory, "test/second"));
  for (const [path, text] of Object.entries(files)) await writeFile(join(copy.directory, path), text);
});

async function npmTest(...args: string[]): Promise<{ status: number; lastLine: string | undefined; output: string }> {
  const { status, output } = await copy.run("node", ["scripts/test.ts", ...args]);
  return { status, output, lastLine: /^\d+ passed, .*/m.exec(output)?.[0] };
}

describe("npm test", () => {
  test("runs every suite, whatever an earlier one has said, and counts all of them", async () => {
    expect(await npmTest("first", "second")).toMatchObject({ status: 1, lastLine: "2 passed, 1 failed, 1 skipped" });
  });

  test("runs a part: a part of a file's name", async () => {
    expect(await npmTest("b.test")).toMatchObject({ status: 0, lastLine: "1 passed, 0 failed, 1 skipped" });
  });

  test("runs a part: a part of tests' names, whose brackets are no pattern; and hands flags on", async () => {
    // Without --project, three tests would be skipped.
    const ran = await npmTest("[X2]", "--project", "second");
    expect(ran).toMatchObject({ status: 0, lastLine: "1 passed, 0 failed, 1 skipped" });
  });

  test("says that nothing belongs to a part, and fails", async () => {
    const { status, output } = await npmTest("no such thing");
    expect(status).toBe(1);
    expect(output).toContain("No test matches no such thing.");
  });

  test("runs a part: a folder; and counts a file that cannot be loaded", async () => {
    await writeFile(join(copy.directory, "test/second/c.test.ts"), BROKEN);
    expect(await npmTest("test/second")).toMatchObject({ status: 1, lastLine: "1 passed, 1 failed, 1 skipped" });
  });

  test("says where room is missing, in one sentence", async () => {
    const error = await requireRoom(copy.directory, 1e9).catch((error: Error) => error);
    expect((error as Error).stack).toMatch(
      /^The tests need 1000000000 MB in .+, where \d+ MB are free\. Make room there, .+ on another disk\.$/,
    );
  });
});
