import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../catalogue/load.ts";
import type { Evidence } from "./evidence.ts";
import { compareEvidence, sortList } from "./evidence.ts";

const records = loadCatalogue();

function evidence(ours: Record<string, string>, others: string[] = []): Evidence {
  return { date: "2026-11-30", versions: {}, ours: { grant: ours }, others: { grant: others } };
}

describe("other people's lists of services", () => {
  test("a service of ours that has moved is named, with the old, the new and our own address", () => {
    const last = evidence({ trakt: "https://trakt.tv/a https://api.trakt.tv/t", github: "a b" });
    const now = evidence({ trakt: "https://auth.trakt.tv/a https://auth.trakt.tv/t", github: "a b" });
    expect(compareEvidence(last, now, records)).toEqual([
      [
        "grant: trakt has moved",
        "  from https://trakt.tv/a https://api.trakt.tv/t",
        "  to   https://auth.trakt.tv/a https://auth.trakt.tv/t",
        "  ours https://auth.trakt.tv/oauth/authorize https://auth.trakt.tv/oauth/token",
      ].join("\n"),
    ]);
  });

  test("so is a service that has come or gone, and nothing else", () => {
    expect(compareEvidence(evidence({}, ["one", "two"]), evidence({}, ["two", "three"]), records)).toEqual([
      "grant: new service three",
      "grant: no longer has one",
    ]);
    expect(
      compareEvidence(evidence({ github: "a b" }, ["one"]), evidence({ github: "a b" }, ["one"]), records),
    ).toEqual([]);
  });

  test("a service that has become one of ours is not gone", () => {
    expect(compareEvidence(evidence({}, ["vk"]), evidence({ vk: "a b" }), records)).toEqual([]);
  });

  test("a service counts as ours under the list's own name", () => {
    expect(sortList("grant", { twitter2: "a b", twitter: "c d", github: "e f" }, ["x", "github", "zoom"])).toEqual({
      ours: { x: "a b", github: "e f" },
      others: ["twitter"],
    });
  });

  test("the last time is written down", () => {
    const last = JSON.parse(readFileSync(new URL("./evidence.json", import.meta.url), "utf8")) as Evidence;
    expect(last.date).toMatch(/^20\d\d-\d\d-\d\d$/);
    for (const list of ["@nangohq/providers", "grant"])
      expect(Object.keys(last.ours[list]!).length).toBeGreaterThan(40);
  });
});
