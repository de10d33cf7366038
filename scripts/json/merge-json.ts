import { isDeepStrictEqual } from "node:util";

/**
 * A three-way merge of JSON objects by key, as update-repo does it for the files that every owner changes. What only
 * one side changed is taken from that side; where both changed one value, the owner's stays and is reported. The
 * owner's text is kept wherever it can be: order of keys, indentation, line breaks.
 */

export interface MergedJson {
  text: string;
  kept: KeptValue[];
}

/** The owner's choice won over something that the template changed, too. */
export interface KeptValue {
  /** `dependencies.jose` */
  key: string;
  reason: "both changed it" | "you removed it, the template changed it" | "you changed it, the template removed it";
}

/** One of the texts is not something that can be merged by key. */
export class NotMergeable extends Error {}

interface JsonObject {
  members: Map<string, Member>;
  /** Between the opening brace and the first key. */
  lead: string;
  /** Between the last value and the closing brace. */
  tail: string;
}

interface Member {
  /** Between the value before and this key: the comma and white space. Empty for the first one. */
  separator: string;
  /** The key with its colon and white space. */
  label: string;
  value: JsonValue;
}

interface JsonValue {
  raw: string;
  parsed: unknown;
  object: JsonObject | undefined;
}

/** How the owner's file is written. */
interface Style {
  indentation: string;
  lineBreak: string;
}

/** The white space that the lines of an object begin with; `undefined`: it stands on one line. */
type Margin = string | undefined;

interface Merge {
  style: Style;
  kept: KeptValue[];
}

interface Sides {
  base: JsonValue | undefined;
  ours: JsonValue;
  theirs: JsonValue;
}

const EMPTY: JsonObject = { members: new Map(), lead: "", tail: "" };
const DEFAULT_INDENTATION = "  ";

/** @param texts `base` is `undefined` where the file came to both sides on their own */
export function mergeJson(texts: { base: string | undefined; ours: string; theirs: string }): MergedJson {
  const [before, body, after] = splitText(texts.ours);
  const ours = parse(body);
  const theirs = parse(splitText(texts.theirs)[1]);
  const base = texts.base === undefined ? undefined : parse(splitText(texts.base)[1]);
  if (ours.object === undefined || theirs.object === undefined) throw new NotMergeable("Not an object.");

  const merge: Merge = { style: styleOf(body), kept: [] };
  const text = mergeObjects({ base, ours, theirs }, "", [], merge);
  return { text: before + text + after, kept: merge.kept };
}

/** A byte order mark and white space around the value are the owner's. */
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
  // By the owner's key that they follow; `undefined`: they come first.
  const arrivals = new Map<string | undefined, string[]>();
  let previous: string | undefined;
  for (const [key, { value }] of theirs.members) {
    if (!ours.members.has(key) && arrives(base.members.get(key)?.value, value, [...path, key], merge)) {
      written.set(key, labelOf(key, ours) + write(value, inner, merge.style));
      arrivals.set(previous, [...(arrivals.get(previous) ?? []), key]);
      continue;
    }
    if (written.has(key)) previous = key;
  }

  return join(order(ours, arrivals, written), { ours, written, margin, inner, style: merge.style });
}

/** The text of the merged value; `undefined`: it is gone. */
function mergeValue(
  { base, ours, theirs }: { base: JsonValue | undefined; ours: JsonValue; theirs: JsonValue | undefined },
  margin: Margin,
  path: string[],
  merge: Merge,
): string | undefined {
  if (theirs === undefined) {
    if (base === undefined) return ours.raw;
    if (same(base, ours)) return undefined;
    return keep(ours, path, "you changed it, the template removed it", merge);
  }
  if (same(ours, theirs) || (base !== undefined && same(base, theirs))) return ours.raw;
  if (ours.object !== undefined && theirs.object !== undefined) {
    return mergeObjects({ base, ours, theirs }, margin, path, merge);
  }
  if (base !== undefined && same(base, ours)) return write(theirs, margin, merge.style);
  return keep(ours, path, "both changed it", merge);
}

/** Whether a key that the owner does not have is new, rather than removed by the owner. */
function arrives(base: JsonValue | undefined, theirs: JsonValue, path: string[], merge: Merge): boolean {
  if (base === undefined) return true;

  if (!same(base, theirs)) keep(theirs, path, "you removed it, the template changed it", merge);
  return false;
}

function keep(value: JsonValue, path: string[], reason: KeptValue["reason"], merge: Merge): string {
  merge.kept.push({ key: path.join("."), reason });
  return value.raw;
}

function same(one: JsonValue, other: JsonValue): boolean {
  return isDeepStrictEqual(one.parsed, other.parsed);
}

/** The owner's order; what is new follows the key that it follows in the template. */
function order(ours: JsonObject, arrivals: Map<string | undefined, string[]>, written: Map<string, string>): string[] {
  const keys = [undefined, ...ours.members.keys()].flatMap((key) => [key, ...(arrivals.get(key) ?? [])]);
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
    ours: JsonObject;
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

function innerMargin({ members, lead }: JsonObject, margin: Margin, { indentation }: Style): Margin {
  if (members.size > 0) return /[\r\n]([ \t]*)$/.exec(lead)?.[1];
  return margin === undefined ? undefined : margin + indentation;
}

function lineTo(margin: Margin, { lineBreak }: Style): string {
  return margin === undefined ? "" : lineBreak + margin;
}

function labelOf(key: string, { members }: JsonObject): string {
  const [sibling] = members.values();
  const colon = sibling === undefined ? ": " : sibling.label.slice(sibling.label.lastIndexOf('"') + 1);
  return JSON.stringify(key) + colon;
}

/** A value of the template in the owner's style. What stands on one line there does so here. */
function write(value: JsonValue, margin: Margin, { indentation, lineBreak }: Style): string {
  if (!/[\r\n]/.test(value.raw)) return value.raw;
  if (margin === undefined) return JSON.stringify(value.parsed);
  return JSON.stringify(value.parsed, null, indentation).replaceAll("\n", lineBreak + margin);
}

function parse(text: string): JsonValue {
  try {
    JSON.parse(text);
  } catch {
    throw new NotMergeable("Not JSON.");
  }
  return readValue(text, { at: 0 });
}

/** Finds where things stand in a text that is known to be JSON. */
function readValue(text: string, cursor: { at: number }): JsonValue {
  const start = cursor.at;
  const object = text[start] === "{" ? readObject(text, cursor) : undefined;
  if (object === undefined) skipValue(text, cursor);
  const raw = text.slice(start, cursor.at);
  return { raw, parsed: JSON.parse(raw), object };
}

function readObject(text: string, cursor: { at: number }): JsonObject {
  const members = new Map<string, Member>();
  cursor.at += 1;
  const lead = take(/\s*/y, text, cursor);
  let separator = "";
  while (text[cursor.at] === '"') {
    const name = take(/"(?:[^"\\]|\\.)*"/y, text, cursor);
    const key = JSON.parse(name) as string;
    if (members.has(key)) throw new NotMergeable(`The key "${key}" stands there twice.`);

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
