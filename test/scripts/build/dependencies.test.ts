import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/** Packages and workflows run with access to the owner's secrets. */

/** Every dependency and the reason for it. Each new dependency needs a reason here. */
const RUNTIME = {
  jose: "checks DPoP proofs, which others sign, with keys and algorithms of their own choice",
};

const DEVELOPMENT = {
  "@biomejs/biome": "formats the code, and finds mistakes in it",
  "@clack/prompts": "questions of add-service",
  "@netlify/functions": "types of the platform",
  "@types/aws-lambda": "types of the platform of one host",
  "@types/node": "types of Node",
  "axe-core": "tests: accessibility of the pages",
  degit: "tests and init-repo: a copy without history, as owners make it",
  esbuild: "builds functions and browser modules",
  "fast-check": "tests: properties",
  "netlify-cli": "netlify dev and netlify build, the real ones",
  node: "runs TypeScript scripts whatever Node is installed",
  oauth4webapi: "tests: a strict client",
  "oidc-provider": "dev and tests: a real authorization server",
  "playwright-core": "tests: drives a real browser",
  "simple-icons": "logos of services",
  "smol-toml": "doctor and tests: reads netlify.toml",
  tldts: "build and doctor: the Public Suffix List, in which ALLOWED_APPS is looked up",
  typescript: "checks types",
  vitest: "runs the tests",
  zod: "checks the configuration at build time",
};

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  allowScripts?: Record<string, boolean>;
}

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  inBundle?: boolean;
  hasInstallScript?: boolean;
  dev?: boolean;
  optional?: boolean;
}

interface Lock {
  lockfileVersion: number;
  packages: Record<string, Locked & Manifest>;
}

const read = <Value>(path: string): Value => JSON.parse(readFileSync(path, "utf8")) as Value;
const manifest = read<Manifest>("package.json");
const lock = read<Lock>("package-lock.json");

/** Packages that only tests and measurements need have their own folders, so that owners do not install them. */
const LOCKED_FOLDERS = [".", "test/clients", "test/mutation", "bench/peers"];

const nameOf = (path: string): string => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

describe("[A56] what others have written", () => {
  test("is these packages, each for a reason, and one at run time", () => {
    expect(Object.keys(manifest.dependencies ?? {})).toEqual(Object.keys(RUNTIME));
    expect(Object.keys(manifest.devDependencies ?? {}).sort()).toEqual(Object.keys(DEVELOPMENT).sort());
  });

  test("brings nothing else along into the functions", () => {
    const installed = Object.entries(lock.packages).filter(
      ([path, { dev, optional }]) => path !== "" && !dev && !optional,
    );
    expect(installed.map(([path]) => nameOf(path))).toEqual(Object.keys(RUNTIME));
  });

  test.each(LOCKED_FOLDERS)("is locked, each file by its checksum, from wherever it is downloaded: %s", (folder) => {
    const { lockfileVersion, packages } = read<Lock>(`${folder}/package-lock.json`);
    expect(lockfileVersion).toBe(3);
    for (const [path, { integrity, resolved, link, inBundle }] of Object.entries(packages)) {
      if (path === "" || link) continue;
      // A bundled package is covered by the checksum of the package that contains it.
      if (!inBundle) expect(integrity, path).toMatch(/^sha512-[\w+/]{86}==$/);
      // Without a URL, npm uses the registry that is configured on the computer where it runs.
      expect(resolved, path).toBeUndefined();
    }
  });

  test.each(LOCKED_FOLDERS)("is what package.json asks for, so that npm ci installs it: %s", (folder) => {
    const { dependencies, devDependencies } = read<Manifest>(`${folder}/package.json`);
    const locked = read<Lock>(`${folder}/package-lock.json`).packages;
    expect({ ...locked[""]?.dependencies }).toEqual({ ...dependencies });
    expect({ ...locked[""]?.devDependencies }).toEqual({ ...devDependencies });
    for (const name of Object.keys({ ...dependencies, ...devDependencies }))
      expect(locked, name).toHaveProperty([`node_modules/${name}`]);
  });

  test("runs nothing at installation but what is decided here by name", () => {
    const withScripts = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    expect(Object.keys(manifest.allowScripts ?? {}).sort()).toEqual(
      [...new Set(withScripts.map(([path]) => nameOf(path)))].sort(),
    );
    // Both scripts only install the binary for this computer.
    const allowed = Object.entries(manifest.allowScripts ?? {}).filter(([, isAllowed]) => isAllowed);
    expect(allowed.map(([name]) => name)).toEqual(["esbuild", "node"]);
  });

  test("runs nothing at the installation of an update but what the owner has allowed", () => {
    const calls = ["abort", "apply-update", "install-scripts", "push"].flatMap(
      (name) => readFileSync(`scripts/update-repo/${name}.ts`, "utf8").match(/context\.npm\(.*?\)/g) ?? [],
    );
    expect(calls.filter((call) => /"(install|ci|i|add)"/.test(call))).toEqual([
      'context.npm("install", "--ignore-scripts", "--no-audit", "--no-fund")',
    ]);
  });

  test("runs nothing at installation in the folders that only tests and measurements need", () => {
    const commandsIn = (script: string): string[] => readFileSync(script, "utf8").match(/npm ci.*|"npm"/g) ?? [];
    expect(commandsIn("scripts/files/install-folder.ts")).toEqual([expect.stringContaining("--ignore-scripts")]);
    for (const script of ["test/tools/install-clients.ts", "test/mutation/run.ts", "bench/measurements/peers.ts"]) {
      expect(readFileSync(script, "utf8"), script).toContain("await installFolder(");
      expect(commandsIn(script), script).toEqual([]);
    }
  });
});

describe("[A56] a workflow", () => {
  const workflows = readdirSync(".github/workflows").map(
    (name) => [name, readFileSync(`.github/workflows/${name}`, "utf8")] as const,
  );

  test.each(workflows)("%s runs no code that can change without us", (_, text) => {
    const used = [...text.matchAll(/uses: *(\S+)(.*)/g)];
    expect(used.length).toBeGreaterThan(0);
    for (const [, action, comment] of used) {
      expect(action).toMatch(/^actions\/[\w-]+@[0-9a-f]{40}$/);
      expect(comment).toMatch(/^ # v\d+\.\d+\.\d+$/);
    }
    expect(text).not.toMatch(/curl|wget|npx|\| *(?:ba)?sh\b/);
  });

  test.each(workflows)("%s may do what it needs and no more", (name, text) => {
    const [, permissions = ""] = /^permissions:\n((?: {2}.+\n)+)/m.exec(text) ?? [];
    const granted = name === "template-update.yml" ? ["contents: read", "issues: write"] : ["contents: read"];
    expect(permissions.trim().split(/\n */)).toEqual(granted);
    expect(text.match(/permissions:/g)).toHaveLength(1);
    expect(text.match(/persist-credentials: false/g)?.length).toBe(text.match(/actions\/checkout@/g)?.length);
    expect(text.match(/timeout-minutes:/g)?.length).toBe(text.match(/runs-on:/g)?.length);
  });

  test.each(workflows)("%s takes no word from outside for a command", (_, text) => {
    // Such a workflow would run other people's code with the repository's secrets.
    expect(text).not.toMatch(/pull_request_target|workflow_run/);
    for (const [script] of text.matchAll(/run: (?:\|\n(?: {10}.*\n| *\n)+|.*)/g)) expect(script).not.toContain("${{");
    expect(text).not.toMatch(/\$\{\{ *(?:secrets\.|github\.event\.)/);
  });

  test("compares every package with what its author has published", () => {
    expect(readFileSync(".github/workflows/dependencies.yml", "utf8")).toMatch(
      /npm ci --ignore-scripts\n[\s\S]*npm audit signatures/,
    );
  });
});
