import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { SECURITY_HEADERS } from "../../../server/answers/headers.ts";
import { headersFor } from "../../build/headers-file.ts";
import { PUBLISHED_FOLDER, SOURCES_FOLDER } from "../../files/project.ts";
import { type Check, errorFinding, type Finding } from "../check.ts";
import { secretScanFindings } from "./netlify-secret-scan.ts";

const settingsSchema = z.object({
  build: z
    .object({
      command: z.string().optional(),
      publish: z.string().optional(),
      environment: z.record(z.string(), z.unknown()).optional(),
    })
    .default({}),
  functions: z.object({ directory: z.string().optional() }).default({}),
  redirects: z
    .array(
      z.object({
        from: z.string(),
        to: z.string(),
        status: z.number().optional(),
        force: z.boolean().optional(),
        query: z.record(z.string(), z.string()).optional(),
      }),
    )
    .default([]),
  headers: z.array(z.object({ for: z.string(), values: z.record(z.string(), z.unknown()).default({}) })).default([]),
});

export type Settings = z.infer<typeof settingsSchema>;

const RESTORE = "git checkout template/main -- netlify.toml   (or correct it by hand)";

/** Owners may add to netlify.toml, but must keep what the provider relies on. */
export const netlifySettings: Check = {
  id: "netlify-settings",
  description: "netlify.toml has the build, publish and redirect settings that the provider needs",
  async run(context) {
    const settings = await readSettings(join(context.directory, "netlify.toml"));
    if (typeof settings === "string") {
      return { findings: [errorFinding(settings, "Netlify would not know what to build and publish.", RESTORE)] };
    }
    return {
      findings: [
        ...buildFindings(settings),
        ...redirectFindings(settings),
        ...headerFindings(settings),
        ...secretScanFindings(settings.build, context),
      ],
    };
  },
};

/** @returns a text if the settings cannot be read */
async function readSettings(file: string): Promise<Settings | string> {
  try {
    const result = settingsSchema.safeParse(parse(await readFile(file, "utf8")));
    return result.success ? result.data : `netlify.toml: ${z.prettifyError(result.error)}`;
  } catch (error) {
    const { code, line } = error as { code?: string; line?: number };
    return line === undefined
      ? `netlify.toml cannot be read (${code})`
      : `netlify.toml is not valid TOML: line ${line}`;
  }
}

function buildFindings({ build, functions }: Settings): Finding[] {
  const findings: Finding[] = [];
  const publish = trimmed(build.publish);
  if (publish !== PUBLISHED_FOLDER) {
    const what = `netlify.toml: [build] publish is not "${PUBLISHED_FOLDER}"`;
    const fix = `Write publish = "${PUBLISHED_FOLDER}" under [build], and under [dev]`;
    findings.push(errorFinding(what, whyNotPublish(publish), fix));
  }
  if (!/\bnpm run build\b/.test(build.command ?? "")) {
    const why = "Without the build, the configuration is not checked, and there are no functions.";
    findings.push(
      errorFinding(
        'netlify.toml: [build] command does not run "npm run build"',
        why,
        'Write command = "npm run build" under [build]',
      ),
    );
  }
  if (trimmed(functions.directory) !== "dist/functions") {
    const what = 'netlify.toml: [functions] directory is not "dist/functions"';
    const why =
      "The built functions would not be deployed, and the files of another folder would become public functions.";
    findings.push(errorFinding(what, why, 'Write directory = "dist/functions" under [functions]'));
  }
  return findings;
}

function whyNotPublish(folder: string): string {
  return folder === SOURCES_FOLDER
    ? "That folder contains only the sources of the pages. The pages that the build makes from them would not be published."
    : "Netlify would publish another folder. The project's own folder contains services, sources and perhaps secrets.";
}

function trimmed(path = ""): string {
  return path.replace(/^(\.?\/)+/, "").replace(/\/+$/, "");
}

/** Madata's clients return to the root. */
function redirectFindings({ redirects }: Settings): Finding[] {
  return (["code", "error"] as const)
    .filter((parameter) => !redirects.some((rule) => leadsToCallback(rule, parameter)))
    .map((parameter) =>
      errorFinding(
        `netlify.toml: no redirect from "/" with ${parameter} and state to "/callback"`,
        "Apps made with Madata send people back to the root; their logins would end on the home page.",
        `Add: [[redirects]] from = "/", query = { ${parameter} = ":${parameter}", state = ":state" }, ` +
          'to = "/callback", status = 302, force = true',
      ),
    );
}

function leadsToCallback(rule: Settings["redirects"][number], parameter: string): boolean {
  const { from, to, status, force, query = {} } = rule;
  // A "to" with a query would drop every other parameter, such as iss and error_description.
  return (
    from === "/" && to === "/callback" && status === 302 && force === true && parameter in query && "state" in query
  );
}

/** Such rules override what the build writes into `_headers`. */
function headerFindings({ headers }: Settings): Finding[] {
  const rules = headers.map((block) => ({ path: block.for, headers: lowerCased(block.values) }));
  const overridden = headersFor(rules, "/confirm");
  return Object.keys(SECURITY_HEADERS)
    .filter((name) => name.toLowerCase() in overridden)
    .map((name) =>
      errorFinding(
        `netlify.toml: a rule under [[headers]] sets ${name} for the pages`,
        "The build writes this header, which protects the page that asks people whether they want to log in. A policy that " +
          "does not list the page's own script blocks it.",
        `Remove ${name} from every rule under [[headers]] that matches /confirm, such as for = "/*"`,
      ),
    );
}

function lowerCased(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
