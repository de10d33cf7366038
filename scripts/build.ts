import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Environment } from "../server/provider/environment.ts";
import type { Configuration } from "../server/provider/service.ts";
import { listBrowserModules } from "./build/browser-modules.ts";
import { buildHost, HOSTS } from "./build/build-host.ts";
import { buildPublished, buildSite, listFunctions } from "./build/build-site.ts";
import { themeWarnings } from "./build/theme.ts";
import { formatIssues, readConfiguration } from "./configuration/configuration.ts";
import { explainSystemError } from "./files/file-errors.ts";
import { PROJECT, PUBLISHED_FOLDER } from "./files/project.ts";
import { findSecrets, knownSecrets } from "./secrets/secret-scan.ts";
import { CommandError, messageOf } from "./terminal/command-error.ts";
import { readArguments } from "./terminal/command-line.ts";
import { start } from "./terminal/start.ts";
import { plural } from "./terminal/text.ts";

/**
 * `npm run build`, which Netlify runs: validates the configuration, builds the functions and the published folder, and makes
 * sure that the latter contains no secret. It fails with a list of everything that is wrong.
 */

const HELP = `npm run build [-- --host ${Object.keys(HOSTS).join("|")}]

Validates services.json and .secret.json, then builds dist/functions and dist/public, which Netlify deploys.

  --host <name>  build for another host (docs/hosts.md), in dist/<name>
  --help         show this text`;

const OPTIONS = { host: { type: "string" }, help: { type: "boolean", default: false } } as const;

start(import.meta.url, build);

/** @returns the exit status */
async function build(): Promise<number> {
  const { host, help } = readArguments("build", process.argv.slice(2), OPTIONS);
  if (help) {
    console.log(HELP);
    return 0;
  }
  if (host !== undefined) requireHost(host);
  const configuration = await readValidConfiguration(environmentFor(host));
  await warnAboutColours();

  const published = join(PROJECT, PUBLISHED_FOLDER);
  await explained(host === undefined ? buildForNetlify(configuration) : buildPublished(configuration, published));
  await requireNoSecret(published);

  if (host === undefined) await listFunctionFiles();
  else await explained(buildForHost(host, configuration, published));
  await listModules(published);
  const next = host === undefined ? "try it on this computer with npm run dev, or push to deploy." : HOSTS[host]!.next;
  console.log(`Done. Next: ${next}`);
  return 0;
}

function requireHost(name: string): void {
  if (!Object.hasOwn(HOSTS, name))
    throw new CommandError(
      `--host ${name} is unknown. Netlify needs no option.`,
      `Use ${Object.keys(HOSTS).join(", ")}.`,
    );
  const issue = HOSTS[name]!.issue?.(process.env);
  if (issue !== undefined) throw new CommandError("Nothing was built.", issue);
}

/** On another host, whoever builds for it also deploys it, unless its builds run other people's code. */
function environmentFor(host: string | undefined): Environment {
  if (host === undefined) return process.env;
  return { ...process.env, CONTEXT: HOSTS[host]!.withoutSecretsFile ? undefined : "production" };
}

async function buildForNetlify(configuration: Configuration): Promise<void> {
  console.log("Building functions and pages …");
  await buildSite({ configuration, directory: PROJECT });
}

async function buildForHost(host: string, configuration: Configuration, published: string): Promise<void> {
  console.log(`Building for ${host} …`);
  const directory = join(PROJECT, "dist", host);
  await buildHost(host, { configuration, published, directory, env: process.env });
  await listFile(join("dist", host, HOSTS[host]!.output));
}

/** @throws {CommandError} for what somebody can mend */
async function explained(building: Promise<void>): Promise<void> {
  await building.catch((error) => {
    throw new CommandError(explainSystemError(error) ?? messageOf(error));
  });
}

async function readValidConfiguration(env: Environment): Promise<Configuration> {
  console.log("Reading the configuration …");
  const report = await readConfiguration({ directory: PROJECT, env });
  const { configuration, issues, unavailable, untouched, warnings } = report;
  if (issues.length > 0) {
    const message = `Nothing was built, because the configuration has ${plural(issues.length, "issue")}.`;
    throw new CommandError(message, formatIssues(issues));
  }
  if (warnings.length > 0) console.log(`\nWarnings:\n\n${formatIssues(warnings)}\n`);
  if (unavailable.length > 0) console.log(`\nNot offered, or not to every app:\n\n${formatIssues(unavailable)}\n`);
  if (untouched.length > 0) console.log(`Not set up: ${untouched.join(", ")}`);
  if (untouched.length === configuration.services.length)
    console.log("Nobody can log in yet. Next: npm run add-service");
  return configuration;
}

async function warnAboutColours(): Promise<void> {
  const warnings = await themeWarnings(PROJECT);
  if (warnings.length > 0) console.log(`\ntheme.css has colours that are hard to read:\n${indented(warnings)}\n`);
}

async function requireNoSecret(published: string): Promise<void> {
  const exposed = await findSecrets(published, await knownSecrets(PROJECT, process.env));
  if (exposed.length === 0) return;
  throw new CommandError(
    `A file that would be published contains a secret:\n${indented(exposed.map((file) => `${PUBLISHED_FOLDER}/${file}`))}`,
    "Remove it from the source of that file, which is most likely in public/. If it was ever deployed or shared, replace it.",
  );
}

async function listFunctionFiles(): Promise<void> {
  for (const name of await listFunctions(PROJECT)) await listFile(`dist/functions/${name}.mjs`, name);
}

async function listFile(path: string, name = path): Promise<void> {
  const code = await readFile(join(PROJECT, path));
  console.log(`  ${name.padEnd(12)} ${String(code.length).padStart(7)} bytes, ${gzipSync(code).length} gzip`);
}

async function listModules(published: string): Promise<void> {
  console.log("Modules for apps, with their integrity values (docs/browser-client.md):");
  for (const { file, code, integrity } of await listBrowserModules(published)) {
    console.log(
      `  ${file.padEnd(16)} ${String(code.length).padStart(6)} bytes, ${gzipSync(code).length} gzip, ${integrity}`,
    );
  }
}

function indented(lines: string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}
