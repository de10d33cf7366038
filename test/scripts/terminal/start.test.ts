import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { PROJECT } from "../../../scripts/files/project.ts";
import { copyProject, type ProjectCopy } from "../../tools/project-copy.ts";
import { hasPseudoTerminal, inPseudoTerminal } from "../../tools/pseudo-terminal.ts";

/** How commands end that cannot do what they were asked to do: with a sentence, never with a stack. */

const NODE = join(PROJECT, "node_modules/.bin/node");
const START = JSON.stringify(join(PROJECT, "scripts/terminal/start.ts"));
const STACK = /^ +at |unsettled|^Node\.js v/m;

async function program(body: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), "start-test-")), "command.ts");
  await writeFile(file, `import { start } from ${START};\n${body}`);
  return file;
}

function outcome(args: string[], cwd = PROJECT): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(NODE, args, { cwd, encoding: "utf8", input: "" });
  return { status, output: stdout + stderr };
}

describe("a command that cannot go on", () => {
  test.each([
    [
      "a missing file",
      `await (await import("node:fs/promises")).readFile("/nowhere/theme.css")`,
      "theme.css cannot be used",
    ],
    ["input that ends while it waits", "await new Promise(() => {})", "the input ended"],
  ])("says why in a sentence: %s", async (_, step, sentence) => {
    const { status, output } = outcome([await program(`start(import.meta.url, async () => { ${step}; return 0; });`)]);
    expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining(sentence) });
    expect(output).not.toMatch(STACK);
  });

  test("keeps the stack of a bug", async () => {
    const { status, output } = outcome([await program("start(import.meta.url, async () => undefined.x);")]);
    expect(status).toBe(1);
    expect(output).toMatch(STACK);
  });

  test("returns its own exit status otherwise", async () => {
    expect(outcome([await program("start(import.meta.url, async () => 3);")])).toEqual({ status: 3, output: "" });
  });
});

describe("run.cjs", () => {
  const run = join(PROJECT, "scripts/run.cjs");

  test("a Node that cannot run TypeScript is told how to get one that can", () => {
    const { status, output } = outcome(["--no-experimental-strip-types", run, "scripts/doctor.ts"]);
    expect(status).toBe(1);
    expect(output).toContain("npm rebuild node --ignore-scripts=false");
    expect(output).not.toMatch(STACK);
  });

  test("before npm install, the missing package is named", async () => {
    const folder = await mkdtemp(join(tmpdir(), "not-installed-"));
    await writeFile(join(folder, "command.ts"), 'import "zod";');
    const { status, output } = outcome([run, "command.ts"], folder);
    expect({ status, output }).toEqual({ status: 1, output: "The package zod is not installed.\nNext: npm install\n" });
  });
});

describe("in a copy", () => {
  let copy: ProjectCopy;
  beforeAll(async () => {
    copy = await copyProject();
  });

  const run = (name: string, ...args: string[]) =>
    outcome(["scripts/run.cjs", `scripts/${name}.ts`, ...args], copy.directory);

  /** Puts something else in place of a file while a command runs. */
  async function instead(file: string, put: (path: string) => Promise<unknown>, check: () => void): Promise<void> {
    const path = join(copy.directory, file);
    await rename(path, `${path}.kept`);
    await put(path);
    check();
    await rm(path, { recursive: true, force: true });
    await rename(`${path}.kept`, path);
  }

  test.each([
    ["no theme.css", async () => undefined, "theme.css is missing."],
    ["a folder as theme.css", (path: string) => mkdir(path), "theme.css cannot be read: it is a folder"],
    [
      "a theme.css in Latin-1",
      (path: string) => writeFile(path, Buffer.from(':root {\n  --name: "Geh\u00e4use";\n}\n', "latin1")),
      "theme.css is not saved as UTF-8: line 2",
    ],
  ])("%s stops the build with a sentence", async (_, put, sentence) => {
    await instead("theme.css", put, () => {
      const { status, output } = run("build");
      expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining(sentence) });
      expect(output).not.toMatch(STACK);
    });
  });

  test.each(["build", "doctor", "add-service"])("a folder as services.json: %s says so", async (command) => {
    await instead(
      "services.json",
      (path) => mkdir(path),
      () => {
        const { status, output } = run(command, ...(command === "doctor" ? ["--offline"] : []));
        expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining("it is a folder") });
        expect(output).not.toMatch(STACK);
      },
    );
  });

  test.each(["build", "doctor", "init-repo", "update-repo", "scale"])("[A10] %s repeats no stray word", (command) => {
    const { status, output } = run(command, "s3cret-9fK2mQ7xTz");
    expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining("takes only options") });
    expect(output).not.toContain("s3cret");
  });

  test.skipIf(!hasPseudoTerminal).each([
    ["Ctrl-D", "\u0004"],
    ["Ctrl-C", "\u0003"],
  ])("%s is no answer to a question of init-repo", async (_, key) => {
    const screen = await inPseudoTerminal([NODE, "scripts/run.cjs", "scripts/init-repo.ts"], copy.directory, [
      ["What is the template's address?", key],
    ]);
    expect(screen).toContain("The question was not answered");
    expect(screen).not.toMatch(STACK);
  });
});
