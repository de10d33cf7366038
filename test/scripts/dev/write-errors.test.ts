import { expect, test } from "vitest";
import { explainFullDisk, explainWriteError } from "../../../scripts/dev/write-errors.ts";

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
