import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { filesIn } from "../../files/files-in.ts";
import { PUBLISHED_FOLDER, SOURCES_FOLDER } from "../../files/project.ts";
import { findSecrets } from "../../secrets/secret-scan.ts";
import { type Check, errorFinding, type Finding } from "../check.ts";

/** The build publishes the second folder, and copies into it everything in the first except the pages. */
const FOLDERS = [SOURCES_FOLDER, PUBLISHED_FOLDER];

/** Files of the project that visitors must not get, since they may contain secrets. */
const PRIVATE_NAME = /(^|\/)(\.?secret\.json|\.env[^/]*|netlify\.toml|package(-lock)?\.json|.*\.map|.*(?<!\.d)\.ts)$/;

export const publishedFolderClean: Check = {
  id: "published-folder",
  description: "The published folder contains no secret",
  async run({ directory, secrets }) {
    const results = await Promise.all(FOLDERS.map((folder) => findingsIn(directory, folder, secrets)));
    const findings = results.filter((result) => result !== undefined);
    if (findings.length === 0) return { skipped: `there is no folder ${FOLDERS.join(" or ")}` };
    return { findings: findings.flat() };
  },
};

/** @returns `undefined` if there is no such folder */
async function findingsIn(directory: string, name: string, secrets: string[]): Promise<Finding[] | undefined> {
  const folder = join(directory, name);
  const files = await filesIn(folder);
  if (files === undefined) return undefined;

  const leaking = new Set([...(await findSecrets(folder, secrets)), ...(await filesWithSecretKey(folder, files))]);
  const misplaced = files.filter((file) => PRIVATE_NAME.test(file) && !leaking.has(file));
  return [
    ...[...leaking].map((file) =>
      errorFinding(
        `${name}/${file} contains a client secret`,
        "Anybody can download everything in this folder.",
        `rm ${name}/${file}   then, if the file was ever deployed, replace the secret at the service`,
      ),
    ),
    ...misplaced.map((file) =>
      errorFinding(
        `${name}/${file} does not belong in the published folder`,
        "Anybody can download everything in this folder, and such files often contain secrets sooner or later.",
        `rm ${name}/${file}`,
      ),
    ),
  ];
}

/** Also finds secrets that this computer does not know, such as somebody else's. */
async function filesWithSecretKey(folder: string, files: string[]): Promise<string[]> {
  const json = files.filter((file) => file.endsWith(".json"));
  const texts = await Promise.all(json.map((file) => readFile(join(folder, file), "utf8")));
  return json.filter((_, index) => texts[index]!.includes('"client_secret"'));
}
