import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT } from "../../../scripts/files/project.ts";
import type { CommandContext } from "../../../scripts/git/repository-command.ts";
import { initRepo } from "../../../scripts/init-repo.ts";
import { isSlim, isTemplateOnly, slimPackage, TEMPLATE_ONLY } from "../../../scripts/slim/template-only.ts";
import {
  commitAll,
  createWorld,
  editAsOwner,
  editJson,
  editLine,
  everythingOf,
  git,
  makeCopy,
  publish,
  RELEASES,
  read,
  setJson,
  write,
} from "../../tools/repositories.ts";
import { bench, conflictsIn, copyLinked, type Linked, linkedCopy, update } from "../update-repo/linked-copy.ts";

/** `npm run init-repo -- --slim` and `--full`, and updates of a slim copy, in real repositories. */

const ONLY_TEMPLATE = ["CONTRIBUTING.md", "bench/bench.ts", "test/gate.test.ts", "test/tools/harness.ts"];

async function init({ directory, template }: Linked, args: string[], changes: Partial<CommandContext> = {}) {
  const world = createWorld(directory, changes);
  const exitCode = await initRepo(["--template", template.directory, ...args], world);
  return { exitCode, output: world.output(), npmCalls: world.npmCalls };
}

const filesOf = async (directory: string, commit = "HEAD"): Promise<string[]> =>
  (await git(directory, "ls-tree", "-r", "--name-only", commit)).split("\n");

const manifestOf = async (directory: string) => JSON.parse(await read(directory, "package.json"));

async function slimCopy(edit = editAsOwner): Promise<Linked> {
  const slim = await bench.once(`slim ${edit}`, async () => {
    const copy = await linkedCopy(edit);
    expect(await init(copy, ["--slim", "--yes"])).toMatchObject({ exitCode: 0 });
    await git(copy.directory, "push", "--quiet");
    return copy;
  });
  return copyLinked(slim);
}

describe("--slim", () => {
  test("takes away what only the template needs, in one commit, and nothing else", async () => {
    const copy = await linkedCopy();
    const [before, head] = [await filesOf(copy.directory), await git(copy.directory, "rev-parse", "HEAD")];

    const { exitCode, output, npmCalls } = await init(copy, ["--slim", "--yes"]);

    expect([exitCode, output]).toEqual([0, expect.stringContaining("slim now, with 4 files fewer")]);
    expect(await git(copy.directory, "rev-parse", "HEAD^")).toBe(head);
    expect(await filesOf(copy.directory)).toEqual(before.filter((path) => !ONLY_TEMPLATE.includes(path)));
    expect(await git(copy.directory, "diff", "--name-only", "--diff-filter=d", "HEAD^")).toBe("package.json");
    expect(await git(copy.directory, "status", "--porcelain")).toBe("");
    const manifest = await manifestOf(copy.directory);
    expect(manifest.scripts).not.toHaveProperty("bench");
    expect(Object.keys(manifest.devDependencies)).toEqual(["zod"]);
    expect(manifest).toMatchObject({
      name: "my-auth",
      dependencies: { "own-package": "^1.0.0" },
      template: { slim: true },
    });
    expect(npmCalls).toEqual(["install --package-lock-only --ignore-scripts --no-audit --no-fund"]);
  });

  test("can be undone: --full brings back every file and key", async () => {
    const copy = await slimCopy();

    const { exitCode, output } = await init(copy, ["--full", "--yes"]);

    expect([exitCode, output]).toEqual([0, expect.stringContaining("4 files are back")]);
    expect(await git(copy.directory, "diff", "HEAD~2", "HEAD")).toBe("");
    expect((await init(copy, ["--full", "--yes"])).output).toContain("not slim");
  });

  test("twice changes nothing", async () => {
    const copy = await slimCopy();
    const before = await everythingOf(copy.directory);
    expect((await init(copy, ["--slim", "--yes"])).output).toContain("slim already");
    expect(await everythingOf(copy.directory)).toEqual(before);
  });

  test.each([
    ["stay, unless the owner says otherwise", undefined, true],
    ["stay if the owner says so", false, true],
    ["go if the owner says so", true, false],
  ])("names files that the owner has changed or added there, and they %s", async (_, answer, areThere) => {
    const copy = await linkedCopy(editTests);
    const questions: string[] = [];
    const confirm = async (question: string): Promise<boolean> => (questions.push(question), answer ?? false);

    const { exitCode, output } = await init(copy, ["--slim", ...(answer === undefined ? ["--yes"] : [])], { confirm });

    expect(exitCode).toBe(0);
    expect(output).toContain("  - test/gate.test.ts\n  - test/mine.test.ts\n");
    expect(questions).toHaveLength(answer === undefined ? 0 : 1);
    const files = await filesOf(copy.directory);
    for (const path of ["test/gate.test.ts", "test/mine.test.ts"]) expect(files.includes(path)).toBe(areThere);
    expect(files).not.toContain("test/tools/harness.ts");
  });

  test("works in a folder that is no repository yet", async () => {
    const template = await bench.template("1.0.0");
    const copy = await makeCopy(bench, template, "degit", RELEASES["1.0.0"]);

    expect(await init({ ...copy, template }, ["--slim", "--yes"])).toMatchObject({ exitCode: 0 });

    const files = await filesOf(copy.directory);
    expect(files).toContain("README.md");
    expect(files.filter((path) => ONLY_TEMPLATE.includes(path))).toEqual([]);
  });

  test("keeps the package node where npm runs on a Node that is too old for the scripts", async () => {
    const copy = await linkedCopy();
    const env = { npm_config_user_agent: "npm/10.8.2 node/v20.18.0 linux x64 workspaces/false" };
    await init(copy, ["--slim", "--yes"], { env });
    expect(await manifestOf(copy.directory)).toMatchObject({ devDependencies: { node: "^24.0.0" } });
  });

  test("only says what it would do, with --dry-run", async () => {
    const copy = await linkedCopy(editTests);
    const before = await everythingOf(copy.directory);

    const { exitCode, output } = await init(copy, ["--slim", "--dry-run"]);

    expect([exitCode, output]).toEqual([0, expect.stringMatching(/3 files .*only for the template[\s\S]*test\/mine/)]);
    expect(await everythingOf(copy.directory)).toEqual(before);
  });

  test("is offered, but not done, by init-repo alone, and no longer offered in a slim copy", async () => {
    const copy = await linkedCopy();
    const head = await git(copy.directory, "rev-parse", "HEAD");
    expect((await init(copy, [])).output).toMatch(/4 files .*only for the template[\s\S]*npm run init-repo -- --slim/);
    expect(await git(copy.directory, "rev-parse", "HEAD")).toBe(head);
    expect((await init(await slimCopy(), [])).output).not.toContain("--slim");
  });
});

describe("a refusal says why, and changes nothing", () => {
  async function refuses(copy: Linked, args: string[], reason: RegExp, changes: Partial<CommandContext> = {}) {
    const before = await everythingOf(copy.directory);
    const { exitCode, output } = await init(copy, [...args, "--yes"], changes);
    expect([exitCode, output]).toEqual([1, expect.stringMatching(reason)]);
    expect(await everythingOf(copy.directory)).toEqual(before);
  }

  test("uncommitted changes", async () => {
    const copy = await linkedCopy();
    await editLine(copy.directory, "test/gate.test.ts", 1, "// Mine");
    await refuses(copy, ["--slim"], /uncommitted changes[\s\S]*test\/gate\.test\.ts/);
  });

  test("both options", async () => refuses(await linkedCopy(), ["--slim", "--full"], /opposites/));

  test("npm cannot update the lock file", async () => {
    const copy = await linkedCopy();
    // What this records of the template stays.
    await init(copy, []);
    await refuses(copy, ["--slim"], /npm could not update package-lock\.json/, { npm: async () => false });
  });

  test("an untracked file where --full would write", async () => {
    const copy = await slimCopy();
    await write(copy.directory, "test/gate.test.ts", "// Not committed.\n");
    await refuses(copy, ["--full"], /not in your repository:\n\n {2}- test\/gate\.test\.ts/);
  });
});

describe("--full", () => {
  test("brings back what the template has now, and keeps what the owner has there", async () => {
    const copy = await slimCopy();
    publish(copy.template, (files) => {
      files["test/gate.test.ts"] = "// The gate, now.\n";
      files["test/new.test.ts"] = "// New.\n";
    });
    expect((await update(copy.directory)).exitCode).toBe(0);
    await write(copy.directory, "test/tools/harness.ts", "// Mine\n");
    await commitAll(copy.directory, "My harness");

    expect(await init(copy, ["--full", "--yes"])).toMatchObject({ exitCode: 0 });

    expect(await read(copy.directory, "test/gate.test.ts")).toBe("// The gate, now.\n");
    expect(await read(copy.directory, "test/new.test.ts")).toBe("// New.\n");
    expect(await read(copy.directory, "test/tools/harness.ts")).toBe("// Mine\n");
  });

  test("does not bring back what the owner had deleted before --slim", async () => {
    const copy = await slimCopy(deleteBench);
    await init(copy, ["--full", "--yes"]);
    const files = await filesOf(copy.directory);
    expect(files).not.toContain("bench/bench.ts");
    expect(files).toContain("test/gate.test.ts");
  });
});

describe("an update of a slim copy", () => {
  test("leaves away what the template has changed, added and moved among what only it needs, without a conflict", async () => {
    const copy = await slimCopy();
    publish(copy.template, (files) => {
      files["test/gate.test.ts"] += "// Changed.\n";
      files["test/new.test.ts"] = "// New.\n";
      files["test/tools/moved.ts"] = files["test/tools/harness.ts"]!;
      delete files["test/tools/harness.ts"];
      files["server/new.ts"] = "// New.\n";
      setJson(files, "package.json", ["devDependencies", "vitest"], "^6.0.0");
      setJson(files, "package.json", ["devDependencies", "fast-check"], "^4.0.0");
      setJson(files, "package.json", ["devDependencies", "zod"], "^5.0.0");
      setJson(files, "package.json", ["scripts", "bench"], "node bench/other.ts");
    });

    const { exitCode, output } = await update(copy.directory);

    expect([exitCode, output]).toEqual([0, expect.stringContaining("Merged.")]);
    expect(output).not.toContain("Yours are kept");
    const files = await filesOf(copy.directory);
    expect(files.filter((path) => isTemplateOnly(path, TEMPLATE_ONLY))).toEqual([]);
    expect(files).toContain("server/new.ts");
    const manifest = await manifestOf(copy.directory);
    expect(manifest.devDependencies).toEqual({ zod: "^5.0.0" });
    expect(manifest.scripts).not.toHaveProperty("bench");
    expect(manifest.template.slim).toBe(true);
  });

  test("brings what everybody needs now: a file moved out of the tests, and one that the list no longer names", async () => {
    const copy = await slimCopy();
    publish(copy.template, (files) => {
      files["server/harness.ts"] = files["test/tools/harness.ts"]!;
      delete files["test/tools/harness.ts"];
      const list = JSON.parse(files["scripts/slim/template-only.json"]!);
      const left = { ...list, files: list.files.filter((file: string) => file !== "CONTRIBUTING.md") };
      files["scripts/slim/template-only.json"] = JSON.stringify(left);
    });

    expect(await update(copy.directory)).toMatchObject({ exitCode: 0 });

    const files = await filesOf(copy.directory);
    expect(files).toContain("server/harness.ts");
    expect(files).toContain("CONTRIBUTING.md");
    expect(files).not.toContain("bench/bench.ts");
  });

  test("still stops for a file of the owner's own among them, if both changed it", async () => {
    const copy = await slimCopy(editTests);
    publish(
      copy.template,
      (files) => (files["test/gate.test.ts"] = files["test/gate.test.ts"]!.replace("line 3", "x")),
    );

    expect(await update(copy.directory)).toMatchObject({ exitCode: 1 });
    expect(await conflictsIn(copy.directory)).toEqual(["test/gate.test.ts"]);
  });
});

async function editTests(directory: string): Promise<void> {
  await editLine(directory, "test/gate.test.ts", 3, "// Mine");
  await write(directory, "test/mine.test.ts", "// Mine\n");
}

async function deleteBench(directory: string): Promise<void> {
  await rm(join(directory, "bench"), { recursive: true });
  await editJson(directory, "package.json", ["name"], "my-auth");
}

/** The name in each statement or call that imports something. */
const IMPORTS = /(?:^(?:import|export)\b[^";=(/]*\bfrom |^import |\bimport\(|\bmeta\.resolve\()"([^"]+)"/gm;

describe("the list of what only the template needs", () => {
  const listed = async () => (await git(PROJECT, "ls-files", "-z")).split("\0").filter((path) => path !== "");
  const manifest = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8"));

  test("names only what there is", async () => {
    const files = await listed();
    for (const name of TEMPLATE_ONLY.files)
      expect(
        files.some((path) => isTemplateOnly(path, { ...TEMPLATE_ONLY, files: [name] })),
        name,
      ).toBe(true);
    for (const [object, keys] of Object.entries(TEMPLATE_ONLY.package))
      for (const key of keys) expect(manifest[object], object).toHaveProperty([key]);
  });

  test("names nothing that the rest imports, starts or takes from a package", async () => {
    const kept = (await listed()).filter((path) => path.endsWith(".ts") && !isTemplateOnly(path, TEMPLATE_ONLY));
    const slim = JSON.parse(slimPackage(JSON.stringify(manifest), TEMPLATE_ONLY));
    const packages = Object.keys({ ...slim.dependencies, ...slim.devDependencies });
    for (const path of kept) {
      const text = readFileSync(join(PROJECT, path), "utf8");
      for (const [, name = ""] of text.matchAll(IMPORTS)) {
        if (name.startsWith("."))
          expect(isTemplateOnly(join(dirname(path), name), TEMPLATE_ONLY), `${path}: ${name}`).toBe(false);
        else if (!/^(node|https):/.test(name)) requirePackage(name.match(/^(@[^/]+\/)?[^/]+/)![0], packages, path);
      }
    }
    for (const [name, line] of Object.entries<string>(slim.scripts))
      expect(isTemplateOnly(line.replace("node ", ""), TEMPLATE_ONLY), name).toBe(false);
  });

  test("makes a package.json that says so, and the same again", () => {
    const text = slimPackage(JSON.stringify(manifest), TEMPLATE_ONLY);
    expect(isSlim(text)).toBe(true);
    expect(slimPackage(text, TEMPLATE_ONLY)).toBe(text);
    expect(isSlim(JSON.stringify(manifest))).toBe(false);
    expect([isSlim(undefined), isSlim("{"), isSlim('{"template":{"slim":"yes"}}')]).toEqual([false, false, false]);
  });
});

/** A package, or one that has only the types of something without code. */
function requirePackage(name: string, packages: string[], path: string): void {
  if (!packages.includes(`@types/${name}`)) expect(packages, path).toContain(name);
}
