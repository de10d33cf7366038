import { matchesGlob } from "node:path";
import { clientIdVariable } from "../../../server/provider/environment.ts";
import { secretsFile, servicesFile } from "../../configuration/files/file-names.ts";
import { PUBLISHED_FOLDER, SOURCES_FOLDER } from "../../files/project.ts";
import { isSecretVariable } from "../../secrets/secret-scan.ts";
import { type Examination, type Finding, notice } from "../check.ts";
import type { Settings } from "./netlify-settings.ts";

/**
 * Netlify looks for the values of variables that are marked as secret, and on some plans for whatever looks like a key, in all
 * files of the project and of the build. What it must leave out stands in netlify.toml, and that should be no more than needed.
 */
export function findingsOfSecretScan({ build: { environment = {} } }: Settings, examination: Examination): Finding[] {
  const paths = listOf(environment.SECRETS_SCAN_OMIT_PATHS);
  const names = listOf(environment.SECRETS_SCAN_OMIT_KEYS);
  return [
    ...findingsOfStop(
      "SECRETS_SCAN_OMIT_PATHS",
      neededPaths(examination).filter((path) => !isOmitted(path, paths)),
    ),
    ...findingsOfStop(
      "SECRETS_SCAN_OMIT_KEYS",
      clientIdVariables(examination).filter((name) => !names.includes(name)),
    ),
    ...findingsOfBlindness(
      "SECRETS_SCAN_OMIT_PATHS",
      paths.filter((path) => WATCHED.some((file) => isOmitted(file, [path]))),
    ),
    ...findingsOfBlindness("SECRETS_SCAN_OMIT_KEYS", names.filter(isSecretVariable)),
    ...findingsOfBlindness(
      "[build.environment]",
      SWITCHES.filter((name) => String(environment[name]) === "false"),
    ),
  ];
}

const FUNCTIONS = "dist/functions/";

/** What is published, and what that is made of. */
const WATCHED = [PUBLISHED_FOLDER, SOURCES_FOLDER].map((folder) => `${folder}/index.html`);

const SWITCHES = ["SECRETS_SCAN_ENABLED", "SECRETS_SCAN_SMART_DETECTION_ENABLED"];

/** Where something stands on purpose that Netlify may take for a leak. */
function neededPaths({ report: { configuration } }: Examination): string[] {
  const hasApiKey = configuration.services.some(({ apiKey }) => apiKey !== undefined);
  const hasSecrets = Object.keys(configuration.secrets).length > 0;
  return [
    hasSecrets ? [secretsFile] : [],
    hasApiKey ? [servicesFile] : [],
    hasSecrets || hasApiKey ? [FUNCTIONS] : [],
  ].flat();
}

/** A client ID is public, and a short one stands in some file by chance. */
function clientIdVariables({ report, env }: Examination): string[] {
  return report.configuration.services.map(({ id }) => clientIdVariable(id)).filter((name) => env[name]);
}

function findingsOfStop(setting: string, missing: string[]): Finding[] {
  const why =
    "What stands there on purpose looks like a leak to Netlify's search for secrets, which then stops the build.";
  return missing.map((name) =>
    notice(`netlify.toml: ${setting} does not name ${name}`, why, `Add ${name} to it, below [build.environment]`),
  );
}

function findingsOfBlindness(setting: string, tooMuch: string[]): Finding[] {
  const why = "Netlify's search for secrets would no longer notice one that is about to be published.";
  return tooMuch.map((name) =>
    notice(`netlify.toml: ${name} in ${setting} leaves out more than needed`, why, `Remove ${name} there`),
  );
}

function listOf(value: unknown): string[] {
  const items = typeof value === "string" ? value.split(",") : [];
  return items.map((item) => item.trim()).filter((item) => item !== "");
}

/** As Netlify compares them: the beginning of a path, or a pattern. */
function isOmitted(path: string, omitted: string[]): boolean {
  return omitted.some((beginning) => path.startsWith(beginning) || matchesGlob(path, beginning));
}
