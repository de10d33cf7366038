import { type Git, readList } from "../git/git.ts";
import type { Update } from "./find-update.ts";

/** Describes how each side changed a file with a conflict. */

interface Side {
  commit: string;
  changes: Change[];
}

export interface Change {
  /** git's letter: A, D, M, R or T. */
  kind: string;
  from: string;
  to: string;
}

type Sides = Record<"yours" | "template", Side> & { base: string };

export async function readSideChanges(git: Git, { base, owner, tip }: Update): Promise<Sides> {
  return {
    base,
    yours: { commit: owner, changes: await readChanges(git, base, owner) },
    template: { commit: tip, changes: await readChanges(git, base, tip) },
  };
}

export async function readChanges(git: Git, from: string, to: string): Promise<Change[]> {
  const fields = await readList(git, "diff", "--name-status", "--find-renames", "-z", from, to);
  const changes: Change[] = [];
  while (fields.length > 0) {
    const [kind = "", path = ""] = fields.splice(0, 2);
    // Only renames and copies have two paths.
    const target = /^[RC]/.test(kind) ? (fields.shift() ?? path) : path;
    changes.push({ kind: kind.charAt(0), from: path, to: target });
  }
  return changes;
}

/** Describes how one side changed a file, even if a side has renamed it. */
export async function describeChange(
  git: Git,
  sides: Sides,
  side: "yours" | "template",
  path: string,
): Promise<string> {
  const renames = [...sides.yours.changes, ...sides.template.changes].filter(({ kind }) => kind === "R");
  const original = renames.find(({ to }) => to === path)?.from ?? path;
  const { changes, commit } = sides[side];
  const change = changes.find(({ from, to }) => from === original || to === path);
  if (change === undefined) return "did not change it";
  if (change.kind === "D") return "removed it";

  const stat = await git.run("diff", "--numstat", "--find-renames", sides.base, commit, "--", change.from, change.to);
  const [added = "0", removed = "0"] = stat.split("\t");
  const lines = `+${added} −${removed} lines`;
  if (change.kind === "A") return `added it (${lines})`;
  return change.kind === "R" ? `renamed it from ${change.from} to ${change.to} (${lines})` : `changed it (${lines})`;
}
