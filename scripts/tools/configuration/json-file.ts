import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform, type TransformFailure } from "esbuild";
import { withoutByteOrderMark } from "../edit-json.ts";
import type { Fault } from "./faults.ts";

/** A JSON file that an owner keeps by hand; what is wrong with it is a fault, not an exception. */
export async function readJson(
  directory: string,
  file: string,
  { optional = false } = {},
): Promise<{ value?: unknown; faults: Fault[] }> {
  let text: string;
  try {
    text = withoutByteOrderMark(await readFile(join(directory, file), "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (optional && code === "ENOENT") return { faults: [] };
    return { faults: [{ path: file, reason: `cannot be read (${code})`, advice: `Run this where ${file} is.` }] };
  }

  try {
    return { value: JSON.parse(text), faults: [] };
  } catch {
    // The parser's own message quotes the text, and the text may hold a secret.
    const { line, column } = await findSyntaxError(text);
    const reason = `is not valid JSON: line ${line}, column ${column}`;
    const advice = `Look at line ${line} for a missing or superfluous comma, quote or bracket.`;
    return { faults: [{ path: file, reason, advice }] };
  }
}

/** `JSON.parse` does not always say where; esbuild does. Lines and columns count from 1. */
async function findSyntaxError(text: string): Promise<{ line: number; column: number }> {
  try {
    await transform(text, { loader: "json", logLevel: "silent" });
  } catch (error) {
    const location = (error as TransformFailure).errors[0]?.location;
    if (location) return { line: location.line, column: location.column + 1 };
  }
  return { line: text.split("\n").length, column: 1 };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
