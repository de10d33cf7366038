/**
 * Changes single values in a JSON file that somebody edits by hand. Formatting, key order, line ends and the last line stay
 * as they are. A file is replaced in one step, so other readers see either the old or the new file.
 */

import { randomBytes } from "node:crypto";
import { open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { removeOnExit } from "../files/temporary-folder.ts";
import { decode } from "../files/text-file.ts";

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** A change that has been written to disk, next to the file that it will replace. */
export interface PreparedFile {
  commit(): Promise<void>;
  discard(): Promise<void>;
}

interface MemberPosition {
  key: string;
  keyStart: number;
  keyEnd: number;
  valueStart: number;
  valueEnd: number;
}

interface ObjectPosition {
  /** The position of the `{`. */
  start: number;
  /** The position of the `}`. */
  end: number;
  members: MemberPosition[];
}

/** Assigning to one of these would change the prototype instead of adding a key. */
const RESERVED_NAMES = ["__proto__", "constructor", "prototype"];

const DEFAULT_INDENTATION = "  ";

/**
 * Sets one value, and creates missing objects on the path to it.
 *
 * @param path at least one key, from the outermost object inwards
 * @throws {Error} if the text is no JSON object, or something on the path is no object
 */
export function setJsonValue(text: string, path: string[], value: JsonValue): string {
  if (path.length === 0) throw new Error("A path needs at least one key.");
  const reserved = path.find((key) => RESERVED_NAMES.includes(key));
  if (reserved !== undefined) throw new Error(`"${reserved}" is a name that JavaScript reserves.`);

  const document = text.trim() === "" ? "{}\n" : text;
  JSON.parse(withoutByteOrderMark(document));
  return setWithin(document, readObject(document, skipSpace(document, 0)), path, value);
}

function setWithin(text: string, object: ObjectPosition, [key, ...inner]: string[], value: JsonValue): string {
  // If a key occurs twice, the last value counts, as for JSON.parse.
  const member = object.members.findLast((candidate) => candidate.key === key);
  if (member === undefined) return insert(text, object, key!, nest(inner, value));
  if (inner.length > 0) return setWithin(text, readObject(text, member.valueStart), inner, value);

  const before = text.slice(0, member.valueStart);
  const after = text.slice(member.valueEnd);
  const old = text.slice(member.valueStart, member.valueEnd);
  if (JSON.stringify(JSON.parse(old)) === JSON.stringify(value)) return text;
  return before + format(value, { text, indentation: indentationAt(text, member.keyStart) }) + after;
}

function nest(path: string[], value: JsonValue): JsonValue {
  return path.reduceRight<JsonValue>((inner, key) => ({ [key]: inner }), value);
}

function insert(text: string, object: ObjectPosition, key: string, value: JsonValue): string {
  const last = object.members.at(-1);
  if (last === undefined) return insertFirst(text, object, key, value);

  // The new member is separated from the last one as that is from the member before it.
  const previousEnd = object.members.at(-2)?.valueEnd;
  const gapStart = previousEnd === undefined ? object.start + 1 : previousEnd;
  const gap = text.slice(gapStart, last.keyStart).replace(",", "");
  const separator = object.members.length === 1 && gap === "" && isSpaced(text) ? " " : gap;
  const onOneLine = !gap.includes("\n");
  const colon = text.slice(last.keyEnd, last.valueStart);
  const shape = { text, indentation: indentationAt(text, last.keyStart), onOneLine };
  const member = JSON.stringify(key) + colon + format(value, shape);
  return `${text.slice(0, last.valueEnd)},${separator}${member}${text.slice(last.valueEnd)}`;
}

function insertFirst(text: string, { start, end }: ObjectPosition, key: string, value: JsonValue): string {
  const isMinified = !isSpaced(text) && text.trim() !== "{}";
  if (isMinified) return `${text.slice(0, start)}${JSON.stringify({ [key]: value })}${text.slice(end + 1)}`;

  const outer = indentationAt(text, start);
  const indentation = outer + unitOf(text);
  const lineEnd = lineEndOf(text);
  const member = `${JSON.stringify(key)}: ${format(value, { text, indentation })}`;
  return `${text.slice(0, start)}{${lineEnd}${indentation}${member}${lineEnd}${outer}}${text.slice(end + 1)}`;
}

function format(
  value: JsonValue,
  { text, indentation, onOneLine = false }: { text: string; indentation: string; onOneLine?: boolean },
): string {
  const isFlatList = Array.isArray(value) && value.every((item) => typeof item !== "object");
  if (isFlatList) return `[${value.map((item) => JSON.stringify(item)).join(isSpaced(text) ? ", " : ",")}]`;
  if (onOneLine) return isSpaced(text) ? spaced(value) : JSON.stringify(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value))
    return JSON.stringify(value, undefined, unitOf(text)).replaceAll("\n", lineEndOf(text) + indentation);

  const lineEnd = lineEndOf(text);
  const inner = indentation + unitOf(text);
  const members = Object.entries(value).map(
    ([key, item]) => `${inner}${JSON.stringify(key)}: ${format(item, { text, indentation: inner })}`,
  );
  return members.length === 0 ? "{}" : `{${lineEnd}${members.join(`,${lineEnd}`)}${lineEnd}${indentation}}`;
}

/** `{ "a": 1 }` */
function spaced(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${spaced(item)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

function isSpaced(text: string): boolean {
  return !/^\S+$/.test(text.trim());
}

function lineEndOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/** One step of indentation: the white space before the first indented key. */
function unitOf(text: string): string {
  return /\n([ \t]+)"/.exec(text)?.[1] ?? DEFAULT_INDENTATION;
}

/** The indentation of the line at this position. */
function indentationAt(text: string, position: number): string {
  const line = text.slice(text.lastIndexOf("\n", position - 1) + 1, position);
  return /^[ \t]*/.exec(line)![0];
}

// ------------------------------------------------------------------------------------------ positions in the text

/** The text is known to be valid JSON, so this need not check it. */
function readObject(text: string, start: number): ObjectPosition {
  if (text[start] !== "{") throw new Error("It contains a value where an object is needed.");
  const members: MemberPosition[] = [];
  let position = skipSpace(text, start + 1);
  while (text[position] !== "}") {
    const keyStart = position;
    const keyEnd = endOfString(text, keyStart);
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    const key = JSON.parse(text.slice(keyStart, keyEnd)) as string;
    members.push({ key, keyStart, keyEnd, valueStart, valueEnd });
    position = skipSpace(text, valueEnd);
    if (text[position] === ",") position = skipSpace(text, position + 1);
  }
  return { start, end: position, members };
}

function skipSpace(text: string, start: number): number {
  let position = start;
  while (/[\s\uFEFF]/.test(text[position] ?? "")) position += 1;
  return position;
}

/** The position after the closing quotation mark. */
function endOfString(text: string, start: number): number {
  let position = start + 1;
  while (text[position] !== '"') position += text[position] === "\\" ? 2 : 1;
  return position + 1;
}

function endOfValue(text: string, start: number): number {
  if (text[start] === '"') return endOfString(text, start);
  let depth = 0;
  let position = start;
  while (position < text.length) {
    const character = text[position]!;
    if (character === '"') {
      position = endOfString(text, position);
      continue;
    }
    if (depth === 0 && /[\s,}\]]/.test(character)) return position;
    if (character === "{" || character === "[") depth += 1;
    if (character === "}" || character === "]") depth -= 1;
    position += 1;
    if (depth === 0 && (character === "}" || character === "]")) return position;
  }
  return position;
}

export function withoutByteOrderMark(text: string): string {
  return text.replace(/^\uFEFF/, "");
}

// --------------------------------------------------------------------------------------------------------------- files

/**
 * Writes the new content next to the file. What can fail (no permission, no space) fails here, before the owner's file has
 * changed. `commit` is one rename.
 *
 * @param mode permissions of a new file; an existing one keeps its own
 */
export async function prepareFile(
  file: string,
  content: string | Buffer,
  { mode = 0o644 } = {},
): Promise<PreparedFile> {
  // A rename would replace a symbolic link instead of its target.
  const target = await realpath(file).catch(() => file);
  const existing = await stat(target).catch(() => undefined);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}.tmp`);
  // It may contain secrets, so Ctrl-C must not leave it behind.
  const forget = removeOnExit(temporary);
  const discard = (): Promise<void> => rm(temporary, { force: true }).finally(forget);
  try {
    const handle = await open(temporary, "wx", existing === undefined ? mode : existing.mode & 0o777);
    try {
      await handle.writeFile(content);
      // Without this, a power cut after the rename could leave an empty file.
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await discard();
    throw error;
  }
  return { commit: () => rename(temporary, target).then(forget), discard };
}

/**
 * Prepares several files as one change: all are written next to their targets first. If a rename fails, the renames before
 * it are undone.
 */
export async function prepareFiles(changes: { file: string; content: string; mode?: number }[]): Promise<PreparedFile> {
  const originals = await Promise.all(changes.map(({ file }) => readFile(file).catch(() => undefined)));
  const prepared: PreparedFile[] = [];
  const discard = async (): Promise<void> => {
    for (const each of prepared) await each.discard();
  };
  try {
    for (const { file, content, mode } of changes)
      prepared.push(await prepareFile(file, content, mode === undefined ? {} : { mode }));
  } catch (error) {
    await discard();
    throw error;
  }
  const commit = async (): Promise<void> => {
    for (const [index, each] of prepared.entries()) {
      try {
        await each.commit();
      } catch (error) {
        await discard();
        for (let earlier = 0; earlier < index; earlier += 1) await restore(changes[earlier]!.file, originals[earlier]);
        throw error;
      }
    }
  };
  return { commit, discard };
}

async function restore(file: string, original: Buffer | undefined): Promise<void> {
  if (original === undefined) return await rm(file, { force: true });
  await (await prepareFile(file, original)).commit();
}

/** Sets one value in a file, all or nothing. */
export async function editJsonFile(file: string, path: string[], value: JsonValue): Promise<void> {
  const text = decode(await readFile(file), file);
  const edited = setJsonValue(text, path, value);
  if (edited !== text) await (await prepareFile(file, edited)).commit();
}
