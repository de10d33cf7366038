import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatHeaders, headersFor, parseHeaders } from "../../../scripts/build/headers-file.ts";
import { withoutHashes } from "../../../scripts/build/inline-hashes.ts";
import { staticHeaders } from "../../../scripts/build/static-headers.ts";
import { PROJECT } from "../../../scripts/files/project.ts";
import { SECURITY_HEADERS } from "../../../server/answers/headers.ts";

const SHA = { script: `'sha256-${"a".repeat(43)}='`, style: `'sha256-${"+/".repeat(21)}b='` };
const rules = staticHeaders({ scripts: [SHA.script], styles: [SHA.style] });

/** The build writes the headers of static files to `_headers`. Functions set their own. Both must stay the same. */
describe("[A59] the static pages have the same headers as the dynamic answers", () => {
  test.each(["/", "/confirm", "/no-such-page"])(
    "%s has every one of them, and in two directives hashes besides",
    (path) => {
      const { "Content-Security-Policy": policy, ...rest } = headersFor(rules, path);
      const { "Content-Security-Policy": dynamic, ...others } = SECURITY_HEADERS;
      expect(rest).toEqual(others);
      expect(withoutHashes(policy!)).toBe(dynamic);
      const added = policy!.split("; ").filter((directive) => !dynamic.split("; ").includes(directive));
      expect(added).toEqual([`script-src 'self' ${SHA.script}`, `style-src 'self' ${SHA.style}`]);
    },
  );

  test("nothing in netlify.toml, whose rules would win, sets a header", async () => {
    expect(await readFile(join(PROJECT, "netlify.toml"), "utf8")).not.toContain("[headers");
  });
});

describe("what apps load", () => {
  test.each([
    ...["/auth.js", "/react-admin.js", "/login-button.js", "/madata.js"],
    ...["/auth.d.ts", "/react-admin.d.ts", "/login-button.d.ts", "/login-button/de.json"],
  ])("%s can be read from anywhere", (path) => {
    expect(headersFor(rules, path)).toMatchObject({
      "Access-Control-Allow-Origin": "*",
      "Cross-Origin-Resource-Policy": "cross-origin",
      "X-Content-Type-Options": "nosniff",
    });
  });

  test.each(["/", "/confirm", "/error.js", "/card.css", "/languages/de/home.json", "/icons/github.svg"])(
    "[A37] %s cannot",
    (path) => {
      expect(headersFor(rules, path)).not.toHaveProperty("Access-Control-Allow-Origin");
      expect(headersFor(rules, path)).toMatchObject({ "Cross-Origin-Resource-Policy": "same-origin" });
    },
  );
});

test("what is written into `_headers` can be read again, and keeps to the lengths that hosts allow", () => {
  expect(parseHeaders(formatHeaders(rules))).toEqual(rules);
  const longest = Math.max(
    ...formatHeaders(rules)
      .split("\n")
      .map((line) => line.length),
  );
  expect(longest).toBeLessThan(2_000);
});
