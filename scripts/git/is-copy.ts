import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../../server/provider/environment.ts";
import { isPlaceholder } from "../../server/provider/placeholder.ts";
import { secretsFile, servicesFile } from "../configuration/files/file-names.ts";
import { isSlim } from "../slim/template-only.ts";
import { canonicalAddress, findRepository, listRemotes, readOutput, TEMPLATE_REMOTE } from "./git.ts";
import { TRAILER } from "./past-updates.ts";
import { readPackageTemplate } from "./template.ts";

/**
 * Whether this folder is an owner's copy, and not the template itself. On GitHub, the repository's name says so: a checkout
 * there has no remote of the template, and only its last commit. Elsewhere, a copy is what somebody has made their own.
 */
export async function isCopy(directory: string, env: Environment): Promise<boolean> {
  if (isSlim(await readFile(join(directory, "package.json"), "utf8"))) return true;

  const template = env.AUTH_PROVIDER_TEMPLATE || (await readPackageTemplate(directory)).repository;
  const { GITHUB_SERVER_URL = "https://github.com", GITHUB_REPOSITORY } = env;
  if (GITHUB_REPOSITORY && template)
    return canonicalAddress(`${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`) !== canonicalAddress(template);
  return (await isConfigured(directory)) || (await isLinked(directory));
}

/** The template has no client of its own at any service. */
async function isConfigured(directory: string): Promise<boolean> {
  if (existsSync(join(directory, secretsFile))) return true;

  try {
    const services: Record<string, { client_id?: unknown }> = JSON.parse(
      await readFile(join(directory, servicesFile), "utf8"),
    );
    return Object.values(services).some(({ client_id }) => typeof client_id !== "string" || !isPlaceholder(client_id));
  } catch {
    // Only an owner's edit can have removed or broken the file.
    return true;
  }
}

/** `npm run init-repo` was here, on this computer or before the repository was cloned. */
async function isLinked(directory: string): Promise<boolean> {
  const git = await findRepository(directory).catch(() => undefined);
  if (git === undefined) return false;
  if ((await listRemotes(git)).some(({ name }) => name === TEMPLATE_REMOTE)) return true;
  return (await readOutput(git, "log", "--max-count=1", `--grep=^${TRAILER}: `, "--format=%H")) !== undefined;
}
