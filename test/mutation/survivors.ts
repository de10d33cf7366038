import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { PROJECT } from "../../scripts/files/project.ts";

/** What Stryker reports about one mutant. */
export interface MutantResult {
  fileName: string;
  status: "Killed" | "Timeout" | "Survived" | "NoCoverage" | "RuntimeError" | "CompileError" | "Ignored" | "Pending";
  replacement?: string;
  location: { start: Position; end: Position };
}

interface Position {
  line: number;
  column: number;
}

const EXPLAINED = new URL("survivors.md", import.meta.url);

/** Describes mutants that survive more often than `survivors.md` explains, in the format of that file. */
export async function unexplainedSurvivors(mutants: MutantResult[]): Promise<string[]> {
  const explained = await readFile(EXPLAINED, "utf8");
  const survivors = await Promise.all(mutants.filter(hasSurvived).map(describeMutant));
  return moreThanExplained(survivors, explained);
}

/** One sentence for each kind of survivor that exceeds the number on its line: one, or for example `(4 times)`. */
export function moreThanExplained(survivors: string[], explained: string): string[] {
  const kinds = Map.groupBy(survivors, (survivor) => survivor);
  return [...kinds].flatMap(([survivor, { length }]) => {
    const times = timesExplained(survivor, explained);
    return length > times ? [`${survivor} (${length} of them, explained: ${times})`] : [];
  });
}

function timesExplained(survivor: string, explained: string): number {
  const start = `- ${survivor}`;
  const line = explained.split("\n").find((each) => each.startsWith(start));
  if (line === undefined) return 0;
  return Number(/^ \((\d+) times\):/.exec(line.slice(start.length))?.[1] ?? 1);
}

export function hasSurvived({ status }: MutantResult): boolean {
  return status === "Survived" || status === "NoCoverage";
}

/** `` `file` `old code` → `new code` ``, each on one line. */
async function describeMutant({ fileName, location: { start, end }, replacement = "" }: MutantResult): Promise<string> {
  const lines = (await readFile(fileName, "utf8")).split("\n").slice(start.line - 1, end.line);
  const last = lines.length - 1;
  const cut = lines.map((line, index) =>
    line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined),
  );
  const file = relative(PROJECT, fileName).replaceAll("\\", "/");
  return [`\`${file}\``, `\`${onOneLine(cut.join(" "))}\``, "→", `\`${onOneLine(replacement)}\``].join(" ");
}

function onOneLine(code: string): string {
  return code.replaceAll(/\s+/g, " ");
}
