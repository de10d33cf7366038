import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { filledRecords } from "./journey.ts";
import type { Library, Observation } from "./libraries.ts";
import { observe } from "./libraries.ts";

/**
 * Compares every record with four third-party libraries. Where they differ, `differences.json` says what the library
 * does and why the record does otherwise. A difference that is not listed fails. So does a listed one that is gone.
 */

interface Difference {
  theirs: string;
  reason: string;
  /** When somebody last looked. */
  date: string;
}

/** Keyed by service, then by library and field. */
type Differences = Record<string, Record<string, Difference>>;

const records = filledRecords();
const listed = JSON.parse(readFileSync(new URL("./differences.json", import.meta.url), "utf8")) as Differences;

function listedFor(library: Library): Record<string, string> {
  const entries = Object.entries(listed).flatMap(([id, differences]) =>
    Object.entries(differences).map(([name, { theirs }]) => [`${id} ${name}`, theirs] as const),
  );
  return Object.fromEntries(entries.filter(([name]) => name.split(" ")[1]!.startsWith(`${library}.`)));
}

describe("the catalogue agrees with other people's", () => {
  test.each<[Library, number]>([
    ["grant", 40],
    ["@auth/core", 40],
    ["arctic", 40],
    ["better-auth", 20],
  ])("%s, except where differences.json says why not", async (library, atLeast) => {
    const observations = await observe(library, records);
    expect(observations.size).toBeGreaterThanOrEqual(atLeast);
    const found = [...observations].flatMap(([id, observation]) => differencesOf(id, library, observation));
    expect(Object.fromEntries(found)).toEqual(listedFor(library));
  });

  function differencesOf(id: string, library: Library, observation: Observation): [string, string][] {
    const record = records.get(id)!;
    const ours: Record<string, string> = {
      ...(record as unknown as Record<string, string>),
      scope_separator: record.scope_separator ?? " ",
    };
    return Object.entries(observation)
      .filter(([field, theirs]) =>
        field.endsWith("endpoint") ? ours[field]!.split("?")[0] !== theirs : ours[field] !== theirs,
      )
      .map(([field, theirs]) => [`${id} ${library}.${field}`, theirs as string]);
  }
});

test("every difference has a reason and a date", () => {
  for (const [id, differences] of Object.entries(listed)) {
    expect(records.has(id), id).toBe(true);
    for (const [name, { reason, date }] of Object.entries(differences)) {
      expect(reason, `${id} ${name}`).toMatch(/^[A-Z].{15,}\.$/);
      expect(date, `${id} ${name}`).toMatch(/^20\d\d-\d\d-\d\d$/);
    }
  }
});
