import { rmSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { unreadableColours } from "../../../scripts/build/theme.ts";
import { PROJECT } from "../../../scripts/files/project.ts";
import { isTemplateOnly, slimPackage, TEMPLATE_ONLY } from "../../../scripts/slim/template-only.ts";
import { checkProvider } from "../../../scripts/test/check-provider.ts";
import { copyProject, type ProjectCopy } from "../../tools/project-copy.ts";
import { editJson, write } from "../../tools/repositories.ts";

/** `npm test` in a copy says whether the owner's provider is all right, whatever the owner may change. */

describe("npm test in a slim copy", () => {
  let copy: ProjectCopy;

  beforeAll(async () => {
    copy = await copyProject();
    for (const path of TEMPLATE_ONLY.files) rmSync(join(copy.directory, path), { recursive: true, force: true });
    const manifest = join(copy.directory, "package.json");
    await writeFile(manifest, slimPackage(await readFile(manifest, "utf8"), TEMPLATE_ONLY));
  });

  test("is green with everything that an owner may edit", async () => {
    await editEverything(copy.directory);
    const { status, output } = await copy.run("node", ["scripts/test.ts"]);
    expect(output).toContain("Your provider is all right.");
    expect(output.match(/^✓/gm)).toHaveLength(5);
    expect(status).toBe(0);
  });

  test("has no tests of the template, and says how to get them", async () => {
    const { status, output } = await copy.run("node", ["scripts/test.ts", "A13"]);
    expect([status, output]).toEqual([1, expect.stringContaining("npm run init-repo -- --full")]);
  });

  test("is red, with the reason, where a login cannot work", async () => {
    const authorize = join(copy.directory, "server/endpoints/authorize.ts");
    const source = await readFile(authorize, "utf8");
    await writeFile(authorize, source.replace("GET: startLogin", 'GET: () => Promise.reject(new Error("broken"))'));
    const { status, output } = await copy.run("node", ["scripts/test/log-in.ts"]);
    await writeFile(authorize, source);
    expect(status).toBe(1);
    expect(output).toMatch(/GET \/authorize\/demo was answered with 500/);
  });

  test.each([
    ["one that people cannot read", "--accent: #ffdd00; --on-accent: #fff;", /contrast of 1\.34/],
    ["one that is not written in digits, which cannot be measured", "--accent: teal; --on-accent: white;", undefined],
  ])("judges the colours of a theme: %s", async (_, colours, fault) => {
    await write(copy.directory, "theme.css", `:root { ${colours} }\n`);
    const found = (await unreadableColours(copy.directory)).join();
    if (fault === undefined) expect(found).toBe("");
    else expect(found).toMatch(fault);
  });
});

test("a push of a slim copy starts one job, which only runs npm test", async () => {
  const workflows = (await readdir(join(PROJECT, ".github/workflows"))).map((name) => `.github/workflows/${name}`);
  const pushed: string[] = [];
  for (const path of workflows.filter((path) => !isTemplateOnly(path, TEMPLATE_ONLY))) {
    const text = await readFile(join(PROJECT, path), "utf8");
    if (/^ {2}push:/m.test(text)) pushed.push(...(text.match(/^ {4}runs-on: .*|^ {6}- run: .*/gm) ?? []));
  }
  expect(pushed.map((line) => line.trim())).toEqual(["runs-on: ubuntu-latest", "- run: npm install && npm test"]);
});

describe("the steps", () => {
  const print = vi.spyOn(console, "log");
  afterEach(() => void print.mockReset());

  test("all run, whatever an earlier one has found, and the faults are counted", async () => {
    print.mockImplementation(() => {});
    const status = await checkProvider([
      { title: "One", run: async () => "the reason\n" },
      { title: "Two", run: () => Promise.reject(new Error("a crash")) },
      { title: "Three", run: async () => undefined },
    ]);
    const printed = print.mock.calls.flat().join("\n");
    expect(status).toBe(1);
    expect(printed).toMatch(
      /✗.* One .*\n {4}the reason\n.*✗.* Two .*\n {4}a crash\n.*✓.* Three .*\n\n2 checks failed\./,
    );
  });
});

/** Each edit that the docs allow, with nothing but what an owner types. */
async function editEverything(directory: string): Promise<void> {
  await editJson(directory, "services.json", ["Github", "client_id"], "Ov23li0123456789abcd");
  const services = JSON.parse(await readFile(join(directory, "services.json"), "utf8"));
  for (const name of ["Google", "Dropbox", "Gitlab"]) delete services[name];
  await write(directory, "services.json", JSON.stringify(services));
  await write(directory, ".secret.json", '{"Github":{"client_secret":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"}}\n');

  const settings = await readFile(join(directory, "netlify.toml"), "utf8");
  const headers = '\n[[headers]]\n  for = "/*"\n  [headers.values]\n    X-Operated-By = "Example Inc."\n';
  await write(directory, "netlify.toml", settings + headers);

  await editJson(directory, "package.json", ["dependencies", "own-package"], "^1.0.0");
  // Neither the types of the parameter nor a use of the constant: fine for the owner.
  await write(
    directory,
    "netlify/functions/own.ts",
    'const unused = 1;\nexport default async (request) => new Response(request.url);\nexport const config = { path: "/own" };\n',
  );
  await write(directory, "README.md", "# The login of Example Inc.\n\n[Nowhere](nowhere.md)\n");
  await rm(join(directory, "docs"), { recursive: true });
  const dark = "@media (prefers-color-scheme: dark) { :root { --accent: #ffcc00; --on-accent: #000; } }";
  await write(directory, "theme.css", `:root { --name: "Example"; --accent: #123456; --on-accent: #fff; }\n${dark}\n`);
  await write(directory, "public/favicon.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>\n');
}
