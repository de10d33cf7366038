import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { changelogEntries } from "../../scripts/git/template.ts";

/** The entries under the "Security" headings. Owners must be able to act on them without further reading. */
function securityEntries(changelog: string): string[] {
  const sections = changelog.split(/^(?=#{2,3} )/m).filter((section) => /^### Security\b/.test(section));
  return sections.flatMap((section) => changelogEntries(section));
}

const DUTY = /^\*\*Owners:\*\* .*\bdeploy again\b.*\bold deploys\b.*\b(?:secret|SEALING_KEY)/;

test("an entry about security says what owners do about deploying, old deploys and secrets", () => {
  for (const entry of securityEntries(readFileSync("CHANGELOG.md", "utf8"))) expect(entry).toMatch(DUTY);
});

test.each([
  ["### Security\n\n- A hole is closed.\n", false],
  ["### Security\n\n- **Owners:** deploy again.\n", false],
  [
    "### Security\n\n- **Owners:** deploy again and delete old deploys;\n  no secret needs rotating. A hole is closed.\n",
    true,
  ],
])("by this rule %j is right: %s", (changelog, isRight) => {
  const [entry] = securityEntries(`# Changelog\n\n## [1.0.0]\n\n### Added\n\n- Something.\n\n${changelog}`);
  expect(DUTY.test(entry!)).toBe(isRight);
});
