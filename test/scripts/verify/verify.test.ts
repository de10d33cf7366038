import { execFileSync } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { buildPublished } from "../../../scripts/build/build-site.ts";
import { readConfiguration } from "../../../scripts/configuration/configuration.ts";
import { PROJECT } from "../../../scripts/files/project.ts";
import { deployedSite } from "../../../scripts/network/deployed-site.ts";
import type { Fetch } from "../../../scripts/network/fetch.ts";
import { compareSite } from "../../../scripts/verify/compare-site.ts";
import { type ExpectedSite, expectedSite } from "../../../scripts/verify/expected-site.ts";
import { formatReport } from "../../../scripts/verify/report.ts";
import { verify } from "../../../scripts/verify.ts";
import { type LocalServer, startLocalServer } from "../../tools/local-server.ts";
import { copyProject, type ProjectCopy } from "../../tools/project-copy.ts";
import { type ServedBuild, serveBuild, withBody, withHeader } from "../../tools/served-build.ts";

/** A published provider, compared with a build of this folder. */

const THEME = `:root {
  --name: "Acme";
  --accent: #7a1f5c;
  --on-accent: #ffffff;
  --radius: 0;
  --font: serif;
}
`;

const SERVICES = {
  Github: { client_id: "Ov23li0123456789abcd", scope_descriptions: { repo: "Read your name" } },
  Linkedin: { client_id: "77aaaaaaaaaaaa" },
  Forge: {
    client_id: "forge",
    name: "Our Forge",
    authorization_endpoint: "https://forge.example/authorize",
    token_endpoint: "https://forge.example/token",
  },
};

const configuration = (await readConfiguration({ directory: PROJECT, env: {} })).configuration;
/** What this folder builds. Most tests compare with this; whole runs of the command build it anew. */
let expected: ExpectedSite;
let site: ServedBuild;
/** The provider of somebody with another theme, logo and other services. */
let owned: ServedBuild;
let copy: ProjectCopy;
const others: LocalServer[] = [];

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "verify-site-"));
  await buildPublished(configuration, folder);
  site = await serveBuild(folder, configuration);
  expected = await expectedSite(PROJECT, undefined, () => {});
  copy = await copyProject();
  await writeFile(join(copy.directory, "theme.css"), THEME);
  await writeFile(join(copy.directory, "services.json"), JSON.stringify(SERVICES));
  await writeFile(join(copy.directory, "public/favicon.svg"), '<svg xmlns="http://www.w3.org/2000/svg"></svg>\n');
  owned = await serveBuild(await buildCopy(copy), configuration);
});

afterAll(async () => {
  await Promise.all([site, owned, ...others].map((server) => server?.stop()));
});

afterEach(() => {
  for (const served of [site, owned]) served.change = (answer) => answer;
});

async function buildCopy({ run, directory }: ProjectCopy): Promise<string> {
  const { status, output } = await run("node", ["scripts/build.ts"]);
  expect(status, output).toBe(0);
  const folder = await mkdtemp(join(tmpdir(), "verify-copy-"));
  await cp(join(directory, "dist/public"), folder, { recursive: true });
  return folder;
}

interface Options {
  argv?: string[];
  directory?: string;
  fetch?: Fetch;
}

async function runVerify(
  url: string,
  { argv = [], directory = PROJECT, fetch = globalThis.fetch }: Options = {},
): Promise<{ status: number; output: string }> {
  const lines: string[] = [];
  const print = (text: string) => void lines.push(text);
  const status = await verify({ argv: ["--url", url, ...argv], directory, print, fetch, insecureLoopback: true });
  return { status, output: stripVTControlCharacters(lines.join("\n")) };
}

/** Compares as the command does, without a connection and a new build. */
async function compare({ origin, fetch }: Pick<ServedBuild, "origin" | "fetch">): Promise<string> {
  const differences = await compareSite(deployedSite(origin, fetch), expected);
  return stripVTControlCharacters(formatReport(differences, expected.files.length));
}

async function expectUnexplained(sentence: string | RegExp, served = site): Promise<void> {
  expectUnexplainedIn(await compare(served), sentence);
}

function expectUnexplainedIn(output: string, sentence: string | RegExp): void {
  expect(output).toContain("✗ This is not only what the template publishes.");
  expect(output.split("Unexplained:")[1] ?? "").toMatch(sentence);
}

describe("[A56] a provider that publishes what this folder builds", () => {
  test("is verified, with every file; that functions cannot be is said", async () => {
    const { status, output } = await runVerify(site.origin);
    expect(output).toMatch(/says that it runs version \d+\.\d+\.\d+\./);
    expect(output).toMatch(/✓ 1\d\d files and their headers are what the template publishes\./);
    expect(output).toContain("Not compared: functions");
    expect(output).not.toMatch(/✗|!/);
    expect(status).toBe(0);
  });

  test("may be on a host that calls JavaScript by its other name, compresses, and adds headers about caches", async () => {
    site.change = (answer) => {
      const type = (answer.headers.get("content-type") ?? "text/plain").replace(
        "text/javascript; charset=utf-8",
        "application/javascript",
      );
      const typed = withHeader(answer, "content-type", type.replace("utf-8", "UTF-8"));
      return withHeader(withHeader(typed, "age", "7"), "x-nf-request-id", "01J");
    };
    expect((await runVerify(site.origin)).output).toContain("what the template publishes.");
  });
});

describe("[A56] what a provider changes in the template's code is unexplained:", () => {
  test.each(["/auth.js", "/madata.js", "/error.js", "/confirm-fallbacks.js"])("one byte of %s", async (file) => {
    site.change = (answer, path) => (path === file ? withBody(answer, (body) => body.replace(/.$/s, " ")) : answer);
    await expectUnexplained(new RegExp(`Its code differs\\. \\(${file}\\)`));
  });

  test.each([
    ["a byte of the script", (body: string) => body.replace(/;(?!.*;)/s, ","), "Its code differs. (/confirm)"],
    ["another element", (body: string) => body.replace("</body>", "<p>Hi</p></body>"), "Its HTML differs. (/confirm)"],
    [
      "a second script",
      (body: string) => body.replace("</body>", '<script type="module">x()</script></body>'),
      "Its HTML differs. (/confirm)",
    ],
    [
      "an attribute of the script",
      (body: string) => body.replace('<script type="module">', '<script type="module" async>'),
      "Its HTML differs. (/confirm)",
    ],
    [
      "code in place of a value",
      (body: string) => body.replace("const SERVICES={", "const SERVICES=globalThis.x||{"),
      "Its code differs. (/confirm)",
    ],
    [
      "one more value",
      (body: string) => body.replace("const SERVICES={", "const fetch=1,SERVICES={"),
      "What its code is given differs. (/confirm)",
    ],
    [
      "a text of the question",
      (body: string) => body.replace('"confirm.yes":"', '"confirm.yes":"Not '),
      "What its code is given differs. (/confirm)",
    ],
    [
      "markup in the name of a service",
      (body: string) => body.replace('"name":"GitHub"', '"name":"</SCRIPT><img src=x>"'),
      /differs\. \(\/confirm\)/,
    ],
    ["a rule of style", (body: string) => body.replace(".dialog{", ".dialog{opacity:0;"), "Its style sheet differs"],
  ])("on the question, %s", async (_, change, sentence) => {
    site.change = (answer, path) => (path === "/confirm" ? withBody(answer, change) : answer);
    await expectUnexplained(typeof sentence === "string" ? new RegExp(escaped(sentence)) : sentence);
  });

  test("bytes that are no text, or that a decoder would drop", async () => {
    site.change = (answer, path) => (path === "/auth.js" ? withBody(answer, (body) => `\uFEFF${body}`) : answer);
    await expectUnexplained(/differs\. \(\/auth\.js\)/);
  });

  test("a language file", async () => {
    site.change = (answer, path) =>
      path === "/languages/de/confirm.json" ? withBody(answer, (body) => body.replace("Ja", "Nein")) : answer;
    await expectUnexplained(/Its content differs\. \(\/languages\/de\/confirm\.json\)/);
  });

  test("a file that is missing, and one too many", async () => {
    site.change = (answer, path) => {
      if (path === "/react-admin.js") return new Response("", { status: 404 });
      return path === "/.secret.json" ? new Response("{}") : answer;
    };
    const output = await compare(site);
    expect(output).toContain("It answers with status 404, not 200. (/react-admin.js)");
    expect(output).toContain("It answers with status 200, not 404. (/.secret.json)");
  });

  test("a page for unknown addresses that is none, and root redirects that lose a parameter", async () => {
    site.change = (answer, path) => {
      if (/^\/[0-9a-f]{16}$/.test(path)) return new Response("Hello");
      return answer.status === 302 ? withHeader(answer, "location", "/callback?code=x") : answer;
    };
    const output = await compare(site);
    expect(output).toContain("It answers with status 200, not 404. (/404)");
    expect(output).toContain("/?code&state&iss answers with status 302");
  });
});

describe("[A56] a header that differs is unexplained:", () => {
  test.each([
    ["Content-Security-Policy", undefined, "It has no Content-Security-Policy."],
    ["X-Frame-Options", undefined, "It has no X-Frame-Options."],
    ["Referrer-Policy", "unsafe-url", "It has another Referrer-Policy: unsafe-url"],
    ["Content-Type", "text/plain", "It has another Content-Type: text/plain"],
    ["Set-Cookie", "a=b", "It adds set-cookie: a=b"],
    ["Access-Control-Allow-Origin", "*", "It adds access-control-allow-origin: *"],
    ["Link", "</x.js>; rel=modulepreload", "It adds link:"],
  ])("%s: %s", async (name, value, sentence) => {
    site.change = (answer, path) => (path === "/confirm" ? withHeader(answer, name, value) : answer);
    await expectUnexplained(new RegExp(escaped(sentence)));
  });

  test.each([
    ["another host", (policy: string) => policy.replace("script-src 'self'", "script-src 'self' https://evil.example")],
    ["a hash of no page's script", (policy: string) => policy.replace("'self'", `'self' 'sha256-${"a".repeat(43)}='`)],
    ["inline styles", (policy: string) => policy.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")],
    ["no Trusted Types", (policy: string) => policy.replace("; require-trusted-types-for 'script'", "")],
    ["one more directive", (policy: string) => `${policy}; frame-src *`],
  ])("a policy with %s", async (_, loosen) => {
    site.change = (answer, path) => {
      const policy = answer.headers.get("content-security-policy") ?? "";
      return path === "/confirm" ? withHeader(answer, "content-security-policy", loosen(policy)) : answer;
    };
    await expectUnexplained(/It has another Content-Security-Policy: .* \(\/confirm\)/);
  });

  test("any other that is added is shown as the owner's", async () => {
    site.change = (answer) => withHeader(answer, "x-robots", "none");
    const output = await compare(site);
    expect(output).toMatch(/Chosen by the owner.*\n {2}! It adds x-robots: none \(.* and 1\d\d more\)/);
    expect(output).not.toContain("Unexplained");
  });
});

describe("somebody else's provider, seen from the public template", () => {
  test("differs by theme, logo and services, each of which is named, and by nothing unexplained", async () => {
    const { status, output } = await runVerify(owned.origin);
    const [, chosen = ""] = output.split("Chosen by the owner");
    expect(chosen).toContain('The theme is :root{--name: "Acme";--accent: #7a1f5c;');
    expect(chosen).toContain("The provider’s logo is another one. (/favicon.svg)");
    expect(chosen).toContain("The service linkedin is added.");
    expect(chosen).toContain("The service forge is added, and the catalogue does not know it.");
    expect(chosen).toContain("forge is called “Our Forge”.");
    expect(chosen).toContain("The service google is not there.");
    expect(chosen).toContain("github: the scope repo is described as “Read your name”.");
    expect(chosen).not.toContain("linkedin:");
    expect(output).not.toContain("Unexplained");
    expect(output).toContain("except for what its owner has chosen.");
    expect(status).toBe(0);
  });

  test("[A56] does not hide a changed byte behind the owner's choices", async () => {
    owned.change = (answer, path) =>
      path === "/confirm" ? withBody(answer, (body) => body.replace(/;(?!.*;)/s, ",")) : answer;
    const { status, output } = await runVerify(owned.origin);
    expectUnexplainedIn(output, /Its code differs\. \(\/confirm\)/);
    expect(status).toBe(1);
  });

  test.each([
    ["a rule that hides something", ".address{display:none}"],
    ["a value that a page would load", ":root{--card: url(https://evil.example/x)}"],
    ["the end of the style sheet", ':root{--name: "</style><b>"}'],
  ])("[A56] has no theme with %s", async (_, css) => {
    owned.change = (answer, path) =>
      path === "/confirm" ? withBody(answer, (body) => body.replace(":root{--name", `${css}:root{--name`)) : answer;
    await expectUnexplained(/The theme has rules of its own|Its HTML differs/, owned);
  });

  test("[A56] has no other drawing in place of a known logo", async () => {
    owned.change = (answer, path) =>
      path === "/" ? withBody(answer, (body) => body.replace(/"path":"M\d/, '"path":"M9')) : answer;
    await expectUnexplained(/What its code is given differs\. \(\/\)/, owned);
  });

  test("[A56] has no link of another scheme where access is ended", async () => {
    owned.change = (answer, path) =>
      withPage(path)
        ? withBody(answer, (body) => body.replaceAll("https://github.com/settings", "javascript:x"))
        : answer;
    await expectUnexplained(/What its code is given differs\./, owned);
  });
});

const withPage = (path: string) => ["/", "/confirm", "/sign-out"].includes(path);

describe("[A56] two builds of the same files", () => {
  test("are equal in every byte, functions too, in whichever folder they were made", async () => {
    const second = await copyProject();
    await Promise.all(
      ["theme.css", "services.json", "public/favicon.svg"].map((file) =>
        cp(join(copy.directory, file), join(second.directory, file)),
      ),
    );
    await buildCopy(second);
    const [one, other] = await Promise.all([copy, second].map(({ directory }) => bytesIn(join(directory, "dist"))));
    expect(Object.keys(one!).length).toBeGreaterThan(100);
    expect(other).toEqual(one);
  });

  test("have the same modules for apps, whatever their owners have chosen", async () => {
    for (const file of ["auth.js", "react-admin.js", "madata.js", "auth.d.ts"]) {
      const [here, there] = await Promise.all(
        [site, owned].map(async ({ origin }) => await (await fetch(`${origin}/${file}`)).text()),
      );
      expect(there, file).toBe(here);
    }
  });
});

async function bytesIn(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = files.map(async (file) => [file.slice(folder.length), (await readFile(file)).toString("base64")]);
  return Object.fromEntries(await Promise.all(contents)) as Record<string, string>;
}

describe("another version", () => {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=Owner", "-c", "user.email=owner@example.com", ...args], {
      cwd: copy.directory,
      stdio: "pipe",
    });

  beforeAll(async () => {
    await writeFile(join(copy.directory, ".gitignore"), "node_modules\ndist\n");
    git("init", "--quiet");
    git("add", "--all");
    git("commit", "--quiet", "--message", "First");
    git("tag", "v7.0.1");
  });

  test("is found by the version that the provider names, and built from its tag, with the theme and the services that are here", async () => {
    const index = await readFile(join(copy.directory, ".git/index"));
    owned.change = (answer, path) => (path === "/version.txt" ? withBody(answer, () => "7.0.1\n") : answer);
    const { status, output } = await runVerify(owned.origin, { directory: copy.directory });
    expect(output).toContain("says that it runs version 7.0.1.\nBuilding v7.0.1");
    const [before, unexplained = ""] = output.split("Unexplained:");
    expect(before).not.toContain("Chosen by the owner");
    expect(unexplained.match(/✗.*/g)).toEqual(["✗ Its content differs. (/version.txt)"]);
    expect(status).toBe(1);
    expect(await readFile(join(copy.directory, ".git/index"))).toEqual(index);
  });

  test("can be named", async () => {
    const lines = await firstLinesOf(owned.origin, { argv: ["--ref", "v7.0.1"], directory: copy.directory });
    expect(lines).toMatch(/\nBuilding v7\.0\.1, and comparing …$/);
  });

  test("that is not here is asked for", async () => {
    site.change = (answer, path) => (path === "/version.txt" ? withBody(answer, () => "99.0.0\n") : answer);
    const { status, output } = await runVerify(site.origin);
    expect(output).toMatch(/runs version 99\.0\.0\. This folder has version .*, and no tag v99\.0\.0\.\nFetch it/);
    expect(status).toBe(1);
    const named = await runVerify(site.origin, { argv: ["--ref", "no-such-tag"] });
    expect(named.output).toContain("This repository has no no-such-tag.");
  });

  test.each(["--upload-pack=x", "7.0.1; rm -rf /", "../x", "7.0.1\n\nv", ""])(
    "[A56] is never %j, which is no version",
    async (text) => {
      site.change = (answer, path) => (path === "/version.txt" ? withBody(answer, () => text) : answer);
      expect(await firstLinesOf(site.origin)).toBe(
        `${site.origin} does not say which version it runs.\nBuilding what is in this folder, and comparing …`,
      );
    },
  );
});

/** What the command prints before it builds anything. */
async function firstLinesOf(
  url: string,
  { argv = [], directory = PROJECT }: Pick<Options, "argv" | "directory"> = {},
): Promise<string> {
  const lines: string[] = [];
  const print = (text: string) => {
    lines.push(text);
    if (text.startsWith("Building")) throw new Error("This is all that the test needs.");
  };
  const context = { argv: ["--url", url, ...argv], directory, print, fetch, insecureLoopback: true };
  await expect(verify(context)).rejects.toThrow("all that the test needs");
  return lines.join("\n");
}

describe("an address", () => {
  async function startOther(...listener: Parameters<typeof startLocalServer>): Promise<string> {
    const server = await startLocalServer(...listener);
    others.push(server);
    return server.origin;
  }

  test.each([
    ["auth.example.com", "is not an address like https://auth.example.com. Did you mean https://auth.example.com?"],
    ["https://auth.example.com/login", "is more than an origin. Write https://auth.example.com"],
    ["https://main--auth.netlify.app", "is the address of a single deploy"],
  ])("%s is refused before any request", async (url, sentence) => {
    const { status, output } = await runVerify(url, { fetch: () => Promise.reject(new Error("asked")) });
    expect(output).toContain(sentence);
    expect(status).toBe(1);
  });

  test("without encryption is refused outside of tests", async () => {
    const lines: string[] = [];
    const argv = ["--url", "http://localhost:1"];
    const print = (text: string) => void lines.push(text);
    expect(await verify({ argv, directory: PROJECT, print, fetch: () => Promise.reject(new Error("asked")) })).toBe(1);
    expect(lines.join()).toContain("does not use https");
  });

  test("that nobody answers at is said to be unreachable", async () => {
    const { origin, stop } = await startLocalServer(() => {});
    await stop();
    expect(await runVerify(origin)).toEqual({ status: 1, output: expect.stringContaining("cannot be reached.") });
  });

  test("that redirects to another is not followed", async () => {
    const origin = await startOther((_, response) => {
      response.writeHead(301, { location: "https://www.auth.example/version.txt" }).end();
    });
    const { status, output } = await runVerify(origin);
    expect(output).toBe(`${origin} redirects to https://www.auth.example.\nVerify that address.`);
    expect(status).toBe(1);
  });

  test("of another kind of site is unexplained in every file", async () => {
    const origin = await startOther((_, response) => response.writeHead(404).end("Not found"));
    expectUnexplainedIn(
      await compare({ origin, fetch }),
      /It answers with status 404, not 200\. \(\/auth\.d\.ts, .* and 1\d\d more\)/,
    );
  });

  test("with huge answers costs at most a megabyte each", async () => {
    site.change = (answer, path) =>
      path === "/auth.js" ? withBody(answer, (body) => body + " ".repeat(1_000_000)) : answer;
    await expectUnexplained(/It gives no whole answer, in 10 seconds and 1 MB\. \(\/auth\.js\)/);
  });

  test("and control characters in its answers do not reach the terminal", async () => {
    site.change = (answer) => withHeader(answer, "x-a", "b\u009b31m");
    expect(await compare(site)).toContain("It adds x-a: b (");
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
