import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { SECURITY_HEADERS } from "../../../server/answers/headers.ts";
import { headersFor } from "../../build/headers-file.ts";
import { PUBLISHED_FOLDER, SOURCES_FOLDER } from "../../files/project.ts";
import { type Check, type Finding, problem } from "../check.ts";
import { findingsOfSecretScan } from "./netlify-secret-scan.ts";

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

/** Owners may add to netlify.toml; what the provider relies on must stay. */
export const netlifySettings: Check = {
  id: "netlify-settings",
  description: "netlify.toml builds, publishes and redirects as the provider needs it",
  async run(examination) {
    const settings = await readSettings(join(examination.directory, "netlify.toml"));
    if (typeof settings === "string") {
      return { findings: [problem(settings, "Netlify would not know what to build and publish.", RESTORE)] };
    }
    return {
      findings: [
        ...findingsOfBuild(settings),
        ...findingsOfRedirects(settings),
        ...findingsOfHeaders(settings),
        ...findingsOfSecretScan(settings, examination),
      ],
    };
  },
};

/** A text says why there are none. */
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

function findingsOfBuild({ build, functions }: Settings): Finding[] {
  const findings: Finding[] = [];
  const publish = trimmed(build.publish);
  if (publish !== PUBLISHED_FOLDER) {
    const what = `netlify.toml: [build] publish is not "${PUBLISHED_FOLDER}"`;
    const type = `Write publish = "${PUBLISHED_FOLDER}" below [build], and below [dev]`;
    findings.push(problem(what, harmOfPublishing(publish), type));
  }
  if (!/\bnpm run build\b/.test(build.command ?? "")) {
    const why = "Without the build there is no check of the configuration, and there are no functions.";
    findings.push(
      problem(
        'netlify.toml: [build] command does not run "npm run build"',
        why,
        'Write command = "npm run build" below [build]',
      ),
    );
  }
  if (trimmed(functions.directory) !== "dist/functions") {
    const what = 'netlify.toml: [functions] directory is not "dist/functions"';
    const why = "The built functions would not be deployed, and files of another folder would become public functions.";
    findings.push(problem(what, why, 'Write directory = "dist/functions" below [functions]'));
  }
  return findings;
}

function harmOfPublishing(folder: string): string {
  return folder === SOURCES_FOLDER
    ? "That folder holds the sources of the pages, which do nothing. What the build makes of them would not be published."
    : "Netlify would publish another folder. The project's own folder holds services, sources and perhaps secrets.";
}

function trimmed(path = ""): string {
  return path.replace(/^(\.?\/)+/, "").replace(/\/+$/, "");
}

/** Madata's clients come back to the root. */
function findingsOfRedirects({ redirects }: Settings): Finding[] {
  return (["code", "error"] as const)
    .filter((parameter) => !redirects.some((rule) => leadsToCallback(rule, parameter)))
    .map((parameter) =>
      problem(
        `netlify.toml: no redirect from "/" with ${parameter} and state to "/callback"`,
        "Apps made with Madata send people back to the root; their logins would end on the home page.",
        `Add: [[redirects]] from = "/", query = { ${parameter} = ":${parameter}", state = ":state" }, ` +
          'to = "/callback", status = 302, force = true',
      ),
    );
}

function leadsToCallback(rule: Settings["redirects"][number], parameter: string): boolean {
  const { from, to, status, force, query = {} } = rule;
  // A "to" with a query would drop every other parameter, iss and error_description among them.
  return (
    from === "/" && to === "/callback" && status === 302 && force === true && parameter in query && "state" in query
  );
}

/** They would win over what the build writes into `_headers`. */
function findingsOfHeaders({ headers }: Settings): Finding[] {
  const rules = headers.map((block) => ({ path: block.for, headers: lowerCased(block.values) }));
  const overridden = headersFor(rules, "/confirm");
  return Object.keys(SECURITY_HEADERS)
    .filter((name) => name.toLowerCase() in overridden)
    .map((name) =>
      problem(
        `netlify.toml: a rule below [[headers]] sets ${name} for the pages`,
        "It protects the page that asks people whether they want to log in, and the build writes it. A policy that does not " +
          "know the page's own script stops it.",
        `Remove ${name} from every rule below [[headers]] that fits /confirm, such as for = "/*"`,
      ),
    );
}

function lowerCased(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
