import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import ts from "typescript";
import { allCases } from "../attack/attack.ts";
import { PROJECT } from "../files/project.ts";
import { isStarted } from "../terminal/command-line.ts";

/**
 * `node scripts/docs/security-table.ts` writes docs/security-tests.md: each promise, its source, and the tests that fail
 * when it is broken. Tests are found by the tags in their titles.
 */

const page = `${PROJECT}docs/security-tests.md`;
const BLACK_BOX = "test/attacks/black-box";

interface Promised {
  promise: string;
  /** RFC sections, advisories and weaknesses, separated by commas. */
  source: string;
}

/** How many tests each file has for a row. */
type TestsOfRow = Map<string, number>;

export function readPromises(): Map<string, Promised> {
  const text = readFileSync(new URL("security-promises.json", import.meta.url), "utf8");
  return new Map(Object.entries(JSON.parse(text) as Record<string, Promised>));
}

/** The tests of each row. A tag counts in the title of a test or of a group around it. */
export function findTaggedTests(): Map<string, TestsOfRow> {
  const found = new Map<string, TestsOfRow>();
  const add = (row: string, file: string, tests = 1): void => {
    const ofRow = found.get(row) ?? new Map<string, number>();
    found.set(row, ofRow.set(file, (ofRow.get(file) ?? 0) + tests));
  };
  for (const file of testFiles()) {
    for (const tags of tagsOfTests(file)) for (const row of tags) add(row, file);
  }
  for (const { row } of allCases(ANY_TARGET)) add(row, BLACK_BOX);
  return found;
}

/** The cases are only counted, so any target will do. */
const ANY_TARGET = {
  origin: "https://auth.example",
  service: "github",
  backend: "Github",
  serviceOrigin: "https://github.example",
  app: "https://good.example",
};

function renderTable(): string {
  const tests = findTaggedTests();
  const rows = [...readPromises()].map(([row, { promise, source }]) => [
    row,
    promise,
    source.split(", ").map(linkOf).join(", "),
    describeTests(tests.get(row) ?? new Map<string, number>()),
  ]);
  const table = [["", "Promise", "Source", "Tests"], ["---", "---", "---", "---"], ...rows];
  return table.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The whole page, as it should be now. */
export function renderPage(): string {
  return `${[
    "<!-- Written by `node scripts/docs/security-table.ts`. Edit scripts/docs/security-promises.json instead. -->",
    "# Security promises and their tests",
    "The promises of [SECURITY.md](../SECURITY.md), one attack a row. The last column counts the tests of a row and links the " +
      'files that contain most of them. Each test has the row\'s tag in its title: `grep -r "\\[A13\\]" test` finds all ' +
      "tests of row A13.",
    renderTable(),
  ].join("\n\n")}\n`;
}

const SHOWN_FILES = 3;

/** The number of tests, and links to the files that contain most of them. */
function describeTests(tests: TestsOfRow): string {
  const files = [...tests].sort(([one, few], [other, many]) => many - few || one.localeCompare(other, "en"));
  const total = files.reduce((sum, [, number]) => sum + number, 0);
  const links = files
    .slice(0, SHOWN_FILES)
    .map(([file]) => `[${file.replace(/^test\/|(\.test)?\.ts$/g, "")}](../${file})`);
  const others = files.length > SHOWN_FILES ? ` and ${files.length - SHOWN_FILES} more` : "";
  return `${total}: ${links.join(", ")}${others}`;
}

/** A link to the text of the RFC, advisory or weakness. */
function linkOf(source: string): string {
  const [, rfc, section] = /^RFC (\d+) §([\d.]+)$/.exec(source) ?? [];
  if (rfc) return `[${source}](https://www.rfc-editor.org/rfc/rfc${rfc}#section-${section})`;
  if (source.startsWith("CVE-")) return `[${source}](https://www.cve.org/CVERecord?id=${source})`;
  if (source.startsWith("GHSA-")) return `[${source}](https://github.com/advisories/${source})`;
  if (source.startsWith("CWE-")) return `[${source}](https://cwe.mitre.org/data/definitions/${source.slice(4)}.html)`;
  return source;
}

function testFiles(): string[] {
  return readdirSync(`${PROJECT}test`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.parentPath.includes("node_modules"))
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(PROJECT.length).replaceAll("\\", "/"))
    .sort();
}

/** For each test in a file: the rows named in its title and in the titles of the groups around it. */
function tagsOfTests(file: string): Set<string>[] {
  const text = readFileSync(`${PROJECT}${file}`, "utf8");
  if (!/\[A\d+\]/.test(text)) return [];
  const found: Set<string>[] = [];
  const visit = (node: ts.Node, inherited: string): void => {
    const declared = ts.isCallExpression(node) ? declarationOf(node) : undefined;
    const titles = declared ? `${inherited} ${declared.title}` : inherited;
    if (declared?.isTest) found.push(new Set([...titles.matchAll(/\[(A\d+)\]/g)].map((match) => match[1]!)));
    ts.forEachChild(node, (child) => visit(child, titles));
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest), "");
  return found;
}

/** Reads `test("…", …)`, `test.each(…)("…", …)`, and the same with `describe` and `it`. A title may be a template. */
function declarationOf({
  expression,
  arguments: [title],
}: ts.CallExpression): { title: string; isTest: boolean } | undefined {
  const name = nameOf(expression);
  if (!["test", "it", "describe"].includes(name) || !title) return undefined;
  if (!ts.isStringLiteralLike(title) && !ts.isTemplateExpression(title)) return undefined;
  const texts = ts.isTemplateExpression(title)
    ? [title.head.text, ...title.templateSpans.map(({ literal }) => literal.text)]
    : [title.text];
  return { title: texts.join(""), isTest: name !== "describe" };
}

/** The first name of what is called: `test` in `test.each(cases)("…")`. */
function nameOf(expression: ts.Expression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  if (ts.isPropertyAccessExpression(expression) || ts.isCallExpression(expression))
    return nameOf(expression.expression);
  return "";
}

if (isStarted(import.meta.url)) {
  writeFileSync(page, renderPage());
  console.log("Written: docs/security-tests.md");
}
