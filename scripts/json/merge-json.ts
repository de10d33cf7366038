import { isDeepStrictEqual } from "node:util";

/**
 * A three-way merge of JSON objects by key, which update-repo uses for files that every owner changes. A value that only one
 * side changed is taken from that side. If both sides changed a value, the owner's is kept and reported. The merge keeps the
 * owner's order of keys, indentation and line breaks.
 */

export interface MergedJson {
  text: string;
  kept: KeptValue[];
}

/** A value of the owner that was kept, although the template changed it too. */
export interface KeptValue {
  /** The path, as in `dependencies.jose`. */
  key: string;
  reason: "both changed it" | "you removed it, the template changed it" | "you changed it, the template removed it";
}

/** One of the texts cannot be merged by key. */
export class NotMergeableError extends Error {}

interface ParsedObject {
  members: Map<string, Member>;
  /** The text between the opening brace and the first key. */
  lead: string;
  /** The text between the last value and the closing brace. */
  tail: string;
}

interface Member {
  /** The comma and white space between the previous value and this key. Empty for the first member. */
  separator: string;
  /** The key with its colon and white space. */
  label: string;
  value: ParsedValue;
}

interface ParsedValue {
  raw: string;
  parsed: unknown;
  object: ParsedObject | undefined;
}

/** The style of the owner's file. */
interface Style {
  indentation: string;
  lineBreak: string;
}

/** The white space at the start of an object's lines; `undefined` if the object is on one line. */
type Margin = string | undefined;

interface Merge {
  style: Style;
  kept: KeptValue[];
}

interface Sides {
  base: ParsedValue | undefined;
  ours: ParsedValue;
  theirs: ParsedValue;
}

const EMPTY: ParsedObject = { members: new Map(), lead: "", tail: "" };
const DEFAULT_INDENTATION = "  ";

/** @param texts `base` is `undefined` if each side added the file by itself */
export function mergeJson(texts: { base: string | undefined; ours: string; theirs: string }): MergedJson {
  const [before, body, after] = splitText(texts.ours);
  const ours = parse(body);
  const theirs = parse(splitText(texts.theirs)[1]);
  const base = texts.base === undefined ? undefined : parse(splitText(texts.base)[1]);
  if (ours.object === undefined || theirs.object === undefined) throw new NotMergeableError("Not an object.");

  const merge: Merge = { style: styleOf(body), kept: [] };
  const text = mergeObjects({ base, ours, theirs }, "", [], merge);
  return { text: before + text + after, kept: merge.kept };
}

/** Keeps the owner's byte order mark and white space around the value. */
function splitText(text: string): [before: string, body: string, after: string] {
  const body = text.replace(/^\uFEFF/, "").trim();
  const start = text.indexOf(body);
  return [text.slice(0, start), body, text.slice(start + body.length)];
}

function styleOf(text: string): Style {
  return {
    indentation: /^\{\r?\n([ \t]+)/.exec(text)?.[1] ?? DEFAULT_INDENTATION,
    lineBreak: text.includes("\r\n") ? "\r\n" : "\n",
  };
}

function mergeObjects(sides: Sides, margin: Margin, path: string[], merge: Merge): string {
  const base = sides.base?.object ?? EMPTY;
  const ours = sides.ours.object ?? EMPTY;
  const theirs = sides.theirs.object ?? EMPTY;
  const inner = innerMargin(ours, margin, merge.style);
  const written = new Map<string, string>();

  for (const [key, mine] of ours.members) {
    const values = { base: base.members.get(key)?.value, ours: mine.value, theirs: theirs.members.get(key)?.value };
    const value = mergeValue(values, inner, [...path, key], merge);
    if (value !== undefined) written.set(key, mine.label + value);
  }
  // New keys by the owner's key that they follow; `undefined` if they come first.
  const added = new Map<string | undefined, string[]>();
  let previous: string | undefined;
  for (const [key, { value }] of theirs.members) {
    if (!ours.members.has(key) && isAdded(base.members.get(key)?.value, value, [...path, key], merge)) {
      written.set(key, labelOf(key, ours) + write(value, inner, merge.style));
      added.set(previous, [...(added.get(previous) ?? []), key]);
      continue;
    }
    if (written.has(key)) previous = key;
  }

  return join(order(ours, added, written), { ours, written, margin, inner, style: merge.style });
}

/** @returns the text of the merged value; `undefined` if the value is removed */
function mergeValue(
  { base, ours, theirs }: { base: ParsedValue | undefined; ours: ParsedValue; theirs: ParsedValue | undefined },
  margin: Margin,
  path: string[],
  merge: Merge,
): string | undefined {
  if (theirs === undefined) {
    if (base === undefined) return ours.raw;
    if (isSame(base, ours)) return undefined;
    return keepOwners(ours, path, "you changed it, the template removed it", merge);
  }
  if (isSame(ours, theirs) || (base !== undefined && isSame(base, theirs))) return ours.raw;
  if (ours.object !== undefined && theirs.object !== undefined) {
    return mergeObjects({ base, ours, theirs }, margin, path, merge);
  }
  if (base !== undefined && isSame(base, ours)) return write(theirs, margin, merge.style);
  return keepOwners(ours, path, "both changed it", merge);
}

/** Whether a key that the owner does not have is new in the template, and not removed by the owner. */
function isAdded(base: ParsedValue | undefined, theirs: ParsedValue, path: string[], merge: Merge): boolean {
  if (base === undefined) return true;

  if (!isSame(base, theirs)) keepOwners(theirs, path, "you removed it, the template changed it", merge);
  return false;
}

function keepOwners(value: ParsedValue, path: string[], reason: KeptValue["reason"], merge: Merge): string {
  merge.kept.push({ key: path.join("."), reason });
  return value.raw;
}

function isSame(one: ParsedValue, other: ParsedValue): boolean {
  return isDeepStrictEqual(one.parsed, other.parsed);
}

/** The owner's order of keys. A new key follows the same key as in the template. */
function order(ours: ParsedObject, added: Map<string | undefined, string[]>, written: Map<string, string>): string[] {
  const keys = [undefined, ...ours.members.keys()].flatMap((key) => [key, ...(added.get(key) ?? [])]);
  return keys.filter((key) => key !== undefined).filter((key) => written.has(key));
}

function join(
  keys: string[],
  {
    ours,
    written,
    margin,
    inner,
    style,
  }: {
    ours: ParsedObject;
    written: Map<string, string>;
    margin: Margin;
    inner: Margin;
    style: Style;
  },
): string {
  if (keys.length === 0) return "{}";

  const wasEmpty = ours.members.size === 0;
  const lead = wasEmpty ? lineTo(inner, style) : ours.lead;
  const tail = wasEmpty ? lineTo(margin, style) : ours.tail;
  const usual = [...ours.members.values()][1]?.separator ?? `,${lead === "" ? " " : lead}`;
  const text = keys.map((key, index) => {
    const separator = ours.members.get(key)?.separator || usual;
    return (index === 0 ? "" : separator) + (written.get(key) ?? "");
  });
  return `{${lead}${text.join("")}${tail}}`;
}

function innerMargin({ members, lead }: ParsedObject, margin: Margin, { indentation }: Style): Margin {
  if (members.size > 0) return /[\r\n]([ \t]*)$/.exec(lead)?.[1];
  return margin === undefined ? undefined : margin + indentation;
}

function lineTo(margin: Margin, { lineBreak }: Style): string {
  return margin === undefined ? "" : lineBreak + margin;
}

function labelOf(key: string, { members }: ParsedObject): string {
  const [sibling] = members.values();
  const colon = sibling === undefined ? ": " : sibling.label.slice(sibling.label.lastIndexOf('"') + 1);
  return JSON.stringify(key) + colon;
}

/** Formats a value of the template in the owner's style. A value on one line stays on one line. */
function write(value: ParsedValue, margin: Margin, { indentation, lineBreak }: Style): string {
  if (!/[\r\n]/.test(value.raw)) return value.raw;
  if (margin === undefined) return JSON.stringify(value.parsed);
  return JSON.stringify(value.parsed, null, indentation).replaceAll("\n", lineBreak + margin);
}

/** A replacement character stands for bytes that are not UTF-8. Only git's merge by line keeps those. */
function parse(text: string): ParsedValue {
  if (text.includes("\uFFFD")) throw new NotMergeableError("Not UTF-8.");
  try {
    JSON.parse(text);
  } catch {
    throw new NotMergeableError("Not JSON.");
  }
  return readValue(text, { at: 0 });
}

/** Reads a text that is known to be JSON, and keeps the original text of its parts. */
function readValue(text: string, cursor: { at: number }): ParsedValue {
  const start = cursor.at;
  const object = text[start] === "{" ? readObject(text, cursor) : undefined;
  if (object === undefined) skipValue(text, cursor);
  const raw = text.slice(start, cursor.at);
  return { raw, parsed: JSON.parse(raw), object };
}

function readObject(text: string, cursor: { at: number }): ParsedObject {
  const members = new Map<string, Member>();
  cursor.at += 1;
  const lead = take(/\s*/y, text, cursor);
  let separator = "";
  while (text[cursor.at] === '"') {
    const name = take(/"(?:[^"\\]|\\.)*"/y, text, cursor);
    const key = JSON.parse(name) as string;
    if (members.has(key)) throw new NotMergeableError(`The key "${key}" occurs twice.`);

    const label = name + take(/\s*:\s*/y, text, cursor);
    members.set(key, { separator, label, value: readValue(text, cursor) });
    separator = take(/\s*(?:,\s*)?/y, text, cursor);
  }
  cursor.at += 1;
  return { members, lead, tail: members.size === 0 ? "" : separator };
}

function skipValue(text: string, cursor: { at: number }): void {
  if (text[cursor.at] !== "[") return void take(/"(?:[^"\\]|\\.)*"|[^\s,\]}]+/y, text, cursor);

  cursor.at += 1;
  take(/\s*/y, text, cursor);
  while (text[cursor.at] !== "]") {
    readValue(text, cursor);
    take(/\s*(?:,\s*)?/y, text, cursor);
  }
  cursor.at += 1;
}

function take(pattern: RegExp, text: string, cursor: { at: number }): string {
  pattern.lastIndex = cursor.at;
  const [found] = pattern.exec(text) ?? [""];
  cursor.at += found.length;
  return found;
}
