import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TransformFailure, transform } from "esbuild";
import { withoutByteOrderMark } from "../../json/edit-json.ts";
import type { Issue } from "../issues.ts";

/** Reads a JSON file that an owner edits by hand. What is wrong with it is reported as an issue, not thrown. */
export async function readJson(
  directory: string,
  file: string,
  { optional = false } = {},
): Promise<{ value?: unknown; issues: Issue[] }> {
  let bytes: Buffer;
  try {
    bytes = await readFile(join(directory, file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (optional && code === "ENOENT") return { issues: [] };
    return {
      issues: [{ path: file, message: `cannot be read (${code})`, advice: `Run this in the folder of ${file}.` }],
    };
  }

  const encoding = checkEncoding(bytes);
  if (encoding !== undefined) return { issues: [{ path: file, message: encoding, advice: encodingAdvice(file) }] };

  const text = withoutByteOrderMark(bytes.toString("utf8"));
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

/** JSON is UTF-8 (RFC 8259 §8.1). PowerShell writes UTF-16, where every second byte of plain text is zero. */
function checkEncoding(bytes: Buffer): string | undefined {
  const [first, second] = bytes;
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (hasMark || first === 0 || second === 0) return "is saved as UTF-16, but JSON must be UTF-8";
  return isUtf8(bytes) ? undefined : "is not saved as UTF-8";
}

function encodingAdvice(file: string): string {
  return `Save it as UTF-8. In PowerShell: (Get-Content ${file}) | Set-Content ${file} -Encoding utf8`;
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
