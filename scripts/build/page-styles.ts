import { basename, join } from "node:path";
import { build } from "esbuild";
import { PROJECT } from "../files/project.ts";
import { readText } from "../files/text-file.ts";

const THEME = "theme.css";

/** The styles of the static pages, by file name in `client/styles/`. Each takes in the owner's `theme.css`. */
const PAGE_STYLES = ["question", "card", "home"];

/**
 * One file for each kind of page: a page asks for one style sheet, and for nothing that it does not need.
 *
 * @returns what to publish, by path
 */
export async function buildPageStyles(): Promise<Map<string, string>> {
  // From a file that is not UTF-8, esbuild would publish other letters without a word.
  await readText(PROJECT, THEME);
  const { outputFiles } = await build({
    entryPoints: PAGE_STYLES.map((name) => join(PROJECT, "client/styles", `${name}.css`)),
    outdir: "/",
    bundle: true,
    minify: true,
    logLevel: "warning",
    write: false,
  });
  return new Map(outputFiles.map(({ path, text }) => [`/${basename(path)}`, text]));
}
