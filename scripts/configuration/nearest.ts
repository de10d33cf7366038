/** The candidate that somebody most likely meant; `undefined` if none is similar enough. */
export function findNearest(name: string, candidates: string[]): string | undefined {
  const written = lettersOf(name);
  const ranked = candidates
    .map((candidate) => ({ candidate, typos: countTypos(written, lettersOf(candidate)) }))
    .sort((a, b) => a.typos - b.typos);
  const [best] = ranked;
  return best && best.typos <= typosAllowedIn(written) ? best.candidate : undefined;
}

/** In a short name, every letter counts: "Fox" is not "Box". */
function typosAllowedIn({ length }: string): number {
  return length < 4 ? 0 : Math.max(1, Math.floor(length / 4));
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/**
 * The Damerau-Levenshtein distance (optimal string alignment): how many letters must be inserted, deleted or replaced, or
 * swapped with their neighbour.
 */
function countTypos(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= from.length; row += 1) {
    const [before, above] = [rows[row - 2], rows[row - 1]!];
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = above[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = before && isSwap ? before[column - 2]! + 1 : Infinity;
      current.push(Math.min(replaced, above[column]! + 1, current[column - 1]! + 1, swapped));
    }
    rows.push(current);
  }
  return rows[from.length]![to.length]!;
}
