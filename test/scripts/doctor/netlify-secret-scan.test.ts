import { randomBytes } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "smol-toml";
import { beforeAll, describe, expect, test } from "vitest";
import {
  getFilePathsToScan,
  getSecretKeysToScanFor,
  scanFilesForKeyValues,
} from "../../../node_modules/@netlify/build/lib/plugins_core/secrets_scanning/utils.js";
import { buildSite } from "../../../scripts/build/build-site.ts";
import { readConfiguration } from "../../../scripts/configuration/configuration.ts";
import { PROJECT } from "../../../scripts/files/project.ts";

/** Runs Netlify's real secret scanner over a project as its owner would deploy it. */

const random = (characters: number) => randomBytes(characters).toString("hex").slice(0, characters);
const googleKey = `AIzaSy-${randomBytes(64)
  .toString("base64")
  .replace(/[^A-Za-z0-9]/g, "")
  .slice(0, 32)}`;
const secret = random(40);
const clientId = random(20);
/** A short client ID, like Strava's. Such a short string also occurs in files by chance. */
const shortId = "12345";

/** The variables that are marked as secret at Netlify. */
const marked = { GITHUB_CLIENT_ID: clientId, GITHUB_CLIENT_SECRET: secret, SEALING_KEY: random(64) };

let directory: string;
let settings: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "secret-scan-"));
  await write(
    "services.json",
    JSON.stringify({ Github: { client_id: clientId }, Google: { client_id: random(20), api_key: googleKey } }),
  );
  await write(".secret.json", JSON.stringify({ Github: { client_secret: secret } }));
  await cp(join(PROJECT, "public"), join(directory, "public"), { recursive: true });
  const { configuration } = await readConfiguration({ directory, env: { ...marked, CONTEXT: "production" } });
  await buildSite({ configuration, directory });
  const { build } = parse(await readFile(join(PROJECT, "netlify.toml"), "utf8")) as {
    build: { environment: Record<string, string> };
  };
  settings = build.environment;
});

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(directory, file)), { recursive: true });
  await writeFile(join(directory, file), text);
}

/** Returns the files in which the scanner finds a secret. Each of them would stop the build. */
async function scan(env: Record<string, string>, base = directory): Promise<string[]> {
  const variables = { ...marked, ...env };
  const keys = getSecretKeysToScanFor(variables, Object.keys(marked));
  const filePaths = (await getFilePathsToScan({ env: variables, base })).filter(
    (path) => !path.startsWith("node_modules/"),
  );
  const { matches } = await scanFilesForKeyValues({ env: variables, keys, filePaths, base, enhancedScanning: true });
  return [...new Set(matches.map(({ file }) => file))].sort();
}

test("what stands in files on purpose does not stop Netlify's build", async () => {
  expect(await scan({})).toEqual(
    expect.arrayContaining([".secret.json", "dist/functions/provider.mjs", "services.json"]),
  );
  expect(await scan(settings)).toEqual([]);
});

test("a client ID that stands in a file by chance does not stop it", async () => {
  await write("notes/counting.txt", shortId);
  expect(await scan({ GITHUB_CLIENT_ID: shortId })).toContain("notes/counting.txt");
  expect(await scan({ ...settings, GITHUB_CLIENT_ID: shortId })).toEqual([]);
});

describe("[A10] a secret anywhere else still stops it", () => {
  test.each([
    "public/app.js",
    "dist/public/auth.js",
    "dist/public/index.html",
    "secret.json",
    "netlify.toml",
    "docs/notes.md",
    "netlify/functions/token.ts",
    "dist/notes.txt",
    ".env",
  ])("%s", async (file) => {
    const before = await readFile(join(directory, file), "utf8").catch(() => "");
    for (const text of [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64"),
      `key = "${googleKey}"`,
    ]) {
      await write(file, `${before}\n${text}\n`);
      expect(await scan(settings)).toEqual([file]);
    }
    await write(file, before);
  });
});

test("the template itself holds nothing that looks like a key", async () => {
  expect(await scan(settings, PROJECT)).toEqual([]);
});
