import { type TransformFailure, transform } from "esbuild";
import { readText, TextFileError } from "../../files/text-file.ts";
import { withoutByteOrderMark } from "../../json/edit-json.ts";
import type { Issue } from "../issues.ts";

/** Reads a JSON file (RFC 8259) that an owner edits by hand. What is wrong with it is reported as an issue, not thrown. */
export async function readJson(
  directory: string,
  file: string,
  { optional = false } = {},
): Promise<{ value?: unknown; issues: Issue[] }> {
  let text: string;
  try {
    text = withoutByteOrderMark(await readText(directory, file));
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    if (optional && error.isMissing) return { issues: [] };
    return { issues: [{ path: file, message: error.problem, advice: error.advice }] };
  }

  try {
    return { value: JSON.parse(text), issues: [] };
  } catch {
    // The parser's own message quotes the text, which may contain a secret.
    const { line, column } = await findSyntaxError(text);
    const message = `is not valid JSON: line ${line}, column ${column}`;
    const advice = `Check line ${line} for a missing or extra comma, quote or bracket.`;
    return { issues: [{ path: file, message, advice }] };
  }
}

/** `JSON.parse` does not always give the position, so esbuild finds it. Lines and columns count from 1. */
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
