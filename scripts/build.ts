import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { listBrowserModules } from "./build/browser-modules.ts";
import { buildSite, listFunctions } from "./build/build-site.ts";
import { themeWarnings } from "./build/theme.ts";
import { formatIssues, readConfiguration } from "./configuration/configuration.ts";
import { PROJECT, PUBLISHED_FOLDER } from "./files/project.ts";
import { findSecrets, knownSecrets } from "./secrets/secret-scan.ts";
import { plural } from "./terminal/text.ts";

/**
 * `npm run build`, which Netlify runs: validates the configuration, builds the functions and the published folder, and makes
 * sure that the latter contains no secret. It fails with a list of everything that is wrong.
 */

if (process.argv.includes("--help")) {
  console.log("npm run build\n\nValidates services.json and .secret.json, then builds dist/functions and dist/public.");
  process.exit(0);
}

console.log("Reading the configuration …");
const { configuration, issues, unavailable, warnings } = await readConfiguration({
  directory: PROJECT,
  env: process.env,
});
if (issues.length > 0) {
  console.error(`\nNothing was built, because the configuration has ${plural(issues.length, "issue")}.\n`);
  console.error(formatIssues(issues));
  process.exit(1);
}
if (warnings.length > 0) console.log(`\nWarnings:\n\n${formatIssues(warnings)}\n`);
if (unavailable.length > 0) console.log(`\nNot offered, or not to every app:\n\n${formatIssues(unavailable)}\n`);

const unreadable = await themeWarnings(PROJECT);
if (unreadable.length > 0)
  console.log(
    `\ntheme.css has colours that are hard to read:\n${unreadable.map((warning) => `  ${warning}`).join("\n")}\n`,
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
    `\nA file that would be published contains a secret:\n${exposed.map((file) => `  ${PUBLISHED_FOLDER}/${file}`).join("\n")}`,
  );
  console.error(
    "Remove it from the source of that file, which is most likely in public/. If it was ever deployed or shared, replace it.",
  );
  process.exit(1);
}

for (const name of await listFunctions(PROJECT)) {
  const code = await readFile(join(PROJECT, `dist/functions/${name}.mjs`));
  console.log(`  ${name.padEnd(12)} ${String(code.length).padStart(7)} bytes, ${gzipSync(code).length} gzip`);
}
console.log("Modules for apps, with their integrity values (docs/browser-client.md):");
for (const { file, code, integrity } of await listBrowserModules(published)) {
  console.log(
    `  ${file.padEnd(16)} ${String(code.length).padStart(6)} bytes, ${gzipSync(code).length} gzip, ${integrity}`,
  );
}
console.log("Done. Next: try it on this computer with npm run dev, or push to deploy.");
