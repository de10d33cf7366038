import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Looks for secrets in the published folder, in every spelling that a build step could have given them [A10].
 *
 * @returns the files that hold one, relative to the folder
 */
export async function findSecrets(folder: string, secrets: string[]): Promise<string[]> {
  const spellings = secrets.flatMap(spellingsOf);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path, "latin1");
    if (spellings.some((spelling) => text.includes(spelling))) found.push(path.slice(folder.length + 1));
  }
  return found;
}

function spellingsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
  ];
}
