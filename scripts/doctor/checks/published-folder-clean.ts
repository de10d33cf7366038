import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { filesIn } from "../../files/files-in.ts";
import { PUBLISHED_FOLDER, SOURCES_FOLDER } from "../../files/project.ts";
import { findSecrets } from "../../secrets/secret-scan.ts";
import { type Check, type Finding, problem } from "../check.ts";

/** What the build publishes, and its sources: of those, everything but the pages is published as it is. */
const FOLDERS = [SOURCES_FOLDER, PUBLISHED_FOLDER];

/** Files that belong to the project and not to its visitors [A10]. */
const PRIVATE_NAME = /(^|\/)(\.?secret\.json|\.env[^/]*|netlify\.toml|package(-lock)?\.json|.*\.map|.*(?<!\.d)\.ts)$/;

export const publishedFolderClean: Check = {
  id: "published-folder",
  description: "The published folder holds no secret",
  async run({ directory, secrets }) {
    const results = await Promise.all(FOLDERS.map((folder) => findingsIn(directory, folder, secrets)));
    const findings = results.filter((result) => result !== undefined);
    if (findings.length === 0) return { skipped: `there is no folder ${FOLDERS.join(" and no ")}` };
    return { findings: findings.flat() };
  },
};

/** `undefined`: there is no such folder. */
async function findingsIn(directory: string, name: string, secrets: string[]): Promise<Finding[] | undefined> {
  const folder = join(directory, name);
  const files = await filesIn(folder);
  if (files === undefined) return undefined;

  const leaking = new Set([...(await findSecrets(folder, secrets)), ...(await filesWithSecretKey(folder, files))]);
  const misplaced = files.filter((file) => PRIVATE_NAME.test(file) && !leaking.has(file));
  return [
    ...[...leaking].map((file) =>
      problem(
        `${name}/${file} holds a client secret`,
        "Everything in this folder can be fetched by anybody.",
        `rm ${name}/${file}   then replace the secret at the service, if that file was ever deployed`,
      ),
    ),
    ...misplaced.map((file) =>
      problem(
        `${name}/${file} does not belong into the published folder`,
        "Everything in this folder can be fetched by anybody, and such files tend to hold secrets sooner or later.",
        `rm ${name}/${file}`,
      ),
    ),
  ];
}

/** Also somebody else's secrets: those that this computer does not know. */
async function filesWithSecretKey(folder: string, files: string[]): Promise<string[]> {
  const json = files.filter((file) => file.endsWith(".json"));
  const texts = await Promise.all(json.map((file) => readFile(join(folder, file), "utf8")));
  return json.filter((_, index) => texts[index]!.includes('"client_secret"'));
}
