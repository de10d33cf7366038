import { isDeepStrictEqual } from "node:util";
import { printable } from "../terminal/text.ts";
import { type Difference, ownersDifference, unexplained } from "./difference.ts";
import { splitScript } from "./script-constants.ts";
import { compareServices, SERVICE_CONSTANTS } from "./services.ts";
import { setsOnlyValues, themeIn } from "./theme.ts";

/** What would end a script or style element, or hide its end (HTML §13.2.5.4). */
const ENDS_ELEMENT = /<(?:\/?script|\/style|!--)/i;

const ELEMENT = /(?<open><style>|<script type="module">)(?<content>[\s\S]*?)(?<close><\/style>|<\/script>)/g;

/** The scripts and styles in a page, as the build writes them (`scripts/build/static-pages.ts`). */
export function inlineContents(html: string): { scripts: string[]; styles: string[] } {
  const elements = [...html.matchAll(ELEMENT)].map(({ groups }) => groups as { open: string; content: string });
  const contents = (open: string) => elements.filter((each) => each.open === open).map(({ content }) => content);
  return { scripts: contents('<script type="module">'), styles: contents("<style>") };
}

/** Compares a page and the code in it. An owner's theme and services may differ. */
export function comparePage(path: string, actual: string, expected: string, theme: string): Difference[] {
  if (actual === expected) return [];
  if (withoutContents(actual) !== withoutContents(expected)) return [unexplained(path, "Its HTML differs.")];
  const [theirs, mine] = [inlineContents(actual), inlineContents(expected)];
  return [
    ...mine.styles.flatMap((style, index) => compareStyle(path, theirs.styles[index]!, style, theme)),
    ...mine.scripts.flatMap((script, index) => compareScript(path, theirs.scripts[index]!, script)),
  ];
}

function withoutContents(html: string): string {
  return html.replace(ELEMENT, "$<open>$<close>");
}

export function compareStyle(path: string, actual: string, expected: string, theme: string): Difference[] {
  if (actual === expected) return [];
  const found = themeIn(actual, expected, theme);
  if (found === undefined) return [unexplained(path, "Its style sheet differs in more than the theme.")];
  if (setsOnlyValues(found)) return [ownersDifference(path, `The theme is ${printable(found)}`)];
  return [unexplained(path, `The theme has rules of its own, which could hide something: ${printable(found)}`)];
}

export function compareScript(path: string, actual: string, expected: string): Difference[] {
  if (actual === expected) return [];
  const [theirs, mine] = [splitScript(actual), splitScript(expected)];
  if (theirs.code !== mine.code) return [unexplained(path, "Its code differs.")];

  const changed = changedConstants(theirs.constants, mine.constants);
  const services = compareServices(mine.constants, theirs.constants);
  const isSafe = changed.every((name) => SERVICE_CONSTANTS.includes(name)) && !ENDS_ELEMENT.test(theirs.declarations);
  if (services === undefined || !isSafe) return [unexplained(path, "What its code is given differs.")];
  if (services.sentences.length === 0)
    return [ownersDifference(path, "The services have other logos or another order.")];
  return services.sentences.map((sentence) => ownersDifference(path, sentence));
}

/** The names of the constants that have another value, or stand in one of the scripts only. */
function changedConstants(actual: Map<string, unknown>, expected: Map<string, unknown>): string[] {
  const names = new Set([...actual.keys(), ...expected.keys()]);
  return [...names].filter((name) => {
    if (!actual.has(name) || !expected.has(name)) return true;
    return !isDeepStrictEqual(actual.get(name), expected.get(name));
  });
}

/** The paths of the logos that a page shows of services. */
export function shownIcons(html: string): string[] {
  return inlineContents(html).scripts.flatMap((script) => {
    const { constants } = splitScript(script);
    return compareServices(constants, constants)?.icons ?? [];
  });
}
