import { expect, test } from "vitest";
import { CommandError } from "../../../scripts/terminal/command-error.ts";
import { readArguments } from "../../../scripts/terminal/command-line.ts";

const OPTIONS = { url: { type: "string" }, probe: { type: "boolean" } } as const;
const secret = "s3cret-9fK2mQ7xTz-Lw4RbN8vHd";

function messageFor(...args: string[]): string {
  try {
    readArguments("doctor", args, OPTIONS);
    return "";
  } catch (error) {
    if (error instanceof CommandError) return error.message + error.advice;
    throw error;
  }
}

test.each([
  [secret],
  ["--probe", secret],
  ["--", secret],
  [`--secret=${secret}`],
  [`--probe=${secret}`],
  ["--client-secret", secret],
])("[A10] a word that no option takes is not repeated: %j", (...args) => {
  expect(messageFor(...args)).toContain("npm run doctor -- --help");
  expect(messageFor(...args)).not.toContain(secret);
});

test("an unknown option is named", () => {
  expect(messageFor("--ulr")).toContain("--ulr");
});
