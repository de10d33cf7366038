import { relative } from "node:path";

/** Explains errors of reading and writing files, and says what to do. */

const FULL = /\b(ENOSPC|EDQUOT)\b|no space left on device|disk quota exceeded/i;

const DENIED = "permission denied. Change its owner or permissions, and start again.";
const READ_ONLY = "it is on a read-only file system. Work in a copy of the project elsewhere.";
const IN_THE_WAY = "a file is in its place, or in that of a parent folder. Remove the file, and start again.";

/** For messages of any library. On a read-only file system, Node's recursive mkdir() reports ENOENT. */
const CAUSES: [RegExp, string][] = [
  [/\b(EROFS|ENOENT)\b|read-only file system/i, READ_ONLY],
  [/\b(EACCES|EPERM)\b|permission denied|operation not permitted/i, DENIED],
  [/\b(ENOTDIR|EEXIST)\b|not a directory/i, IN_THE_WAY],
];

const REASONS: Record<string, string> = {
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: READ_ONLY,
  ENOTDIR: IN_THE_WAY,
  EEXIST: IN_THE_WAY,
  EISDIR: "it is a folder, but must be a file. Move the folder away, and restore the file.",
  ENOENT: "it is missing. If you have deleted it, git checkout restores it.",
};

export function explainFullDisk(message: string): string | undefined {
  return FULL.test(message) ? "The disk is full. Free some space, and start again." : undefined;
}

/** @param folder the folder that could not be written */
export function explainWriteError(message: string, folder: string): string | undefined {
  const [, explanation] = CAUSES.find(([pattern]) => pattern.test(message)) ?? [];
  return explainFullDisk(message) ?? (explanation && `${folder} cannot be written: ${explanation}`);
}

/** @returns why a file cannot be used, as the second half of a sentence */
export function reasonOf({ code = "", message }: Pick<NodeJS.ErrnoException, "code" | "message">): string {
  return REASONS[code] ?? message;
}

/** The sentence for an error of the operating system; `undefined` if it is another error. */
export function explainSystemError(error: unknown): string | undefined {
  const { code = "", path, syscall, message } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return undefined;
  if (syscall.startsWith("spawn")) return `${path} could not be started (${code}). Is it installed?`;
  return explainFullDisk(code) ?? (path && `${nearPath(path)} cannot be used: ${reasonOf({ code, message })}`);
}

/** Inside the project, the short path is clearer. */
function nearPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near === "" || near.startsWith("..") ? path : near;
}
