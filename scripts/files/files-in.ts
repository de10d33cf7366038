import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** All files in a folder and its subfolders, relative to it; `undefined` if there is no such folder. */
export async function filesIn(folder: string): Promise<string[] | undefined> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  } catch {
    return undefined;
  }
}
