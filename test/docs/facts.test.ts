import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../catalogue/load.ts";
import { serviceRecordSchema } from "../../catalogue/schema.ts";
import { defaultVariables, fillVariables } from "../../catalogue/variables.ts";
import { isTemplateOnly, TEMPLATE_ONLY } from "../../scripts/slim/template-only.ts";
import * as errors from "../../server/answers/error-catalogue.ts";
import type { Environment } from "../../server/provider/environment.ts";
import { createProvider } from "../../server/provider/provider.ts";
import { seal, unseal } from "../../server/sealing/seal.ts";
import { CANARY, PROVIDER, plainService, testProvider } from "../tools/harness.ts";
import { FILES, PAGES } from "./markdown.ts";

/** Compares statements in the docs with the code. */

/** The text under a heading, up to the next heading. */
function section(file: string, heading: string): string {
  const text = PAGES.find((page) => page.file === file)!.text;
  return text.split(`\n${heading}\n`)[1]!.split(/\n##? /)[0]!;
}

function wordsIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);
}

/** The first cell of each row. */
function rowsOf(table: string): string[] {
  return [...table.matchAll(/^\| (`.*?) \|/gm)].map(([, cell]) => cell!);
}

describe("docs/owner-guide.md", () => {
  test("explains reasons that there are", () => {
    const explained = rowsOf(section("docs/owner-guide.md", "## Logs")).slice(1).flatMap(wordsIn);
    expect(explained.length).toBeGreaterThan(5);
    for (const reason of explained) expect(Object.keys(errors)).toContain(reason);
  });

  test("names variables that are read", () => {
    const read = new Set<string>();
    const env: Environment = { URL: PROVIDER };
    const reads = (_: Environment, name: string): string | undefined => {
      read.add(name);
      return env[name];
    };
    const configuration = {
      services: [plainService()],
      secrets: { github: CANARY.clientSecret },
      localDevelopment: false,
    };
    const { services } = createProvider(configuration, new Proxy(env, { get: reads }));
    expect(services.has("github")).toBe(true);

    const named = rowsOf(section("docs/owner-guide.md", "## All settings")).flatMap(wordsIn);
    const variables = named.filter((name) => /^[A-Z_]+$/.test(name));
    expect(new Set(variables)).toEqual(read);
  });

  test.each(["github", "google", "dropbox", "gitlab", "microsoft", "discord"])(
    "leads to where %s takes registrations",
    (id) => {
      const record = loadCatalogue().get(id)!;
      const { console_url: address } = fillVariables(record, defaultVariables(record));
      expect(section("docs/owner-guide.md", `### ${record.name}`)).toContain(`](${address})`);
    },
  );

  test("[A51] the client secrets behind a first SEALING_KEY keep people logged in", () => {
    const content = { refreshToken: "r", clientId: "c", appOrigin: "https://app.example", scopes: [], expiresAt: 0 };
    const of = (env: Record<string, string>) => {
      const provider = testProvider({ env });
      return { provider, service: provider.services.get("github")! };
    };
    const sealed = seal("refresh", content, of({}));
    const added = "pT4vZ-k8Qm2Xw9LrYc0hNd7BsGf3JaEuKi6oRt1yQxV";
    expect(unseal("refresh", sealed, of({ SEALING_KEY: added }))).toBeUndefined();
    const both = of({ SEALING_KEY: `${added} ${CANARY.clientSecret}` });
    expect(unseal("refresh", sealed, both)).toMatchObject({ content });
  });
});

describe("CONTRIBUTING.md", () => {
  test("names every folder of tests", () => {
    const folders = new Set(
      FILES.map((file) => /^test\/[^/]+(?=\/)/.exec(file)?.[0]).filter((folder) => folder !== undefined),
    );
    const named = rowsOf(section("CONTRIBUTING.md", "## Test")).flatMap(wordsIn);
    expect(named.filter((word) => word.startsWith("test/")).sort()).toEqual([...folders].sort());
  });
});

/** The top-level folders and their subfolders. CONTRIBUTING.md has a separate table for tests. */
const FOLDERS = new Set(
  FILES.flatMap((file) => {
    const [top, room, ...rest] = file.split("/");
    const hasRooms = ["server", "client", "scripts"].includes(top!) && rest.length > 0;
    return room === undefined ? [] : hasRooms ? [top!, `${top}/${room}`] : [top!];
  }),
);

describe("the folders", () => {
  test("are all on the README's map, which names no others", () => {
    const map = section("README.md", "## Where things are").split("```")[1]!;
    let top = "";
    const named = map.split("\n").flatMap((line) => {
      const [names = ""] = line.trim().split(/ {2,}/);
      const folders = [...names.matchAll(/([\w.-]+)\//g)].map(([, name]) => name!);
      if (line.startsWith(" ")) return folders.map((name) => `${top}/${name}`);
      top = folders[0] ?? "";
      return folders;
    });
    expect(named.sort()).toEqual([...FOLDERS].sort());
  });

  test("each have a sentence in docs/how-it-works.md", () => {
    const rows = section("docs/how-it-works.md", "## Folders").split("\n");
    for (const folder of FOLDERS) {
      // Pages of a slim copy must not link to what it does not have.
      const name = isTemplateOnly(folder, TEMPLATE_ONLY) ? `\`${folder}\`` : `[${folder}](`;
      const row = rows.find((line) => line.split(" | ")[0]!.includes(name));
      expect(row?.split(" | ")[1], folder).toMatch(/\w.{20}/);
    }
    const named = rows.flatMap((line) =>
      [...line.split(" | ")[0]!.matchAll(/\[([^\]]+)\]\(|`([^`]+)`/g)].map(([, linked, named]) => linked ?? named!),
    );
    expect(named.sort()).toEqual([...FOLDERS].sort());
  });
});

describe("docs/how-it-works.md", () => {
  test("names fields that the catalogue has", () => {
    const fields = section("docs/how-it-works.md", "## Services are data")
      .split("\n")
      .filter((line) => line.startsWith("| "));
    const named = fields.flatMap((line) => wordsIn(line.split("|")[2]!));
    expect(named.length).toBeGreaterThan(10);
    const known = Object.keys(serviceRecordSchema({ insecureLoopback: false }).shape);
    for (const field of named) expect(known).toContain(field);
  });
});
