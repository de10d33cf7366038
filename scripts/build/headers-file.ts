/**
 * The headers of static files, as they stand in a file `_headers` in the published folder. Netlify's format, which other
 * hosts read as well: https://docs.netlify.com/manage/routing/headers/
 */

export interface HeaderRule {
  /** `*` at the end stands for anything. */
  path: string;
  headers: Record<string, string>;
}

/** All rules that fit hold; of a header that several name, the last one. */
export function headersFor(rules: HeaderRule[], path: string): Record<string, string> {
  return Object.assign({}, ...rules.filter((rule) => fits(rule, path)).map(({ headers }) => headers));
}

function fits(rule: HeaderRule, path: string): boolean {
  return rule.path.endsWith("*") ? path.startsWith(rule.path.slice(0, -1)) : path === rule.path;
}

export function formatHeaders(rules: HeaderRule[]): string {
  return rules.map(({ path, headers }) => `${path}\n${linesOf(headers)}`).join("\n");
}

function linesOf(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `  ${name}: ${value}\n`)
    .join("");
}

/** Reads what `formatHeaders` has written. */
export function parseHeaders(text: string): HeaderRule[] {
  return text.split("\n\n").map((rule) => {
    const [path = "", ...lines] = rule.trim().split("\n");
    return { path, headers: Object.fromEntries(lines.map(parseLine)) };
  });
}

function parseLine(line: string): [name: string, value: string] {
  const [name = "", ...value] = line.trim().split(": ");
  return [name, value.join(": ")];
}
