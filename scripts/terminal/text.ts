import { stripVTControlCharacters } from "node:util";

/** Removes control characters from a line that somebody else wrote, such as the subject of a commit. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{C}/gu, "");
}

export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

export function bullets(lines: string[]): string {
  return lines.map((line) => `  - ${line}`).join("\n");
}

/** Quotes a path for a shell. */
export function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

export function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
