/** Explains errors of writing files, whatever library reports them, and says what to do. */

const FULL = /\b(ENOSPC|EDQUOT)\b|no space left on device|disk quota exceeded/i;

const CAUSES: [RegExp, string][] = [
  // On a read-only file system, Node's recursive mkdir() reports ENOENT.
  [
    /\b(EROFS|ENOENT)\b|read-only file system/i,
    "it is on a read-only file system. Work in a copy of the project elsewhere.",
  ],
  [
    /\b(EACCES|EPERM)\b|permission denied|operation not permitted/i,
    "permission denied. Change its owner or permissions, and start again.",
  ],
  [
    /\b(ENOTDIR|EEXIST)\b|not a directory/i,
    "a file is in its place, or in that of a parent folder. Remove the file, and start again.",
  ],
];

export function explainFullDisk(message: string): string | undefined {
  return FULL.test(message) ? "The disk is full. Free some space, and start again." : undefined;
}

/** @param folder the folder that could not be written */
export function explainWriteError(message: string, folder: string): string | undefined {
  const [, explanation] = CAUSES.find(([pattern]) => pattern.test(message)) ?? [];
  return explainFullDisk(message) ?? (explanation && `${folder} cannot be written: ${explanation}`);
}
