import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "../files/project.ts";
import { isStarted } from "../terminal/command-line.ts";

/**
 * `node scripts/docs/browsers.ts` runs the suite of test/engines, writes down its results beside this script, and writes
 * docs/browsers.md, which has one column for each engine.
 */

const page = `${PROJECT}docs/browsers.md`;
const results = new URL("browser-results.json", import.meta.url);

type State = "passed" | "failed" | "not possible";

interface Results {
  date: string;
  engines: {
    name: string;
    version: string;
    /** By the title of the test. Its parts are rows. */
    tests: Record<string, State>;
  }[];
}

/** What vitest reports of a test. */
interface Assertion {
  ancestorTitles: string[];
  title: string;
  status: string;
  meta: { version?: string; isNotPossible?: boolean };
}

/** Opened by nobody else than the engines' suite: a machine without an engine must not overwrite its results. */
function runSuite(): Results {
  const report = join(mkdtempSync(join(tmpdir(), "browsers-")), "report.json");
  const args = ["run", "--project", "site", "test/engines", "--reporter=default", "--reporter=json"];
  const { status } = spawnSync("npx", ["vitest", ...args, `--outputFile.json=${report}`], {
    cwd: PROJECT,
    stdio: "inherit",
  });
  // What has failed is written down, and fails here, too.
  process.exitCode = status ?? 1;
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as {
    testResults: { assertionResults: Assertion[] }[];
  };
  const assertions = testResults.flatMap(({ assertionResults }) => assertionResults);
  const names = [...new Set(assertions.map(({ ancestorTitles }) => ancestorTitles[0]!))];
  const engines = names.map((name) => {
    const own = assertions.filter(({ ancestorTitles }) => ancestorTitles[0] === name);
    const version = own.find(({ meta }) => meta.version !== undefined)?.meta.version;
    if (version === undefined) throw new Error(`${name} is not installed here.`);
    return { name, version, tests: Object.fromEntries(own.map((assertion) => [assertion.title, stateOf(assertion)])) };
  });
  return { date: new Date().toISOString().slice(0, 10), engines };
}

function stateOf({ title, status, meta }: Assertion): State {
  if (status === "passed" || status === "failed") return status;
  if (meta.isNotPossible) return "not possible";
  throw new Error(`"${title}" was not run.`);
}

const marks: Record<State, string> = { passed: "✓", failed: "✗", "not possible": "–" };

/** The whole page, for the results that are written down. */
export function renderBrowsers(): string {
  const { date, engines } = JSON.parse(readFileSync(results, "utf8")) as Results;
  const titles = Object.keys(engines[0]!.tests);
  const rows = titles.flatMap((title) => {
    const cells = engines.map(({ tests }) => marks[tests[title]!]);
    return title.split(" · ").map((row) => [row, ...cells]);
  });
  const header = ["", ...engines.map(({ version }) => version)];
  const table = [header, ["---", ...engines.map(() => ":-:")], ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `${[
    "<!-- Written by `node scripts/docs/browsers.ts`. -->",
    "# Browsers",
    "What a person can meet during a login, tried in each engine with real input: mouse, keyboard, touch and pen, as the " +
      "browser's driver passes them on. Chrome, Edge and Opera have Chromium's engine inside, and Safari and all browsers " +
      "on iPhones have WebKit. Firefox and WebKit had real windows on a screen; Chromium ran without one.",
    `Last run: ${date}. ✓ works, ✗ does not, – not tried: that engine can't do it as its driver runs it here.`,
    table.join("\n"),
    "Where a page may keep nothing (*cookies blocked*), no login can work. Then `auth.js` says so before it opens a window " +
      "(`storage_unavailable`), and so do the provider's own pages. In *private window*, the login works until the window " +
      "is closed.",
  ].join("\n\n")}\n`;
}

if (isStarted(import.meta.url)) {
  if (!process.argv.includes("--only-page")) writeFileSync(results, `${JSON.stringify(runSuite(), undefined, 2)}\n`);
  writeFileSync(page, renderBrowsers());
  console.log("Written: docs/browsers.md");
}
