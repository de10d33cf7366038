import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../../catalogue/load.ts";
import { findNearest } from "../../../scripts/configuration/nearest.ts";

const keys = [...loadCatalogue().values()].map(({ key }) => key);

describe("the service that a misspelled name means", () => {
  test.each([
    ["Googel", "Google"],
    ["Goggle", "Google"],
    ["gihtub", "Github"],
    ["Git Hub", "Github"],
    ["Dorpbox", "Dropbox"],
    ["Slcak", "Slack"],
    ["facebok", "Facebook"],
    ["Microsft", "Microsoft"],
    ["mastadon", "Mastodon"],
    ["Linked-In", "LinkedIn"],
  ])("%s: %s", (name, key) => {
    expect(findNearest(name, keys)).toBe(key);
  });

  test.each(["Forge", "Fox", "Git", "Jira", "VKontakte", "Example", "Zimbra", "Y", "", "--", "Own service"])(
    "%j: none",
    (name) => {
      expect(findNearest(name, keys)).toBeUndefined();
    },
  );

  test("a right name means its service, and hardly any looks like a misspelling of another", () => {
    for (const key of keys) expect(findNearest(key, keys)).toBe(key);
    const mistaken = keys.filter(
      (key) =>
        findNearest(
          key,
          keys.filter((other) => other !== key),
        ) !== undefined,
    );
    expect(mistaken).toEqual(["Gitea", "Gitee", "Wahoo", "Yahoo"]);
  });
});
