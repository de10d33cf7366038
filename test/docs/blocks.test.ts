import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Loader, transform } from "esbuild";
import { parse as parseToml } from "smol-toml";
import { describe, expect, test } from "vitest";
import { DECLARATIONS_FOR_APPS } from "../../scripts/build/browser-modules.ts";
import { formatIssues, resolveConfiguration } from "../../scripts/configuration/configuration.ts";
import { PROJECT } from "../../scripts/files/project.ts";
import { commandsOf } from "./commands.ts";
import { BLOCKS, type Block } from "./markdown.ts";
import { programsIn, typeErrorsIn } from "./programs.ts";

/** The rule for each language of a block. A block in any other language fails. */
const RULES: Record<string, (block: Block) => void | Promise<void>> = {
  // commands.test.ts checks each command.
  sh: (block) => expect(commandsOf(block).length).toBeGreaterThan(0),
  json: requireReadable,
  toml: ({ text }) => void parseToml(text),
  yaml: requireCmsConfiguration,
  html: requireProgram,
  js: requireProgram,
  jsx: requireProgram,
  ts: requireProgram,
  text: requirePicture,
  nginx: requireProxy,
  caddyfile: requireProxy,
};

/** Where both programs are installed, test/hosts/proxies.test.ts runs the blocks. */
function requireProxy({ text }: Block): void {
  expect(text).toContain("127.0.0.1:8888");
  expect(text).toMatch(/limit/);
  expect(text.match(/\{/g)?.length).toBe(text.match(/\}/g)?.length);
}

describe("blocks in the docs", () => {
  test.each(BLOCKS)("$place: $language", async (block) => {
    if (isPrintedFile(block)) expect(block.text, block.marker).toBe(readFileSync(join(PROJECT, block.marker!), "utf8"));
    const rule = RULES[block.language];
    if (!rule) throw new Error(`No rule says what must hold for a block of "${block.language}".`);
    await rule(block);
  });

  test("programs use auth.js and react-admin.js as their types say", () => {
    const programs = BLOCKS.filter((block) => !isPrintedFile(block)).flatMap(programsIn);
    expect(programs.length).toBeGreaterThan(0);
    expect(typeErrorsIn(programs, pathsInDocs())).toEqual([]);
  });
});

function isPrintedFile({ marker, language }: Block): boolean {
  return language !== "json" && marker !== undefined;
}

/** A block that names a file equals that file, which the tests run. Any other block must be a valid program. */
async function requireProgram(block: Block): Promise<void> {
  if (isPrintedFile(block)) return;
  for (const { language, source } of programsIn(block)) {
    if (language === "json") JSON.parse(source);
    else await transform(source, { loader: language as Loader });
  }
}

function requirePicture({ text, place }: Block): void {
  expect(text, `${place} shows a command: then it is a block of "sh"`).not.toMatch(
    /^\s*\$? ?(npm|npx|node|git|curl) /m,
  );
}

/** The kinds of JSON, and how each is checked. */
const READERS: Record<string, (value: unknown) => void> = {
  "services.json": (services) => requireNoFaults(services, undefined),
  ".secret.json": (secrets) => {
    const keys = Object.keys(secrets as object);
    requireNoFaults(Object.fromEntries(keys.map((key) => [key, { client_id: "Iv1.0123456789" }])), secrets);
  },
  // An extension's manifest needs what its program uses.
  "manifest.json": (value) =>
    expect(value).toMatchObject({ manifest_version: 3, permissions: ["identity"], action: {} }),
  "tsconfig.json": (value) => expect(value).toHaveProperty("compilerOptions.paths"),
};

function requireReadable({ marker, text }: Block): void {
  const value: unknown = JSON.parse(text);
  const read = READERS[marker ?? ""];
  if (!read) throw new Error(`A comment above has to name what reads this: ${Object.keys(READERS).join(", ")}.`);
  read(value);
}

function requireNoFaults(services: unknown, secrets: unknown): void {
  const report = resolveConfiguration({ services, secrets, env: {}, production: true, localDevelopment: false });
  expect(formatIssues(report.issues)).toBe("");
  expect(report.configuration.services.length).toBe(Object.keys(services as object).length);
}

/** Accepts one level of `key: value` under `backend`, with keys that the CMS tests use. */
function requireCmsConfiguration({ text }: Block): void {
  const [first, ...settings] = text.trimEnd().split("\n");
  expect(first).toBe("backend:");
  const tests = ["cms-admin.ts", "cms-pkce.site.test.ts", "fake-gitea.ts"].map((file) => `test/clients/${file}`);
  const tested = tests.map((file) => readFileSync(join(PROJECT, file), "utf8"));
  for (const setting of settings) {
    const key = /^ {2}(\w+): \S+( #.*)?$/.exec(setting)?.[1];
    expect(key, setting).toBeDefined();
    expect(tested.join(), key).toMatch(new RegExp(`\\b${key}\\b`));
  }
}

/** `compilerOptions.paths` as the docs tell app owners to write it, with our own files filled in. */
function pathsInDocs(): Record<string, string[]> {
  const blocks = BLOCKS.filter(({ marker }) => marker === "tsconfig.json").map(({ text }) => JSON.parse(text));
  const paths = Object.assign({}, ...blocks.map(({ compilerOptions }) => compilerOptions.paths)) as Record<
    string,
    string[]
  >;
  return Object.fromEntries(
    Object.entries(paths).map(([specifier, [file = ""]]) => {
      expect(DECLARATIONS_FOR_APPS).toContain(file.replace(/^.*\//, "/"));
      return [specifier, [file.replace(/^.*\//, "dist/public/")]];
    }),
  );
}
