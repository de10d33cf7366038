import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildBrowserModules, buildMadataBridge, listBrowserModules } from "../../../scripts/build/browser-modules.ts";
import { headersFor } from "../../../scripts/build/headers-file.ts";
import { publicKeyOf, signatureHeaders } from "../../../scripts/build/module-signatures.ts";
import { staticHeaders } from "../../../scripts/build/static-headers.ts";
import { PROJECT } from "../../../scripts/files/project.ts";
import { signModules } from "../../../scripts/release/sign-modules.ts";

/** The publisher's signatures. test/client/modules/signatures.browser.test.ts shows what a browser makes of them. */

let folder: string;
let modules: Map<string, Buffer>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sign-modules-"));
  await Promise.all([buildBrowserModules(folder), buildMadataBridge(folder)]);
  modules = new Map((await listBrowserModules(folder)).map(({ file, code }) => [`/${file}`, code]));
});

async function writeKey(key: KeyObject): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), "key-")), "key.pem");
  await writeFile(file, key.export({ type: "pkcs8", format: "pem" }));
  return file;
}

const newKey = (): KeyObject => generateKeyPairSync("ed25519").privateKey;

describe("a release's signatures", () => {
  test("cover every module for apps, once for each key", async () => {
    const [old, next] = [newKey(), newKey()];
    const signatures = await signModules(await Promise.all([old, next].map(writeKey)));
    expect(Object.keys(signatures)).toEqual([publicKeyOf(old), publicKeyOf(next)]);
    for (const [path, code] of modules) {
      const headers = signatureHeaders(path, code, signatures);
      expect(headers["Unencoded-Digest"], path).toMatch(/^sha-256=:[\w+/]{43}=:$/);
      expect(headers["Signature-Input"]?.split(", ")).toEqual(
        [old, next].map(
          (key, index) =>
            `key${index}=("unencoded-digest";sf "@path";req);keyid="${publicKeyOf(key)}";tag="ed25519-integrity"`,
        ),
      );
      expect(headers.Signature, path).toMatch(/^key0=:[\w+/]{86}==:, key1=:[\w+/]{86}==:$/);
    }
  });

  test("[A56] are served only if they fit: otherwise browsers would block the module in every app", async () => {
    const key = newKey();
    const signatures = await signModules([await writeKey(key)]);
    const code = modules.get("/auth.js")!;
    expect(signatureHeaders("/auth.js", Buffer.concat([code, Buffer.from("\n")]), signatures)).toEqual({});
    expect(signatureHeaders("/react-admin.js", code, signatures)).toEqual({});
    const byOther = { [publicKeyOf(newKey())]: signatures[publicKeyOf(key)]! };
    expect(signatureHeaders("/auth.js", code, byOther)).toEqual({});
    expect(Object.keys(signatureHeaders("/auth.js", code, { ...byOther, ...signatures }))).toHaveLength(3);
  });

  test("are headers of that module only", async () => {
    const signed = { "/auth.js": { Signature: "key0=:AA==:" } };
    const rules = staticHeaders({ scripts: [], styles: [] }, signed);
    expect(headersFor(rules, "/auth.js")).toMatchObject({
      Signature: "key0=:AA==:",
      "Access-Control-Allow-Origin": "*",
    });
    for (const path of ["/", "/react-admin.js", "/auth.d.ts"])
      expect(headersFor(rules, path)).not.toHaveProperty("Signature");
  });
});

describe("[A10] a private key", () => {
  test("in the project is not used: it could be committed", async () => {
    await expect(signModules([join(PROJECT, "key.pem")])).rejects.toThrow("is in the project");
  });

  test("of another kind is refused", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await expect(signModules([await writeKey(privateKey)])).rejects.toThrow("is no Ed25519 key");
  });

  test("must be named", async () => {
    await expect(signModules([])).rejects.toThrow("Which key?");
  });
});
