/** Errors at writing, in whoever's words, and what to do about them. */

const FULL = /\b(ENOSPC|EDQUOT)\b|no space left on device|disk quota exceeded/i;

const IN_THE_WAY: [RegExp, string][] = [
  // ENOENT is what Node's recursive mkdir() says of it.
  [
    /\b(EROFS|ENOENT)\b|read-only file system/i,
    "it is on a read-only file system. Work in a copy of the project elsewhere.",
  ],
  [
    /\b(EACCES|EPERM)\b|permission denied|operation not permitted/i,
    "permission denied. Make it yours, and start again.",
  ],
  [/\b(ENOTDIR|EEXIST)\b|not a directory/i, "a file is in the way, there or above it. Remove it, and start again."],
];

export function explainFullDisk(message: string): string | undefined {
  return FULL.test(message) ? "The disk is full. Make room, and start again." : undefined;
}

/** @param folder what could not be written */
export function explainWriteFault(message: string, folder: string): string | undefined {
  const [, reason] = IN_THE_WAY.find(([pattern]) => pattern.test(message)) ?? [];
  return explainFullDisk(message) ?? (reason && `${folder} cannot be written: ${reason}`);
}
