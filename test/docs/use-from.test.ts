import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

/** The page promises that its programs are run by the tests. They are, as the files in `test/clients/recipes/`. */

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const page = await readFile(`${PROJECT}docs/use-from.md`, "utf8");

const WARNING = "**An access token alone is no proof of identity.**";

interface Program {
  file: string | undefined;
  language: string;
  text: string;
}

/** Fenced blocks, and the comment above each that names its file. */
function programsOf(markdown: string): Program[] {
  const blocks = markdown.matchAll(/(?:<!-- (\S+) -->\n)?^```(\w*)\n(.*?)^```$/gms);
  return [...blocks].map(([, file, language, text]) => ({ file, language: language!, text: text! }));
}

const programs = programsOf(page);
const sections = page.split(/^## /m).slice(1);
const recipes = sections
  .filter((section) => section.includes("```"))
  .map((section) => ({ title: section.split("\n", 1)[0], section }));

describe("docs/use-from.md", () => {
  test.each(programs)("prints $file as it is run", async ({ file, language, text }) => {
    expect(file, "the comment that names the file").toMatch(/^test\/clients\/recipes\/[a-z0-9.-]+$/);
    expect(text).toBe(await readFile(PROJECT + file, "utf8"));
    expect(file).toMatch(new RegExp(`\\.${language}$`));
  });

  test("prints every recipe, and every recipe is run by a suite", async () => {
    const files = await readdir(`${PROJECT}test/clients/recipes`);
    expect(programs.map(({ file }) => file).sort()).toEqual(files.map((file) => `test/clients/recipes/${file}`).sort());
    const suites = `${PROJECT}test/clients/suites/`;
    const sources = await Promise.all((await readdir(suites)).map((suite) => readFile(suites + suite, "utf8")));
    for (const file of files) expect(sources.join(), `a suite that runs ${file}`).toContain(`"${file}"`);
  });

  test.each(recipes)("[A32] “$title” says that a token is no proof of identity, and what to do", ({ section }) => {
    expect(section).toContain(WARNING);
    expect(section.split(WARNING)[1]!.trim().length, "what to do instead").toBeGreaterThan(60);
  });

  test("its links to its own sections lead somewhere", () => {
    const slugs = sections.map((section) =>
      section.split("\n", 1)[0]!.toLowerCase().replaceAll(/[^a-z0-9 -]/g, "").replaceAll(" ", "-"),
    );
    for (const [, slug] of page.matchAll(/\]\(#([^)]+)\)/g)) expect(slugs).toContain(slug);
  });
});
