/**
 * The file `_headers` in the published folder sets the headers of static files. Its format is Netlify's, and other hosts
 * support it too: https://docs.netlify.com/manage/routing/headers/
 */

export interface HeaderRule {
  /** A `*` at the end matches anything. */
  path: string;
  /** Headers of earlier rules that must not be sent as well, where a host joins the values (Cloudflare: `! Name`). */
  removals?: string[];
  headers: Record<string, string>;
}

/** All matching rules apply. If several set the same header, the last one wins. */
export function headersFor(rules: HeaderRule[], path: string): Record<string, string> {
  return Object.assign({}, ...rules.filter((rule) => matches(rule, path)).map(({ headers }) => headers));
}

function matches(rule: HeaderRule, path: string): boolean {
  return rule.path.endsWith("*") ? path.startsWith(rule.path.slice(0, -1)) : path === rule.path;
}

export function formatHeaders(rules: HeaderRule[]): string {
  return rules
    .map(({ path, removals = [], headers }) => `${path}\n${removals.map(removalLine).join("")}${linesOf(headers)}`)
    .join("\n");
}

function removalLine(name: string): string {
  return `  ! ${name}\n`;
}

function linesOf(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `  ${name}: ${value}\n`)
    .join("");
}

/** Reads the output of `formatHeaders`. */
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
