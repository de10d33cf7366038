import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { PROJECT } from "../../scripts/files/project.ts";

/** Reads the project's Markdown pages for the tests: blocks, headings, links and commands. */

/** A fenced block. */
export interface Block {
  /** Page and line, for error messages. */
  place: string;
  page: string;
  language: string;
  /** Named by the comment directly above the block: the file that it prints, or what reads its text. */
  marker: string | undefined;
  text: string;
}

export interface Link {
  place: string;
  page: string;
  target: string;
}

export interface Page {
  file: string;
  text: string;
  blocks: Block[];
  /** In the form in which GitHub derives them from headings. */
  anchors: Set<string>;
  links: Link[];
  /** Code between backticks, outside blocks. */
  inlineCode: { place: string; text: string }[];
}

const FENCE = /^(?<indent> *)(?<ticks>`{3,})(?<language>[a-z]*)(?<rest>.*)$/;

/** Every file in a fresh copy of the template. Files that only a build creates are not included. */
export const FILES = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: PROJECT,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => existsSync(join(PROJECT, file)));

export const PAGES: Page[] = FILES.filter((file) => file.endsWith(".md")).map(readPage);

export const BLOCKS = PAGES.flatMap(({ blocks }) => blocks);

function readPage(file: string): Page {
  const text = readFileSync(join(PROJECT, file), "utf8");
  const { blocks, prose } = splitPage(file, text.split("\n"));
  const links = prose.flatMap((line, index) => {
    const targets = targetsIn(line.replaceAll(/`[^`]*`/g, ""));
    return targets.map((target) => ({ place: `${file}:${index + 1}`, page: file, target }));
  });
  return {
    file,
    text,
    blocks,
    anchors: anchorsOf(prose),
    links,
    inlineCode: inlineCodeIn(file, prose),
  };
}

/** Separates blocks from the other lines. Lines of blocks become empty, so that line numbers stay correct. */
function splitPage(file: string, lines: string[]): { blocks: Block[]; prose: string[] } {
  const blocks: Block[] = [];
  const prose = [...lines];
  for (let start = 0; start < lines.length; start += 1) {
    const fence = FENCE.exec(lines[start]!)?.groups;
    if (!fence) continue;

    const place = `${file}:${start + 1}`;
    const end = lines.findIndex((line, index) => index > start && line === fence.indent! + fence.ticks!);
    if (end === -1 || fence.rest !== "")
      throw new Error(`${place}: this fence is not closed, or says more than a language.`);
    const marker = /^ *<!-- (\S+) -->$/.exec(lines[start - 1] ?? "")?.[1];
    const inner = lines.slice(start + 1, end).map((line) => line.slice(fence.indent!.length));
    blocks.push({ place, page: file, language: fence.language!, marker, text: `${inner.join("\n")}\n` });
    prose.fill("", start, end + 1);
    start = end;
  }
  return { blocks, prose };
}

function anchorsOf(prose: string[]): Set<string> {
  const anchors = new Set<string>();
  for (const line of prose) {
    const heading = /^#{1,6} (.*)$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = text.replaceAll(/[^\p{Letter}\p{Number}\p{Mark} _-]/gu, "").replaceAll(" ", "-");
    let anchor = slug;
    for (let number = 1; anchors.has(anchor); number += 1) anchor = `${slug}-${number}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The targets of Markdown links, of HTML attributes, and of addresses in angle brackets. */
function targetsIn(line: string): string[] {
  const inText = [...line.matchAll(/\]\(<?([^()\s<>]*(?:\([^()\s]*\)[^()\s]*)*)>?(?: "[^"]*")?\)/g)];
  const inTags = [...line.matchAll(/(?:href|src|srcset)="([^"]*)"/g)];
  const bare = [...line.matchAll(/<(https?:[^>\s]*)>/g)];
  return [...inText, ...inTags, ...bare].map(([, target]) => target!);
}

function inlineCodeIn(file: string, prose: string[]): { place: string; text: string }[] {
  const text = prose.join("\n");
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => ({
    place: `${file}:${text.slice(0, match.index).split("\n").length}`,
    text: match[1]!.replaceAll(/\s+/g, " "),
  }));
}

/** The path of a relative link's target from the project's folder. `undefined`: it is outside the project. */
export function resolveLink(page: string, path: string): string | undefined {
  const resolved = path.startsWith("/") ? normalize(path.slice(1)) : normalize(join(dirname(page), path));
  return resolved.startsWith("..") ? undefined : resolved.replace(/\/$/, "");
}
