import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT } from "../../scripts/files/project.ts";
import { cmsTable } from "../clients/cms-modes.ts";
import { PAGES } from "./markdown.ts";

/** The page promises that the tests run its programs. The programs are the files in two folders. */

const WARNING = "**An access token alone is no proof of identity.**";
/** Those that the home page shows as well are in the second. */
const FOLDERS = ["test/clients/recipes/", "client/snippets/"];

const page = PAGES.find(({ file }) => file === "docs/use-from.md")!;
const programs = page.blocks.filter(({ language }) => language === "html" || language === "js");
const sections = page.text.split(/^## /m).slice(1);
const recipes = sections
  .filter((section) => section.includes("```"))
  .map((section) => ({ title: section.split("\n", 1)[0], section }));

async function programsIn(folder: string): Promise<string[]> {
  const names = await readdir(join(PROJECT, folder));
  return names.filter((name) => /\.(?:html|js)$/.test(name)).map((name) => folder + name);
}

describe("docs/use-from.md", () => {
  // blocks.test.ts checks that the page prints each file unchanged.
  test.each(programs)("$place is a recipe, in a file of its language", ({ marker, language }) => {
    expect(marker, "the comment that names the file").toMatch(
      new RegExp(`^(?:${FOLDERS.join("|")})[a-z0-9.-]+\\.${language}$`),
    );
  });

  test("prints every recipe, and every recipe is run by a suite", async () => {
    const files = (await Promise.all(FOLDERS.map(programsIn))).flat();
    expect(programs.map(({ marker }) => marker).sort()).toEqual(files.sort());
    const suites = join(PROJECT, "test/clients/suites/");
    const sources = await Promise.all((await readdir(suites)).map((suite) => readFile(suites + suite, "utf8")));
    for (const file of files) expect(sources.join(), `a suite that runs ${file}`).toContain(`"${basename(file)}"`);
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
