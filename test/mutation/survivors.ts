import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** What Stryker says of one mutant. */
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

/** Mutants that no test has noticed and that `survivors.md` does not explain, in words like those that it uses. */
export async function unexplainedSurvivors(mutants: MutantResult[]): Promise<string[]> {
  const explained = await readFile(EXPLAINED, "utf8");
  const survivors = await Promise.all(mutants.filter(hasSurvived).map(describeMutant));
  return survivors.filter((survivor) => !explained.includes(survivor));
}

export function hasSurvived({ status }: MutantResult): boolean {
  return status === "Survived" || status === "NoCoverage";
}

/** `` `file` `what stood there` → `what stands there now` ``, each on one line. */
async function describeMutant({ fileName, location: { start, end }, replacement = "" }: MutantResult): Promise<string> {
  const lines = (await readFile(fileName, "utf8")).split("\n").slice(start.line - 1, end.line);
  const last = lines.length - 1;
  const cut = lines.map((line, index) => line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined));
  const file = relative(fileURLToPath(new URL("../../", import.meta.url)), fileName).replaceAll("\\", "/");
  return [`\`${file}\``, `\`${onOneLine(cut.join(" "))}\``, "→", `\`${onOneLine(replacement)}\``].join(" ");
}

function onOneLine(code: string): string {
  return code.replaceAll(/\s+/g, " ");
}
