import type { Sizes } from "../measurements/sizes.ts";

/** Size limits for the build (`bench/budget.json`). Sizes are the same on every machine, so tests can check them. */
export interface Budget {
  /** Compressed bytes, by function. */
  functions: Record<string, number>;
  /** By path: compressed bytes of the document and everything it loads, and the number of requests. */
  pages: Record<string, { gzip: number; requests: number }>;
  /** Compressed bytes, by module. */
  modules: Record<string, number>;
}

const ADVICE =
  "Make it smaller or, if what came in is worth it, raise its number in bench/budget.json and say why in the commit.";

/** Returns one sentence for each item that is too large, has no budget or no longer exists. */
export function overruns(sizes: Sizes, budget: Budget): string[] {
  return [
    ...compare("function", gzipOf(sizes.functions), budget.functions, "bytes gzip"),
    ...compare("page", gzipOf(sizes.pages), gzipOf(budget.pages), "bytes gzip"),
    ...compare("page", requestsOf(sizes.pages), requestsOf(budget.pages), "requests"),
    ...compare("module", gzipOf(sizes.modules), budget.modules, "bytes gzip"),
  ];
}

function compare(
  kind: string,
  actual: Record<string, number>,
  allowed: Record<string, number>,
  unit: string,
): string[] {
  const names = [...new Set([...Object.keys(actual), ...Object.keys(allowed)])];
  return names.flatMap((name) => {
    const [size, limit] = [actual[name], allowed[name]];
    if (size === undefined) return [`There is no ${kind} "${name}" any more: take it out of bench/budget.json.`];
    if (limit === undefined)
      return [`The ${kind} "${name}" (${size} ${unit}) has no budget: give it one in bench/budget.json.`];
    return size > limit ? [`The ${kind} "${name}" is ${size} ${unit}, its budget ${limit}. ${ADVICE}`] : [];
  });
}

function gzipOf(sizes: Record<string, { gzip: number }>): Record<string, number> {
  return Object.fromEntries(Object.entries(sizes).map(([name, { gzip }]) => [name, gzip]));
}

function requestsOf(pages: Record<string, { requests: number }>): Record<string, number> {
  return Object.fromEntries(Object.entries(pages).map(([path, { requests }]) => [path, requests]));
}
