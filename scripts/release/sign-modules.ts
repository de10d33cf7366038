import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { buildBrowserModules, buildMadataBridge, listBrowserModules } from "../build/browser-modules.ts";
import { type ModuleSignatures, publicKeyOf, SIGNATURES_FILE, signModule } from "../build/module-signatures.ts";
import { PROJECT } from "../files/project.ts";
import { makeTemporaryFolder } from "../files/temporary-folder.ts";
import { CommandError } from "../terminal/command-error.ts";
import { isStarted } from "../terminal/command-line.ts";

/**
 * `node scripts/release/sign-modules.ts <key.pem> …`: signs the modules for apps, as the last step before a release. Each key
 * signs, so that apps can change from an old key to a new one. Only the template's publisher has these keys.
 */

/** @param keyFiles private keys (Ed25519, PKCS #8), outside the project */
export async function signModules(keyFiles: string[]): Promise<ModuleSignatures> {
  if (keyFiles.length === 0) throw new CommandError("Which key? node scripts/release/sign-modules.ts ~/key.pem");
  const keys = await Promise.all(keyFiles.map(readKey));
  const modules = await builtModules();
  return Object.fromEntries(
    keys.map((key) => [
      publicKeyOf(key),
      Object.fromEntries(modules.map(({ file, code }) => [`/${file}`, signModule(`/${file}`, code, key)])),
    ]),
  );
}

async function readKey(file: string): Promise<KeyObject> {
  if (resolve(file).startsWith(PROJECT))
    throw new CommandError(`${file} is in the project, where it could be committed. Move it to another folder.`);
  const key = createPrivateKey(await readFile(file));
  if (key.asymmetricKeyType === "ed25519") return key;
  throw new CommandError(`${file} is no Ed25519 key. Make one: openssl genpkey -algorithm ed25519 -out ${file}`);
}

async function builtModules() {
  const { folder, remove } = await makeTemporaryFolder("auth-provider-modules-");
  try {
    await Promise.all([buildBrowserModules(folder), buildMadataBridge(folder)]);
    return await listBrowserModules(folder);
  } finally {
    await remove();
  }
}

if (isStarted(import.meta.url)) {
  const signatures = await signModules(process.argv.slice(2));
  await writeFile(join(PROJECT, SIGNATURES_FILE), `${JSON.stringify(signatures, undefined, 2)}\n`);
  console.log(`Wrote ${SIGNATURES_FILE}. Apps pin:`);
  for (const key of Object.keys(signatures)) console.log(`  integrity="ed25519-${key}"`);
}
