import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isModest } from "../../../client/confirmation/permission.ts";
import { PROJECT } from "../../../scripts/files/project.ts";

const FOLDER = join(PROJECT, "catalogue/services");

/** Every scope that the catalogue describes, as `service scope: description`. */
const described = readdirSync(FOLDER).flatMap((file) => {
  const { scope_descriptions = {} } = JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as {
    scope_descriptions?: Record<string, string>;
  };
  return Object.entries(scope_descriptions).map(([scope, description]) => ({ file, scope, description }));
});

describe("[A31] only what reads something limited goes without a mark:", () => {
  test.each([
    ["Read your profile", true],
    ["Know who you are", true],
    ["See which servers you are in", true],
    ["Read your name and picture", true],
    ["Read and change your calendars", false],
    ["Read, change and delete your files", false],
    ["Read your notifications and mark them as read", false],
    ["Read all your files in Google Drive", false],
    ["Read everything you have access to on GitLab", false],
    ["Read your repositories, including private ones", false],
    ["Read and change all your repositories, including private ones", false],
    ["Delete repositories", false],
    ["Do everything you can in Salesforce", false],
    ["Manage your tournaments", false],
    // An owner's own words, perhaps in another language.
    ["Votre profil", false],
    ["read your profile", false],
    ["Readjust your limits", false],
    ["", false],
  ])("%j: %j", (description, expected) => expect(isModest(description)).toBe(expected));

  test("no scope of the catalogue that says, in its name or its description, that it changes anything", () => {
    const changes =
      /\b(?:add|admin|block|change|comment|create|delete|edit|follow|full|like|manage|mark|move|post|publish|remove|reply|send|share|submit|update|upload|vote|write)\b/i;
    const unmarked = described.filter(
      ({ scope, description }) =>
        isModest(description) && changes.test(`${scope.replaceAll(/[._:/-]/g, " ")} ${description}`),
    );
    // What the person does, and not the app.
    expect(unmarked.map(({ description }) => description)).toEqual([
      "See what you share and with whom",
      "See what you have liked",
      "See whom you follow",
    ]);
  });

  test("and most of the catalogue's scopes that only read have none, or nobody would look at the marks", () => {
    const reading = described.filter(({ description }) => /^(?:Know|Read|See|View) (?!and )/.test(description));
    const share = reading.filter(({ description }) => isModest(description)).length / reading.length;
    expect(share).toBeGreaterThan(0.85);
  });
});
