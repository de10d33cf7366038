import { COMMON_OPTIONS, readArguments } from "../terminal/command-line.ts";

export type Options = ReturnType<typeof readOptions>;

export function readOptions(args: string[]) {
  return readArguments("update-repo", args, {
    ...COMMON_OPTIONS,
    test: { type: "boolean", default: false },
    "no-push": { type: "boolean", default: false },
    continue: { type: "boolean", default: false },
    abort: { type: "boolean", default: false },
    edge: { type: "boolean", default: false },
    unverified: { type: "boolean", default: false },
    "leave-out": { type: "boolean", default: false },
    pristine: { type: "string" },
  });
}
