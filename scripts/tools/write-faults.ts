/** Errors of the file system, in whoever's words, and what to do about them. */

const WAYS_OUT: [RegExp, (folder: string) => string][] = [
  [/\bENOSPC\b|no space left on device/i, (folder) => `The disk is full: ${folder} cannot be written. Make room, and start again.`],
  [/\bEDQUOT\b|disk quota exceeded/i, (folder) => `Your quota is used up: ${folder} cannot be written. Make room, and start again.`],
  [/\bEROFS\b|read-only file system/i, (folder) => `${folder} cannot be written: the file system is read-only. Work in a copy of the project elsewhere.`],
  [/\b(EACCES|EPERM)\b|permission denied|operation not permitted/i, (folder) => `${folder} cannot be written: permission denied. Make it yours, or remove it, and start again.`],
  [/\b(ENOTDIR|EEXIST)\b|not a directory/i, (folder) => `${folder} cannot be written: a file is in the way, there or above it. Remove it, and start again.`],
];

/** @param folder what is written; it is ours, so it may always be removed */
export function explainWriteFault(message: string, folder: string): string | undefined {
  return WAYS_OUT.find(([pattern]) => pattern.test(message))?.[1](folder);
}
