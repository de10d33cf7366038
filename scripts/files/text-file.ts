import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../terminal/command-error.ts";
import { reasonOf } from "./file-errors.ts";

/** Reads text files that an owner edits by hand. */

/** A file that cannot be read as text. Read anyway, letters would become question marks, and be written back as such. */
export class TextFileError extends CommandError {
  /** What is wrong with the file, as the second half of a sentence. */
  readonly problem: string;
  readonly isMissing: boolean;

  constructor(file: string, problem: string, advice: string, { isMissing = false } = {}) {
    super(`${file} ${problem}.`, advice);
    this.name = "TextFileError";
    this.problem = problem;
    this.isMissing = isMissing;
  }
}

/**
 * @returns the text with its byte order mark, if there is one
 * @throws {TextFileError} if the file cannot be read, or is not UTF-8
 */
export async function readText(directory: string, file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(join(directory, file));
  } catch (error) {
    throw unreadable(file, error as NodeJS.ErrnoException);
  }
  return decode(bytes, file);
}

function unreadable(file: string, error: NodeJS.ErrnoException): TextFileError {
  const isMissing = error.code === "ENOENT";
  const advice = isMissing
    ? `Run this in the folder of ${file}. If you have deleted the file: git checkout -- ${file}`
    : "Correct this, and start again.";
  return new TextFileError(file, isMissing ? "is missing" : `cannot be read: ${reasonOf(error)}`, advice, {
    isMissing,
  });
}

/** @throws {TextFileError} if the bytes are not UTF-8 */
export function decode(bytes: Buffer, file: string): string {
  if (isUtf16(bytes)) {
    const advice = `Save it as UTF-8. In PowerShell: (Get-Content ${file}) | Set-Content ${file} -Encoding utf8`;
    throw new TextFileError(file, "is saved as UTF-16, but must be UTF-8", advice);
  }
  if (isUtf8(bytes)) return bytes.toString("utf8");

  const line = lineOfWrongByte(bytes);
  const advice = `Open it in an editor, check the letters in line ${line}, choose the encoding UTF-8, and save it.`;
  const problem = `is not saved as UTF-8: line ${line} contains a letter in another encoding, such as Latin-1 or Windows-1252`;
  throw new TextFileError(file, problem, advice);
}

/** PowerShell writes UTF-16, where every second byte of plain text is zero. */
function isUtf16([first, second]: Buffer): boolean {
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return hasMark || first === 0 || second === 0;
}

/** Counts from 1. No character of UTF-8 contains the byte of a line end, so each line can be checked alone. */
function lineOfWrongByte(bytes: Buffer): number {
  let [line, start] = [1, 0];
  for (
    let end = bytes.indexOf("\n");
    end >= 0 && isUtf8(bytes.subarray(start, end));
    end = bytes.indexOf("\n", start)
  ) {
    line += 1;
    start = end + 1;
  }
  return line;
}
