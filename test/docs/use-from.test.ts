import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT } from "../../scripts/files/project.ts";
import { cmsTable } from "../clients/cms-modes.ts";
import { PAGES } from "./markdown.ts";

/** The page promises that the tests run its programs. The programs are the files in `test/clients/recipes/`. */

const WARNING = "**An access token alone is no proof of identity.**";
const RECIPES = "test/clients/recipes/";

const page = PAGES.find(({ file }) => file === "docs/use-from.md")!;
const programs = page.blocks.filter(({ language }) => language === "html" || language === "js");
const sections = page.text.split(/^## /m).slice(1);
const recipes = sections
  .filter((section) => section.includes("```"))
  .map((section) => ({ title: section.split("\n", 1)[0], section }));

describe("docs/use-from.md", () => {
  // blocks.test.ts checks that the page prints each file unchanged.
  test.each(programs)("$place is a recipe, in a file of its language", ({ marker, language }) => {
    expect(marker, "the comment that names the file").toMatch(new RegExp(`^${RECIPES}[a-z0-9.-]+\\.${language}$`));
  });

  test("prints every recipe, and every recipe is run by a suite", async () => {
    const files = await readdir(join(PROJECT, RECIPES));
    expect(programs.map(({ marker }) => marker).sort()).toEqual(files.map((file) => RECIPES + file).sort());
    const suites = join(PROJECT, "test/clients/suites/");
    const sources = await Promise.all((await readdir(suites)).map((suite) => readFile(suites + suite, "utf8")));
    for (const file of files) expect(sources.join(), `a suite that runs ${file}`).toContain(`"${file}"`);
  });

  test("its table of CMSes is what the tests run, with the versions that they run", async () => {
    const packages = await readFile(join(PROJECT, "test/clients/package.json"), "utf8");
    const { dependencies } = JSON.parse(packages) as { dependencies: Record<string, string> };
    const versions = {
      decap: dependencies["decap-cms"]!,
      sveltia: dependencies["@sveltia/cms"]!,
      static: dependencies["@staticcms/app"]!,
    };
    expect(page.text).toContain(`\n\n${cmsTable(versions)}\n\n`);
  });

  test.each(recipes)("[A32] “$title” says that a token is no proof of identity, and what to do", ({ section }) => {
    expect(section).toContain(WARNING);
    expect(section.split(WARNING)[1]!.trim().length, "what to do instead").toBeGreaterThan(60);
  });
});
