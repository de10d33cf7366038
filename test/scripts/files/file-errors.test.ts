import { resolve } from "node:path";
import { expect, test } from "vitest";
import { explainFullDisk, explainSystemError, explainWriteError } from "../../../scripts/files/file-errors.ts";

/** The errors of Node, esbuild and netlify dev when they cannot write, and how `npm run dev` explains them. */

const FULL = [
  "ENOSPC: no space left on device, write",
  "Build failed with 1 error:\nerror: Failed to write to output file: write /p/dist/dev/8888-1/token.mjs: no space left on device",
  "netlify dev has ended by itself (exit code 1). Its last output:\n\n⬥ Failed to load function token: ENOSPC: no space left on device, write",
  "EDQUOT: disk quota exceeded, write",
];

const IN_THE_WAY: [string, RegExp][] = [
  ["EROFS: read-only file system, mkdir '/p/dist/dev/8888-1'", /read-only/],
  ["ENOENT: no such file or directory, mkdir '/p/dist/dev/8888-1'", /read-only/],
  ["EACCES: permission denied, mkdir '/p/dist/dev/8888-1'", /Change its owner/],
  ["error: Failed to write to output file: open /p/dist/dev/8888-1/token.mjs: permission denied", /Change its owner/],
  ["EPERM: operation not permitted, open '/p/dist/dev/8888-1/netlify.toml'", /Change its owner/],
  ["ENOTDIR: not a directory, mkdir '/p/dist/dev/8888-1'", /a file is in its place/],
  ["EEXIST: file already exists, mkdir '/p/dist/dev'", /a file is in its place/],
];

test.each(FULL)("a full disk: %s", (message) => {
  expect(explainFullDisk(message)).toBe("The disk is full. Free some space, and start again.");
  expect(explainWriteError(message, "/p/dist/dev")).toBe(explainFullDisk(message));
});

test.each(IN_THE_WAY)("a folder that cannot be written: %s", (message, advice) => {
  expect(explainFullDisk(message)).toBeUndefined();
  expect(explainWriteError(message, "/p/dist/dev")).toMatch(/^\/p\/dist\/dev cannot be written: /);
  expect(explainWriteError(message, "/p/dist/dev")).toMatch(advice);
});

test("anything else is left as it is", () => {
  const message = "The configuration is wrong:\n\nservices.json: no such service";
  expect(explainFullDisk(message)).toBeUndefined();
  expect(explainWriteError(message, "/p/dist/dev")).toBeUndefined();
});

const systemError = (code: string, path?: string, syscall = "open"): Error =>
  Object.assign(new Error(`${code}: it failed, ${syscall}`), { code, syscall, ...(path && { path }) });

test.each([
  ["EACCES", "theme.css cannot be used: permission denied."],
  ["EPERM", "theme.css cannot be used: permission denied."],
  ["EROFS", "theme.css cannot be used: it is on a read-only file system."],
  ["EISDIR", "theme.css cannot be used: it is a folder"],
  ["ENOTDIR", "theme.css cannot be used: a file is in its place"],
  ["ENOENT", "theme.css cannot be used: it is missing."],
  ["ENOSPC", "The disk is full."],
  ["EDQUOT", "The disk is full."],
  ["EIO", "theme.css cannot be used: EIO"],
])("an error of the operating system is a sentence with the file's name: %s", (code, start) => {
  expect(explainSystemError(systemError(code, resolve("theme.css")))).toMatch(new RegExp(`^${start}`));
});

test("a program that is not there, and a full disk without a file's name", () => {
  expect(explainSystemError(systemError("ENOENT", "git", "spawn git"))).toBe(
    "git could not be started (ENOENT). Is it installed?",
  );
  expect(explainSystemError(systemError("ENOSPC", undefined, "write"))).toMatch(/^The disk is full/);
});

test("a bug is no error of the operating system", () => {
  expect(explainSystemError(new TypeError("x is undefined"))).toBeUndefined();
});
