import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SECURITY_HEADERS } from "../../netlify/oauth/headers.ts";
import { PROJECT } from "../../scripts/tools/project.ts";

/** Netlify takes the headers of static files from netlify.toml; functions set their own. They must not drift apart. */
describe("[A59] the static pages have the same headers as the dynamic answers", () => {
  test("every security header stands under `/*` in netlify.toml, with the same value", async () => {
    const toml = await readFile(join(PROJECT, "netlify.toml"), "utf8");
    const block = toml.split("[[headers]]").find((part) => part.includes('for = "/*"'))!;
    const values = Object.fromEntries([...block.matchAll(/^    ([A-Za-z-]+) = "(.*)"$/gm)].map(([, name, value]) => [name, value]));
    expect(values).toEqual(SECURITY_HEADERS);
  });
});
