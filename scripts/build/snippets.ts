import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT } from "../files/project.ts";
import { readText } from "../files/text-file.ts";

const FOLDER = join(PROJECT, "client/snippets");

/** The code that the home page shows, by file name. */
export async function readSnippets(): Promise<Record<string, string>> {
  const names = (await readdir(FOLDER)).filter((name) => !name.endsWith(".ts")).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readText(FOLDER, name)] as const)),
  );
}
