import { execFile } from "node:child_process";
import { chmod, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { PROJECT } from "../../../scripts/files/project.ts";
import {
  commitAll,
  editLine,
  everyByte,
  everythingOf,
  GIT_ENVIRONMENT,
  git,
  makeCopy,
  read,
  write,
} from "../../tools/repositories.ts";
import { bench } from "./linked-copy.ts";

const run = promisify(execFile);

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
    // npm is not under test. Without a lock file, there is nothing to install.
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

test.each(["init-repo", "update-repo"])(
  "npm run %s, in a Node that cannot read TypeScript, says how to install another",
  async (name) => {
    const { scripts } = JSON.parse(await read(PROJECT, "package.json"));
    const [program, ...args] = scripts[name].split(" ");
    expect(program).toBe("node");
    const started = run(process.execPath, ["--no-experimental-strip-types", ...args, "--help"], { cwd: PROJECT });
    const stderr = expect.stringMatching(
      /^\nThis command needs Node 22\.18[\s\S]*npm rebuild node --ignore-scripts=false\n$/,
    );
    await expect(started).rejects.toMatchObject({ code: 1, stderr });
    expect((await run(process.execPath, [...args, "--help"], { cwd: PROJECT })).stdout).toContain("--dry-run");
  },
);

describe("the weekly workflow", () => {
  /** Runs the workflow's script as GitHub does, with a fake `gh` that only records its arguments. */
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
      PATH: `${join(temporary, "bin")}:${process.env.PATH}`,
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
    expect(first.calls).toMatch(/issue create --title Template update available --label template-update --body-file/);
    expect(first.issue).toContain("npm run init-repo     # once per clone, changes no file\nnpm run update-repo\n");
    expect(first.issue).toContain("To do before the update:\n\n  - run `npm install` with Node 24.");
    expect(first.issue).toContain("The merge has no conflicts.");
    const second = await runWorkflow(directory, template.directory, "owner/copy", "7");
    expect(second.calls).toContain("issue edit 7 --body-file");
    await template.release("1.0.0");
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
