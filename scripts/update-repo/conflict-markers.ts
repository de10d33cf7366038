import { type Git, readFilesAt, readList } from "../git/git.ts";
import { CommandError } from "../terminal/command-error.ts";
import { indent, printable } from "../terminal/text.ts";

/** Finds the lines that git writes around the two sides of a conflict. */

/** gitattributes(5), conflict-marker-size. */
const USUAL_SIZE = 7;

/** The commits are named as git does. An empty name is the index. */
interface Merged {
  result: string;
  yours: string;
  template: string;
}

/** @throws {CommandError} if a file of the merge in progress still has markers */
export async function requireNoMarkers(git: Git): Promise<void> {
  const marked = await findMarkers(git, { result: "", yours: "HEAD", template: "MERGE_HEAD" });
  if (marked.length === 0) return;
  throw new CommandError(
    `There are still conflict markers:\n\n${indent(marked.join("\n"))}\n`,
    "Remove them, and run git add for the file again.",
  );
}

/** @throws {CommandError} if the newest commit is an update with markers */
export async function requireNoCommittedMarkers(git: Git): Promise<void> {
  const marked = await findMarkers(git, { result: "HEAD", yours: "HEAD^1", template: "HEAD^2" });
  if (marked.length === 0) return;
  throw new CommandError(
    `The update was committed with conflict markers:\n\n${indent(marked.join("\n"))}\n`,
    "Remove them, run git add for the file, and then: git commit --amend --no-edit",
  );
}

/** @returns `<file>:<line>` */
async function findMarkers(git: Git, merged: Merged): Promise<string[]> {
  const paths = await findCombined(git, merged);
  const sizes = await readMarkerSizes(git, paths);
  const { result, yours, template } = merged;
  const texts = await readFilesAt(
    git,
    [result, yours, template].flatMap((commit) => paths.map((path) => `${commit}:${path}`)),
  );
  const linesOf = (side: number, index: number): string[] => (texts[side * paths.length + index] ?? "").split(/\r?\n/);

  return paths.flatMap((path, index) => {
    const marker = markerOf(sizes.get(path) ?? USUAL_SIZE);
    // A line that a side already had is text, such as a heading that is underlined with `=======`.
    const known = new Set([...linesOf(1, index), ...linesOf(2, index)]);
    const lines = linesOf(0, index);
    return lines.flatMap((line, at) => (marker.test(line) && !known.has(line) ? [`${printable(path)}:${at + 1}`] : []));
  });
}

/** The files that are equal to neither side. */
async function findCombined(git: Git, { result, yours, template }: Merged): Promise<string[]> {
  const changedFrom = (commit: string): Promise<string[]> => {
    const compared = result === "" ? ["--cached", commit] : [commit, result];
    return readList(git, "diff", "--name-only", "--no-renames", "--diff-filter=d", "-z", ...compared);
  };
  const fromTemplate = new Set(await changedFrom(template));
  return (await changedFrom(yours)).filter((path) => fromTemplate.has(path));
}

async function readMarkerSizes(git: Git, paths: string[]): Promise<Map<string, number>> {
  const input = paths.map((path) => `${path}\0`).join("");
  const output = await git.readBytes(["check-attr", "-z", "--stdin", "conflict-marker-size"], input);
  // `path`, `conflict-marker-size` and the value, for each path.
  const fields = output.toString().split("\0");
  return new Map(paths.map((path, index) => [path, Number(fields[index * 3 + 2]) || USUAL_SIZE]));
}

function markerOf(size: number): RegExp {
  const sizes = size === USUAL_SIZE ? [size] : [size, USUAL_SIZE];
  const forms = sizes.map((n) => `(?:<{${n}}|\\|{${n}}|>{${n}})(?: .*)?|={${n}}`);
  return new RegExp(`^(?:${forms.join("|")})$`);
}
