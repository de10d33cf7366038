import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { PROJECT } from "../../scripts/files/project.ts";
import { isTemplateOnly, TEMPLATE_ONLY } from "../../scripts/slim/template-only.ts";
import { copyProject, type ProjectCopy } from "../tools/project-copy.ts";
import { BY_HAND, COMMANDS, RUN_ELSEWHERE, RUN_HERE, requireCovered, SCRIPT_NAMES } from "./commands.ts";
import { PAGES } from "./markdown.ts";

const run = promisify(execFile);
const readme = PAGES.find(({ file }) => file === "README.md")!;

/** The pages say where there are these. */
const SAID = ["bench", "test:all"];

describe("something makes sure that each command works", () => {
  test.each(COMMANDS)("$place: $text", ({ text }) => requireCovered(text));

  test("a page of a slim copy, except the README's list and the changelog, names no command that only the template has", () => {
    const kept = COMMANDS.filter(({ place }) => !isTemplateOnly(place.split(":")[0]!, TEMPLATE_ONLY));
    const read = kept.filter(({ place }) => !/^(README|CHANGELOG)\.md:/.test(place));
    expect(read.length).toBeGreaterThan(20);
    for (const { place, text } of read) {
      const [, name = ""] = /^npm run ([\w:-]+)/.exec(text) ?? [];
      const only = TEMPLATE_ONLY.package.scripts!.includes(name) && !SAID.includes(name);
      expect(only, `${place}: ${text}`).toBe(false);
    }
  });

  test("and the lists of commands hold none that is printed nowhere", () => {
    const printed = COMMANDS.map(({ text }) => text);
    for (const command of Object.keys({ ...RUN_HERE, ...RUN_ELSEWHERE, ...BY_HAND }))
      expect(printed).toContain(command);
  });
});

describe("commands that can be run here", () => {
  let copy: ProjectCopy;

  beforeAll(async () => {
    copy = await copyProject();
  });

  test.each(Object.entries(RUN_HERE))("%s does what the page says", async (command, { reads = {}, prints }) => {
    for (const [file, text] of Object.entries(reads)) await writeFile(join(copy.directory, file), text);
    const { stdout, stderr } = await run("sh", ["-c", command], {
      cwd: copy.directory,
      env: { ...process.env, CI: "true" },
    });
    expect(stdout + stderr).toMatch(prints);
  });
});

describe("README", () => {
  test("its table of commands is the list in package.json", () => {
    const table = readme.text.split("\n## Commands\n")[1]!.split("\n## ")[0]!;
    const named = [...table.matchAll(/`npm (?:run )?([\w:-]+)(?: &&[^`]*)?`/g)].map(([, name]) => name);
    for (const name of SCRIPT_NAMES) expect(table, name).toMatch(new RegExp(`npm (run )?${name}\``));
    for (const name of named) expect([...SCRIPT_NAMES, "install"]).toContain(name);
  });

  test("its first command and its test command are those of a bare computer", async () => {
    for (const command of ["npm install && npm run dev", "npm install && npm test"])
      expect(readme.text).toContain(command);
    for (const file of [".ci/run", ".github/workflows/test.yml"]) {
      expect(await readFile(join(PROJECT, file), "utf8"), file).toContain("npm install && npm test");
    }
  });
});
