import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalJWKSet, jwtVerify, SignJWT } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { makeKey } from "../../../scripts/add-key/key-list.ts";
import { type AddKeyContext, addKey } from "../../../scripts/add-key.ts";
import { isNetlifyInstalled, type NetlifyRunner } from "../../../scripts/netlify/netlify-cli.ts";
import type { Fetch } from "../../../scripts/network/fetch.ts";
import { parseSigningKeys, type SigningKey } from "../../../server/provider/signing-key.ts";

const owners = '{ "Github": { "client_id": "Iv1.0123456789abcdef" } }\n';
const secrets = '{\n  "Github": {\n    "client_secret": "s3cret-9fK2mQ7xTz-Lw4RbN8vHd"\n  }\n}\n';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "add-key-test-"));
  await writeFile(join(directory, "services.json"), owners);
});

const noNetlify: NetlifyRunner = () => expect.unreachable("Netlify must not be asked");
const noNetwork: Fetch = () => Promise.reject(new Error("no network"));

async function run(argv: string[], extra: Partial<AddKeyContext> = {}) {
  const lines: string[] = [];
  const status = await addKey({
    argv,
    directory,
    env: {},
    prompts: undefined,
    print: (text) => lines.push(text),
    runNetlify: noNetlify,
    fetch: noNetwork,
    ...extra,
  });
  return { status, output: lines.join("\n") };
}

const read = (file: string) => readFile(join(directory, file), "utf8");

async function storedKeys(): Promise<SigningKey[]> {
  const stored = (JSON.parse(await read(".secret.json")) as { SIGNING_KEY: unknown }).SIGNING_KEY;
  const { keys, issues } = parseSigningKeys(JSON.stringify(stored));
  expect(issues).toEqual([]);
  return keys;
}

const privateParts = (keys: SigningKey[]) =>
  keys.flatMap(({ privateKey }) => (privateKey ? [privateKey.export({ format: "jwk" }).d!] : []));
const halves = (keys: SigningKey[]) => keys.map(({ privateKey }) => (privateKey ? "private" : "public"));

describe("the first key", () => {
  test.each([
    ["RS256", []],
    ["ES256", ["--type", "ES256"]],
    ["EdDSA", ["--type", "EdDSA"]],
  ])("%s is written to .secret.json, beside what is there, and never shown", async (algorithm, flags) => {
    await writeFile(join(directory, ".secret.json"), secrets);
    const { status, output } = await run([...flags, "--yes"]);
    expect(status).toBe(0);
    const [key, ...others] = await storedKeys();
    expect([key!.algorithm, others]).toEqual([algorithm, []]);
    for (const part of privateParts([key!])) expect(output).not.toContain(part);
    expect(output).toContain(key!.kid.slice(0, 8));
    expect(output).toMatch(/Next: commit, git push.*npm run doctor/);
    expect(JSON.parse(await read(".secret.json"))).toMatchObject(JSON.parse(secrets));

    // Another library takes it, too.
    const token = await new SignJWT({}).setProtectedHeader({ alg: algorithm, kid: key!.kid }).sign(key!.privateKey!);
    const list = createLocalJWKSet({ keys: [key!.jwk] });
    await expect(jwtVerify(token, list)).resolves.toBeDefined();
  });

  test.each<[kind: string, isMentioned: boolean]>([
    ["RS256", false],
    ["ES256", true],
    ["EdDSA", true],
  ])("%s: whoever makes another than OpenID Connect demands reads what that means: %s", async (kind, isMentioned) => {
    for (const flags of [["--dry-run"], ["--yes"], ["--standby", "--yes"]]) {
      const { output } = await run(["--type", kind, ...flags]);
      expect(output.includes("OpenID Connect demands RS256"), output).toBe(isMentioned);
    }
  });

  test("makes a file that only its owner can read", async () => {
    await run(["--yes"]);
    expect((await stat(join(directory, ".secret.json"))).mode & 0o777).toBe(0o600);
  });

  test("is made anew each time", () => expect(makeKey("ES256").kid).not.toBe(makeKey("ES256").kid));

  test("--print shows what another host needs, and nothing else, and stores nothing", async () => {
    const { output, status } = await run(["--print", "--type", "EdDSA"]);
    expect(status).toBe(0);
    expect(parseSigningKeys(output)).toMatchObject({ keys: [{ algorithm: "EdDSA" }], issues: [] });
    expect(await readdir(directory)).toEqual(["services.json"]);
  });

  test("--dry-run writes nothing", async () => {
    expect(await run(["--dry-run"])).toMatchObject({
      status: 0,
      output: expect.stringContaining("Nothing was written"),
    });
    expect(await readdir(directory)).toEqual(["services.json"]);
  });

  test("is not written if the answer is no", async () => {
    const prompts = { choose: () => expect.unreachable("nothing to choose"), confirm: async () => false };
    expect(await run([], { prompts })).toMatchObject({
      status: 1,
      output: expect.stringContaining("Nothing was changed."),
    });
    expect(await readdir(directory)).toEqual(["services.json"]);
  });

  test.each([
    [["--type", "HS256"], "--type must be one of RS256, ES256, EdDSA"],
    [["--store", "none"], "--store must be file or netlify"],
    [["--print", "--store", "file"], "--print stores nothing"],
    [["--standby", "--replace"], "only one of"],
    [["--activate"], "There is no key yet"],
    [["--url", "ftp://x"], "--url"],
    [["my-key"], "only options"],
    [["--secret", "x"], "--secret"],
    [["--store", "netlify"], "npx netlify link"],
  ])("%j is refused, with what to type", async (argv, message) => {
    expect(await run([...argv, "--yes"])).toMatchObject({ status: 1, output: expect.stringContaining(message) });
    expect(await readdir(directory)).toEqual(["services.json"]);
  });
});

describe("a rotation", () => {
  test("the new key signs, and the old one stays with its public half until its tokens have expired", async () => {
    await run(["--yes"]);
    const [old] = await storedKeys();
    const { output } = await run(["--yes"]);
    const keys = await storedKeys();
    expect(keys.map(({ kid }) => kid)).toEqual([expect.not.stringMatching(old!.kid), old!.kid]);
    expect(halves(keys)).toEqual(["private", "public"]);
    expect(await read(".secret.json")).not.toContain(privateParts([old!])[0]);
    expect(output).toMatch(/an hour after the deploy\. Then the old key may go: npm run add-key -- --remove-old/);

    expect((await run(["--remove-old", "--yes"])).status).toBe(0);
    expect((await storedKeys()).map(({ kid }) => kid)).toEqual([keys[0]!.kid]);
  });

  test("does not pile up: only the key that signed until now stays", async () => {
    for (let round = 0; round < 4; round++) await run(["--type", "ES256", "--yes"]);
    expect(halves(await storedKeys())).toEqual(["private", "public"]);
  });

  test("in two steps: the new key is published first, and signs later", async () => {
    await run(["--type", "ES256", "--yes"]);
    const [old] = await storedKeys();
    expect((await run(["--activate", "--yes"])).output).toContain("--standby");
    const standby = await run(["--standby", "--yes"]);
    expect(standby.output).toMatch(/which waits[\s\S]*--activate/);
    const waiting = await storedKeys();
    expect(halves(waiting)).toEqual(["private", "private"]);
    expect(waiting[0]!.kid).toBe(old!.kid);

    await run(["--activate", "--yes"]);
    const active = await storedKeys();
    expect(active.map(({ kid }) => kid)).toEqual([waiting[1]!.kid, old!.kid]);
    expect(halves(active)).toEqual(["private", "public"]);
  });

  test("to another algorithm: verifiers that have read the old one need a restart, which is said", async () => {
    await run(["--type", "ES256", "--yes"]);
    expect((await run(["--type", "ES256", "--dry-run"])).output).not.toContain("The algorithm changes");
    const { output } = await run(["--yes"]);
    expect(output).toContain("The algorithm changes");
    expect(output).not.toContain("OpenID Connect demands");
    await run(["--remove-old", "--yes"]);
    expect((await run(["--yes"])).output).not.toContain("The algorithm changes");
  });

  test("after a leak, nothing of the old key is left", async () => {
    await run(["--yes"]);
    const [old] = await storedKeys();
    await run(["--replace", "--yes"]);
    expect(await storedKeys()).toHaveLength(1);
    expect(await read(".secret.json")).not.toContain(old!.jwk.n);
  });

  test("a key that cannot be used is not silently lost", async () => {
    const broken = '{ "SIGNING_KEY": "x" }';
    await writeFile(join(directory, ".secret.json"), broken);
    expect(await run(["--yes"])).toMatchObject({ status: 1, output: expect.stringContaining("--replace") });
    expect(await read(".secret.json")).toBe(broken);
    expect((await run(["--replace", "--yes"])).status).toBe(0);
  });

  test("on another host, the current value comes from the variable", async () => {
    const old = makeKey("ES256");
    const SIGNING_KEY = String(old.privateKey!.export({ format: "pem", type: "pkcs8" }));
    const { keys } = parseSigningKeys((await run(["--print"], { env: { SIGNING_KEY } })).output);
    expect(keys.map(({ kid }) => kid)).toEqual([expect.any(String), old.kid]);
    expect(halves(keys)).toEqual(["private", "public"]);
  });
});

describe.runIf(isNetlifyInstalled())("at Netlify", () => {
  const old = makeKey("ES256");
  const url = ["--url", "https://auth.example.com"];
  const published =
    (...keys: SigningKey[]): Fetch =>
    async (address) => {
      const { pathname } = new URL(String(address));
      if (pathname === "/services.json") return Response.json({ Github: { id: "github" } });
      return keys.length > 0
        ? Response.json({ keys: keys.map(({ jwk }) => jwk) })
        : new Response("{}", { status: 404 });
    };

  async function runLinked(argv: string[], fetch: Fetch, status = 0) {
    await mkdir(join(directory, ".netlify"));
    await writeFile(join(directory, ".netlify/state.json"), '{ "siteId": "site" }');
    const calls: string[][] = [];
    const runNetlify: NetlifyRunner = async (args) => (calls.push(args), { status, output: "" });
    const outcome = await run([...argv, "--store", "netlify", "--yes"], { runNetlify, fetch });
    return { ...outcome, calls };
  }

  test("the key is a secret variable of the published site, and in no file", async () => {
    const { calls, output, status } = await runLinked(url, published());
    expect(status).toBe(0);
    const [args] = calls;
    expect(args).toEqual(expect.arrayContaining(["env:set", "production", "functions", "--secret", "SIGNING_KEY"]));
    const { keys } = parseSigningKeys(args!.at(-1)!);
    expect(halves(keys)).toEqual(["private"]);
    expect(output).not.toContain(privateParts(keys)[0]);
    expect((await readdir(directory)).sort()).toEqual([".netlify", "services.json"]);
  });

  test("the published provider names the old key, whose value Netlify does not show", async () => {
    const { calls, output } = await runLinked(url, published(old, makeKey("EdDSA")));
    expect(parseSigningKeys(calls[0]!.at(-1)!).keys.map(({ kid }) => kid)).toEqual([expect.any(String), old.kid]);
    expect(output).toContain("the next npm run add-key removes it");
  });

  test("an old key that is unknown is not lost", async () => {
    expect(await runLinked(url, noNetwork)).toMatchObject({
      status: 1,
      calls: [],
      output: expect.stringContaining("cannot be reached"),
    });
  });

  test("what Netlify refuses is said, with what to do", async () => {
    expect(await runLinked(url, published(), 1)).toMatchObject({
      status: 1,
      output: expect.stringContaining("npx netlify login"),
    });
  });

  test.each(["--standby", "--activate", "--remove-old"])("%s needs what cannot be read there", async (flag) => {
    expect(await runLinked([flag], published(old))).toMatchObject({ status: 1, calls: [] });
  });
});
