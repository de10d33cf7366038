import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { listBrowserModules } from "./build/browser-modules.ts";
import { buildSite, listFunctions } from "./build/build-site.ts";
import { themeFaults } from "./build/theme.ts";
import { formatFaults, readConfiguration } from "./configuration/configuration.ts";
import { PROJECT, PUBLISHED_FOLDER } from "./files/project.ts";
import { findSecrets, knownSecrets } from "./secrets/secret-scan.ts";

/**
 * `npm run build`: what Netlify runs. Validates the configuration, builds the functions and all that is published, and
 * makes sure that no secret is in that. Fails with a list of everything that is wrong.
 */

if (process.argv.includes("--help")) {
  console.log("npm run build\n\nValidates services.json and .secret.json, then builds dist/functions and dist/public.");
  process.exit(0);
}

console.log("Reading the configuration …");
const { configuration, faults, notices, warnings } = await readConfiguration({ directory: PROJECT, env: process.env });
if (faults.length > 0) {
  console.error(
    `\nNothing was built: the configuration has ${faults.length} ${faults.length === 1 ? "fault" : "faults"}.\n`,
  );
  console.error(formatFaults(faults));
  process.exit(1);
}
if (warnings.length > 0) console.log(`\nTake care:\n\n${formatFaults(warnings)}\n`);
if (notices.length > 0) console.log(`\nWorth knowing:\n\n${formatFaults(notices)}\n`);

const unreadable = await themeFaults(PROJECT);
if (unreadable.length > 0)
  console.log(
    `\ntheme.css has colours that are hard to read:\n${unreadable.map((fault) => `  ${fault}`).join("\n")}\n`,
  );

console.log("Building functions and pages …");
try {
  await buildSite({ configuration, directory: PROJECT });
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

const published = join(PROJECT, PUBLISHED_FOLDER);
const exposed = await findSecrets(published, await knownSecrets(PROJECT, process.env));
if (exposed.length > 0) {
  console.error(
    `\nA secret stands in a file that would be published:\n${exposed.map((file) => `  ${PUBLISHED_FOLDER}/${file}`).join("\n")}`,
  );
  console.error(
    "Remove it from what that was made of, in public/ most likely, and replace the secret if it was ever deployed or shared.",
  );
  process.exit(1);
}

for (const name of await listFunctions(PROJECT)) {
  const code = await readFile(join(PROJECT, `dist/functions/${name}.mjs`));
  console.log(`  ${name.padEnd(12)} ${String(code.length).padStart(7)} bytes, ${gzipSync(code).length} gzip`);
}
console.log("Modules for apps, with the integrity that pins them (docs/browser-client.md):");
for (const { file, code, integrity } of await listBrowserModules(published)) {
  console.log(
    `  ${file.padEnd(16)} ${String(code.length).padStart(6)} bytes, ${gzipSync(code).length} gzip, ${integrity}`,
  );
}
console.log("Done. Next: `npm run dev` to try it on this computer, or push to deploy.");
