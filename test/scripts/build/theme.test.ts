import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { contrastWarnings, themeWarnings } from "../../../scripts/build/theme.ts";
import { PROJECT } from "../../../scripts/files/project.ts";

const TOKENS = await readFile(join(PROJECT, "client/styles/tokens.css"), "utf8");

function theme(light: string, dark: string): string {
  return `:root { ${light} }\n@media (prefers-color-scheme: dark) { :root { ${dark} } }`;
}

const READABLE = theme("--accent: #0b6e5f; --on-accent: #fff;", "--accent: #6fd6c1; --on-accent: #05231d;");

describe("the owner's theme", () => {
  test("can be read as it is", async () => {
    expect(await themeWarnings(PROJECT)).toEqual([]);
  });

  test("black on white has a contrast of 21, and grey #767676 is the lightest on white", () => {
    const card = ":root { --card: #fff; --page: #fff; }";
    expect(contrastWarnings(card, ":root { --accent: #767676; --on-accent: #ffffff; }")).toEqual([]);
    expect(contrastWarnings(card, ":root { --accent: #777777; --on-accent: #000; }")[0]).toContain("4.47 : 1");
  });

  test("is told which bright colour nobody can read, where, and by how much", () => {
    const faults = contrastWarnings(TOKENS, READABLE.replace("#0b6e5f", "#ffdd00"));
    expect(faults).toHaveLength(3);
    expect(faults[0]).toBe(
      "In light colours, --accent (#ffdd00) on --card (#ffffff) has a contrast of 1.34 : 1. Readable text needs 4.5 : 1.",
    );
  });

  test("is measured in the dark as well, with the light value where the dark has none", () => {
    expect(contrastWarnings(TOKENS, READABLE)).toEqual([]);
    const faults = contrastWarnings(TOKENS, READABLE.replace("--accent: #6fd6c1;", ""));
    expect(
      faults.every((fault) => fault.startsWith("In dark colours, --accent (#0b6e5f)") || fault.includes("--on-accent")),
    ).toBe(true);
    expect(faults.length).toBeGreaterThan(0);
  });

  test("hears that a colour which is written otherwise, or is missing, was not measured", () => {
    const faults = contrastWarnings(TOKENS, READABLE.replace("#0b6e5f", "teal").replace("--on-accent: #fff;", ""));
    expect(faults.filter((fault) => fault.includes("cannot be measured"))).toHaveLength(3);
  });
});
