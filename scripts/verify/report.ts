import { styleText } from "node:util";
import { plural } from "../terminal/text.ts";
import type { Difference } from "./difference.ts";

const NAMED_PATHS = 4;

/** The site decides how long its values are. */
const MAX_CHARACTERS = 400;

const FUNCTIONS =
  "Not compared: functions (/authorize, /callback, /confirm, /token, …). Nobody can see from outside which code they run,\n" +
  "and every token passes through them. Whoever can deploy them must be trusted.";

/** @param files how many were compared */
export function formatReport(differences: Difference[], files: number): string {
  const owners = differences.filter(({ isOwners }) => isOwners);
  const others = differences.filter(({ isOwners }) => !isOwners);
  return [
    "",
    conclusion(files, owners.length, others.length),
    ...section("Chosen by the owner (see whether it is plausible):", "yellow", "!", owners),
    ...section("Unexplained:", "red", "✗", others),
    "",
    FUNCTIONS,
  ].join("\n");
}

function conclusion(files: number, owners: number, others: number): string {
  if (others > 0) return styleText("red", "✗ This is not only what the template publishes.");
  const except = owners > 0 ? ", except for what its owner has chosen" : "";
  return styleText("green", `✓ ${plural(files, "file")} and their headers are what the template publishes${except}.`);
}

function section(title: string, colour: "yellow" | "red", mark: string, differences: Difference[]): string[] {
  if (differences.length === 0) return [];
  const sentences = [...new Set(differences.map(({ what }) => what))];
  const lines = sentences.map((what) => {
    const paths = differences.filter((each) => each.what === what).map(({ path }) => path);
    const shown = what.length > MAX_CHARACTERS ? `${what.slice(0, MAX_CHARACTERS)} …` : what;
    return `  ${styleText(colour, mark)} ${shown} ${styleText("dim", `(${listed([...new Set(paths)])})`)}`;
  });
  return ["", title, ...lines];
}

function listed(paths: string[]): string {
  const more = paths.length - NAMED_PATHS;
  return [...paths.slice(0, NAMED_PATHS), ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}
