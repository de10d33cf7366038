import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TransformFailure, transform } from "esbuild";
import { withoutByteOrderMark } from "../../json/edit-json.ts";
import type { Fault } from "../issues.ts";

/** A JSON file that an owner keeps by hand; what is wrong with it is a fault, not an exception. */
export async function readJson(
  directory: string,
  file: string,
  { optional = false } = {},
): Promise<{ value?: unknown; faults: Fault[] }> {
  let bytes: Buffer;
  try {
    bytes = await readFile(join(directory, file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (optional && code === "ENOENT") return { faults: [] };
    return { faults: [{ path: file, reason: `cannot be read (${code})`, advice: `Run this where ${file} is.` }] };
  }

  const encoding = faultOfEncoding(bytes);
  if (encoding !== undefined) return { faults: [{ path: file, reason: encoding, advice: howToSave(file) }] };

  const text = withoutByteOrderMark(bytes.toString("utf8"));
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

/** JSON is UTF-8 (RFC 8259 §8.1). PowerShell writes UTF-16, where every second byte of plain text is zero. */
function faultOfEncoding(bytes: Buffer): string | undefined {
  const [first, second] = bytes;
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (hasMark || first === 0 || second === 0) return "is saved as UTF-16, and JSON is UTF-8";
  return isUtf8(bytes) ? undefined : "is saved in another encoding than UTF-8";
}

function howToSave(file: string): string {
  return `Save it as UTF-8. In PowerShell: (Get-Content ${file}) | Set-Content ${file} -Encoding utf8`;
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
