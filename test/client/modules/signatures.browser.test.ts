import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtemp, readFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { buildPublished } from "../../../scripts/build/build-site.ts";
import { type ModuleSignatures, publicKeyOf, signModule } from "../../../scripts/build/module-signatures.ts";
import { openBrowser } from "../../tools/browser.ts";
import { testProvider } from "../../tools/harness.ts";
import { type LocalServer, startLocalServer } from "../../tools/local-server.ts";
import { type ServedBuild, serveBuild, withBody, withHeader } from "../../tools/served-build.ts";

/** Modules that the template's publisher has signed, in an app on another origin, in a real browser. */

const MODULES = ["/auth.js", "/react-admin.js", "/madata.js"];

const configuration = { services: [...testProvider().services.values()], secrets: {}, localDevelopment: true };
const publisher = generateKeyPairSync("ed25519").privateKey;
const stranger = generateKeyPairSync("ed25519").privateKey;

let browser: Browser;
let app: LocalServer;
let signed: ServedBuild;
let unsigned: ServedBuild;
let modules: Map<string, Buffer>;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "unsigned-"));
  await buildPublished(configuration, folder, {});
  modules = new Map(
    await Promise.all(MODULES.map(async (path) => [path, await readFile(join(folder, path))] as const)),
  );
  unsigned = await serveBuild(folder, configuration);
  signed = await serveSigned(publisher);
  app = await startLocalServer(appPage);
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([app, signed, unsigned].map((server) => server?.stop()));
});

afterEach(() => {
  signed.change = (answer) => answer;
});

async function serveSigned(...keys: KeyObject[]): Promise<ServedBuild> {
  const folder = await mkdtemp(join(tmpdir(), "signed-"));
  await buildPublished(configuration, folder, signaturesBy(...keys));
  return await serveBuild(folder, configuration);
}

function signaturesBy(...keys: KeyObject[]): ModuleSignatures {
  const byPath = (key: KeyObject) =>
    Object.fromEntries([...modules].map(([path, code]) => [path, signModule(path, code, key)]));
  return Object.fromEntries(keys.map((key) => [publicKeyOf(key), byPath(key)]));
}

const pin = (...keys: KeyObject[]): string => keys.map((key) => `ed25519-${publicKeyOf(key)}`).join(" ");

/** The query says which module the page loads, and which integrity it demands, in an import map. */
const appPage: RequestListener = ({ url = "" }, response) => {
  const { searchParams } = new URL(url, "http://app.invalid");
  const module = searchParams.get("module") ?? "data:text/javascript,";
  const map = { integrity: { [module]: searchParams.get("integrity") ?? "" } };
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  response.end(`<!doctype html><title>App</title><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify(map)}</script>
<script type="module">
  const result = await import(${JSON.stringify(module)}).then(() => "loaded", () => "blocked");
  document.title = result;
</script>`);
};

/** @returns whether the module runs in the app's page */
async function load(provider: ServedBuild, integrity: string, path = "/auth.js"): Promise<string> {
  const page = await browser.newPage();
  await page.goto(`${app.origin}/?${new URLSearchParams({ module: provider.origin + path, integrity })}`);
  await page.waitForFunction(() => document.title !== "App");
  const result = await page.title();
  await page.close();
  return result;
}

/** @returns the event at a `<script>` with that attribute */
async function loadElement(integrity: string): Promise<string> {
  const page = await browser.newPage();
  await page.goto(app.origin);
  const attributes = { src: `${signed.origin}/madata.js`, crossOrigin: "anonymous", integrity };
  const event = await page.evaluate(
    (given) =>
      new Promise<string>((resolve) => {
        const finish = ({ type }: Event) => resolve(type);
        const script = Object.assign(document.createElement("script"), given);
        script.addEventListener("load", finish);
        script.addEventListener("error", finish);
        document.head.append(script);
      }),
    attributes,
  );
  await page.close();
  return event;
}

describe("[A56] an app that names the publisher's key", () => {
  test.each(MODULES)("runs %s as it was released", async (path) => {
    expect(await load(signed, pin(publisher), path)).toBe("loaded");
  });

  test("can name it in a script element as well", async () => {
    expect(await loadElement(pin(publisher))).toBe("load");
    expect(await loadElement(pin(stranger))).toBe("error");
  });

  test("runs no other byte", async () => {
    signed.change = (answer) => withBody(answer, (code) => `${code}\n`);
    expect(await load(signed, pin(publisher))).toBe("blocked");
  });

  test("runs nothing that only another key has signed", async () => {
    expect(await load(signed, pin(stranger))).toBe("blocked");
  });

  test("runs nothing without a signature", async () => {
    expect(await load(unsigned, pin(publisher))).toBe("blocked");
  });

  test.each(["Signature", "Signature-Input", "Unencoded-Digest"])("runs nothing without %s", async (name) => {
    signed.change = (answer) => withHeader(answer, name, undefined);
    expect(await load(signed, pin(publisher))).toBe("blocked");
  });

  test("runs no other module in its place, though the publisher has signed that one too", async () => {
    const folder = await mkdtemp(join(tmpdir(), "swapped-"));
    await buildPublished(configuration, folder, {});
    const swapped = await serveBuild(folder, configuration);
    swapped.change = async (answer, path) =>
      path === "/auth.js" ? await fetch(`${signed.origin}/madata.js`).then(decoded) : answer;
    expect(await load(swapped, pin(publisher))).toBe("blocked");
    await swapped.stop();
  });

  test("can name the next key as well, while releases are signed with both", async () => {
    const both = await serveSigned(publisher, stranger);
    for (const keys of [[publisher], [stranger], [publisher, stranger]])
      expect(await load(both, pin(...keys))).toBe("loaded");
    await both.stop();
  });
});

async function decoded(answer: Response): Promise<Response> {
  return new Response(await answer.arrayBuffer(), { headers: answer.headers });
}

describe("an app that names no key", () => {
  test("loads a signed module", async () => {
    expect(await load(signed, "")).toBe("loaded");
  });

  test("loads an unsigned module", async () => {
    expect(await load(unsigned, "")).toBe("loaded");
  });
});

/** W3C Subresource Integrity §3.3.2: what a browser does that does not know `ed25519`. */
test("an algorithm that a browser does not know is as good as none", async () => {
  expect(await load(unsigned, pin(publisher).replace("ed25519", "ed99999"))).toBe("loaded");
});
