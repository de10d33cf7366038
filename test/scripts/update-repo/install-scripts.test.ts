import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { updateRepo } from "../../../scripts/update-repo.ts";
import {
  commitAll,
  createWorld,
  editJson,
  everyByte,
  type Files,
  git,
  publish,
  setJson,
  type Template,
  write,
} from "../../tools/repositories.ts";
import { bench, decide, editIntoConflict, linkedCopy, update } from "./linked-copy.ts";

const run = promisify(execFile);

describe("[A56] an update and the programs that packages run at their installation", () => {
  const quiet = "install --ignore-scripts --no-audit --no-fund";
  const scripted = { version: "1.0.0", hasInstallScript: true };

  /** Adds a commit to the template that changes package.json and the lock file. */
  function release(template: Template, allowScripts: object, packages: object, more: Files = {}): void {
    publish(template, (files) => {
      setJson(files, "package.json", ["allowScripts"], allowScripts);
      setJson(files, "package-lock.json", ["packages"], packages);
      Object.assign(files, more);
    });
  }

  /** The owner has allowed esbuild's install script. */
  const allowing = async (folder: string): Promise<void> => {
    await editJson(folder, "package.json", ["allowScripts"], { esbuild: true, sharp: false });
  };
  const answering = (answer: boolean) => {
    const questions: string[] = [];
    return { questions, confirm: async (question: string) => (questions.push(question.trim()), answer) };
  };
  /** Runs the update without `--yes` and gives this answer to its questions. */
  async function updateBy(directory: string, answer: boolean, args: string[] = []) {
    const { questions, confirm } = answering(answer);
    const world = createWorld(directory, { confirm });
    return { exitCode: await updateRepo(args, world), output: world.output(), npmCalls: world.npmCalls, questions };
  }

  test("none runs but those that the owner has allowed, by name; --yes agrees to none that is new", async () => {
    const { directory, template } = await linkedCopy(allowing);
    const packages = {
      "node_modules/esbuild": scripted,
      "node_modules/sharp": scripted,
      "node_modules/evil": scripted,
      "node_modules/a/node_modules/esbuild": { ...scripted, version: "2.0.0" },
    };
    release(template, { esbuild: true, sharp: false, evil: true }, packages);
    const { npmCalls, output, exitCode } = await update(directory);
    expect([exitCode, npmCalls]).toEqual([0, [quiet, "rebuild esbuild@1.0.0 esbuild@2.0.0"]]);
    expect(output).toContain("To run them: npm rebuild evil@1.0.0");
    expect(output).toMatch(/allows these packages to run programs[^\n]*\n\n {2}- evil@1\.0\.0\n\n/);
  });

  test("one that only the update allows is named, and asked about before anything is merged", async () => {
    const { directory, template } = await linkedCopy(allowing);
    release(
      template,
      { esbuild: true, evil: true, "pinned@1.0.0": true },
      {
        "node_modules/esbuild": scripted,
        "node_modules/evil": scripted,
        "node_modules/pinned": scripted,
        "node_modules/silent": scripted,
      },
    );
    const before = await everyByte(directory);

    const refused = await updateBy(directory, false);
    expect(refused).toMatchObject({ exitCode: 1, npmCalls: [], questions: ["Do you agree to these changes?"] });
    expect(refused.output).toMatch(
      /allows these packages to run programs[\s\S]*- evil@1\.0\.0\n {2}- pinned@1\.0\.0\n/,
    );
    expect(refused.output).toMatch(/contain install scripts, which will not run:\n\n {2}- silent@1\.0\.0/);
    expect(await everyByte(directory)).toEqual(before);
    expect((await update(directory, ["--dry-run"])).output).toContain("- evil@1.0.0");

    const agreed = await updateBy(directory, true);
    expect(agreed.npmCalls).toEqual([quiet, "rebuild esbuild@1.0.0 evil@1.0.0 pinned@1.0.0"]);
    expect(agreed.questions).toHaveLength(2);
  });

  test("nor does a conflict make one pass", async () => {
    const { directory, template } = await linkedCopy(async (folder) => {
      await editIntoConflict(folder);
      await editJson(folder, "package.json", ["allowScripts"], { esbuild: true });
    });
    release(
      template,
      { esbuild: true, evil: true },
      { "node_modules/esbuild": scripted, "node_modules/evil": scripted },
    );
    await update(directory);
    await decide(directory);
    const { npmCalls } = await update(directory, ["--continue"]);
    expect(npmCalls).toEqual([quiet, "rebuild esbuild@1.0.0"]);
  });

  test("a name that was allowed means the registry's package: none of that name from elsewhere", async () => {
    const { directory, template } = await linkedCopy(allowing);
    release(
      template,
      { esbuild: true },
      {
        "node_modules/esbuild": { ...scripted, name: "evil" },
        "node_modules/a/node_modules/esbuild": { ...scripted, resolved: "git+ssh://git@github.com/evil/esbuild.git#1" },
        "node_modules/b/node_modules/esbuild": { ...scripted, resolved: "https://evil.example/esbuild.tgz" },
        "node_modules/c/node_modules/esbuild": { ...scripted, resolved: "file:packages/esbuild.tgz" },
      },
    );
    const { npmCalls, output } = await update(directory);
    expect(npmCalls).toEqual([quiet]);
    expect(output.match(/^ {2}- esbuild \(.+\)@1\.0\.0$/gm)).toHaveLength(4);
  });

  test("settings of npm that the update brings are named, and with --yes nothing at all runs", async () => {
    const { directory, template } = await linkedCopy(allowing);
    release(
      template,
      { esbuild: true },
      { "node_modules/esbuild": scripted },
      { ".npmrc": "script-shell=./evil.sh\n" },
    );
    const { output } = await updateBy(directory, false);
    expect(output).toContain("The update changes .npmrc");
    expect(output).not.toContain("lets these packages run");
    expect((await update(directory)).npmCalls).toEqual([quiet]);
  });

  test("npm itself, with real packages: what is not allowed does not run", async () => {
    const { directory, template } = await linkedCopy(async (folder) => {
      for (const kind of ["dependencies", "devDependencies"]) await editJson(folder, "package.json", [kind], {});
      await write(folder, "marks/README.md", "What has run.\n");
    });
    const workshop = bench.path("workshop");
    await git(bench.directory, "clone", "--quiet", template.directory, workshop);
    const mark = (name: string) => `node -e "require('fs').writeFileSync(process.env.INIT_CWD+'/marks/${name}','')"`;
    for (const name of ["evil", "other"]) {
      await write(
        workshop,
        `packages/${name}/package.json`,
        JSON.stringify({ name, version: "1.0.0", scripts: { install: mark(name) } }),
      );
    }
    await editJson(workshop, "package.json", ["dependencies"], {
      evil: "file:packages/evil",
      other: "file:packages/other",
    });
    await editJson(workshop, "package.json", ["devDependencies"], {});
    await editJson(workshop, "package.json", ["scripts", "postinstall"], mark("root"));
    await editJson(workshop, "package.json", ["allowScripts"], { evil: true });
    await rm(join(workshop, "package-lock.json"));
    await run("npm", ["install", "--package-lock-only", "--ignore-scripts", "--offline"], { cwd: workshop });
    await commitAll(workshop, "Packages");
    await git(workshop, "push", "--quiet");
    const npm = async (...args: string[]): Promise<boolean> => {
      return run("npm", [...args, "--offline"], { cwd: directory }).then(
        () => true,
        () => false,
      );
    };

    const { exitCode } = await update(directory, ["--no-push"], { npm });

    expect(exitCode).toBe(0);
    expect(Object.keys(await everyByte(join(directory, "node_modules"))).length).toBeGreaterThan(0);
    expect(Object.keys(await everyByte(join(directory, "marks")))).toEqual(["README.md"]);
  });
});
