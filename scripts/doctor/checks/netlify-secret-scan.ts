import { matchesGlob } from "node:path";
import { clientIdVariable } from "../../../server/provider/environment.ts";
import { secretsFile, servicesFile } from "../../configuration/files/file-names.ts";
import { PUBLISHED_FOLDER, SOURCES_FOLDER } from "../../files/project.ts";
import { isSecretVariable } from "../../secrets/secret-scan.ts";
import { type CheckContext, type Finding, warningFinding } from "../check.ts";

/** The part of [build] in netlify.toml that this reads. */
interface BuildSettings {
  environment?: Record<string, unknown> | undefined;
}

/**
 * Netlify scans all files of the project and of the build for the values of secret variables and, on some plans, for
 * anything that looks like a key. netlify.toml lists what the scan must skip, which should be no more than necessary.
 */
export function secretScanFindings({ environment = {} }: BuildSettings, context: CheckContext): Finding[] {
  const paths = listOf(environment.SECRETS_SCAN_OMIT_PATHS);
  const names = listOf(environment.SECRETS_SCAN_OMIT_KEYS);
  return [
    ...missingEntryFindings(
      "SECRETS_SCAN_OMIT_PATHS",
      neededPaths(context).filter((path) => !isOmitted(path, paths)),
    ),
    ...missingEntryFindings(
      "SECRETS_SCAN_OMIT_KEYS",
      clientIdVariables(context).filter((name) => !names.includes(name)),
    ),
    ...excessiveEntryFindings(
      "SECRETS_SCAN_OMIT_PATHS",
      paths.filter((path) => WATCHED.some((file) => isOmitted(file, [path]))),
    ),
    ...excessiveEntryFindings("SECRETS_SCAN_OMIT_KEYS", names.filter(isSecretVariable)),
    ...excessiveEntryFindings(
      "[build.environment]",
      SWITCHES.filter((name) => String(environment[name]) === "false"),
    ),
  ];
}

const FUNCTIONS = "dist/functions/";

/** Published files and their sources: the scan must never skip these. */
const WATCHED = [PUBLISHED_FOLDER, SOURCES_FOLDER].map((folder) => `${folder}/index.html`);

const SWITCHES = ["SECRETS_SCAN_ENABLED", "SECRETS_SCAN_SMART_DETECTION_ENABLED"];

/** Files that contain on purpose what the scan takes for a leak. */
function neededPaths({ report: { configuration } }: CheckContext): string[] {
  const hasApiKey = configuration.services.some(({ apiKey }) => apiKey !== undefined);
  const hasSecrets = Object.keys(configuration.secrets).length > 0;
  return [
    hasSecrets ? [secretsFile] : [],
    hasApiKey ? [servicesFile] : [],
    hasSecrets || hasApiKey ? [FUNCTIONS] : [],
  ].flat();
}

/** A client ID is public, and a short one can occur in some file by chance. */
function clientIdVariables({ report, env }: CheckContext): string[] {
  return report.configuration.services.map(({ id }) => clientIdVariable(id)).filter((name) => env[name]);
}

function missingEntryFindings(setting: string, missing: string[]): Finding[] {
  const why = "Netlify's secret scan would take what is there on purpose for a leak, and stop the build.";
  return missing.map((name) =>
    warningFinding(
      `netlify.toml: ${setting} does not list ${name}`,
      why,
      `Add ${name} to it, under [build.environment]`,
    ),
  );
}

function excessiveEntryFindings(setting: string, tooMuch: string[]): Finding[] {
  const why = "Netlify's secret scan would no longer notice a secret that is about to be published.";
  return tooMuch.map((name) =>
    warningFinding(`netlify.toml: ${name} in ${setting} skips more than necessary`, why, `Remove ${name} there`),
  );
}

function listOf(value: unknown): string[] {
  const items = typeof value === "string" ? value.split(",") : [];
  return items.map((item) => item.trim()).filter((item) => item !== "");
}

/** Netlify takes each entry as the beginning of a path, or as a pattern. */
function isOmitted(path: string, omitted: string[]): boolean {
  return omitted.some((beginning) => path.startsWith(beginning) || matchesGlob(path, beginning));
}
