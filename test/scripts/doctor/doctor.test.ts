import { execFile, execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { keysAsJson, makeKey } from "../../../scripts/add-key/key-list.ts";
import { hashSource } from "../../../scripts/build/inline-hashes.ts";
import { createCheckContext } from "../../../scripts/doctor/check-context.ts";
import { type CheckResult, LIVE_CHECKS, LOCAL_CHECKS, runChecks } from "../../../scripts/doctor/run-checks.ts";
import { type DoctorContext, doctor } from "../../../scripts/doctor.ts";
import { PROJECT } from "../../../scripts/files/project.ts";
import { visibilityOf } from "../../../scripts/git/public-repository.ts";
import { deployedSite } from "../../../scripts/network/deployed-site.ts";
import type { Fetch } from "../../../scripts/network/fetch.ts";
import { validateProviderUrl } from "../../../scripts/network/provider-url.ts";
import { SECURITY_HEADERS } from "../../../server/answers/headers.ts";
import type { SigningKey } from "../../../server/provider/signing-key.ts";
import { startLocalServer } from "../../tools/local-server.ts";
import { startTokenServer } from "../../tools/token-server.ts";

const clientId = "Ov23li0123456789abcd";
const secret = "s3cret/9fK2mQ7xTz+Lw4RbN8vHd";

let directory: string;
const running: { stop(): Promise<void> }[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "doctor-test-"));
  await write("services.json", JSON.stringify({ Github: { client_id: clientId } }));
  await cp(join(PROJECT, "netlify.toml"), join(directory, "netlify.toml"));
  await write("public/index.html", "<!doctype html>");
});

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(directory, file)), { recursive: true });
  await writeFile(join(directory, file), text);
}

const writeSecret = () => write(".secret.json", JSON.stringify({ Github: { client_secret: secret } }));

function git(...args: string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  const identity = ["-c", "user.name=Owner", "-c", "user.email=owner@example.com"];
  return execFileSync("git", [...identity, ...args], { cwd: directory, env, encoding: "utf8", stdio: "pipe" });
}

/** No test in this file uses the network. */
const noNetwork: Fetch = () => Promise.reject(new Error("no network"));

const gitHost =
  (status: number, type = "text/html"): Fetch =>
  async () =>
    new Response("", { status, headers: { "content-type": type } });

const publicHost = gitHost(200, "application/x-git-upload-pack-advertisement");
const privateHost = gitHost(401);

type Extra = Partial<DoctorContext>;

async function runDoctor(argv: string[], extra: Extra = {}): Promise<{ status: number; output: string }> {
  const lines: string[] = [];
  const status = await doctor({
    argv,
    directory,
    env: {},
    interactive: false,
    print: (text) => lines.push(text),
    runNetlify: async () => ({ status: 1, output: "" }),
    fetch: noNetwork,
    ...extra,
  });
  const output = lines.join("\n");
  expect(output).not.toContain(secret);
  return { status, output };
}

async function check(id: string, extra: Extra = {}, argv: string[] = []): Promise<CheckResult> {
  const { output } = await runDoctor(["--json", ...argv], extra);
  const { checks } = JSON.parse(output) as { checks: CheckResult[] };
  const result = checks.find((each) => each.id === id)!;
  for (const { what, why, fix } of result.findings) for (const text of [what, why, fix]) expect(text).toMatch(/\S{3}/);
  return result;
}

const whatOf = ({ findings }: CheckResult) => findings.map(({ what }) => what).join("\n");

describe("configuration", () => {
  test("a sound project has no problem", async () => {
    await writeSecret();
    const { status, output } = await runDoctor([]);
    expect(output).not.toContain("✗");
    expect(output).toContain("ready: GitHub");
    expect(output).toContain("Nothing is wrong.");
    expect(output).toMatch(/Next: .*npm run doctor/);
    expect(status).toBe(0);
  });

  test("[A50] every issue is listed, with what to type, and the exit status is 1", async () => {
    await write("services.json", '{ "Github": { "client_idd": "x" }, "github": { "client_id": 5 }, "__proto__": {} }');
    const { status, output } = await runDoctor([]);
    expect(status).toBe(1);
    for (const path of ["Github.client_idd", "github", "github.client_id", "__proto__"])
      expect(output).toContain(`services.json → ${path}:`);
    expect(output).toContain('→ Did you mean "client_id"?');
    expect((await check("configuration")).status).toBe("error");
    expect((await check("set-up")).skipped).toBeDefined();
  });

  test("a missing secret is a warning, and the exit status stays 0", async () => {
    const { status, output } = await runDoctor([]);
    expect(status).toBe(0);
    expect(output).toContain("Github.client_secret: is missing");
    expect((await check("set-up")).status).toBe("warning");
  });

  const asInTheTemplate = { Google: { client_id: "YOUR_GOOGLE_CLIENT_ID", api_key: "YOUR_GOOGLE_API_KEY" } };

  test("services that are as in the template are only named", async () => {
    await write("services.json", JSON.stringify({ Github: { client_id: clientId }, ...asInTheTemplate }));
    await writeSecret();
    const result = await check("set-up");
    expect(result).toMatchObject({ status: "ok", findings: [], facts: ["ready: GitHub", "not set up: Google"] });
  });

  test("a fresh copy is told once what to do", async () => {
    await write("services.json", JSON.stringify(asInTheTemplate));
    const { status, output } = await runDoctor([]);
    expect(status).toBe(0);
    expect(output).toContain("No service is set up yet");
    expect(output).not.toContain("client_id");
    expect((await check("set-up")).findings.map(({ fix }) => fix)).toEqual(["npm run add-service"]);
  });

  test.each([
    [{ GITHUB_CLIENT_SECRET: " " }, "GITHUB_CLIENT_SECRET: is blank or a placeholder"],
    [{ GITHUB_CLIENT_SECRET: "YOUR_SECRET" }, "GITHUB_CLIENT_SECRET: is blank or a placeholder"],
    [{ GITHUB_CLIENT_SECRET: "s3cret/9fK2m" }, "client secret is too short to derive keys from"],
    [{ STRAVA_CLIENT_SECRET: secret }, "STRAVA_CLIENT_SECRET: is set, but services.json has no Strava"],
  ])("[A50] the variable %j is mentioned", async (env, mention) => {
    await writeSecret();
    expect(whatOf(await check("set-up", { env }))).toContain(mention);
  });

  test.each([
    ["Ov23li8tweQw6odWQebz", "ok", "GitHub: OAuth app."],
    ["0123456789abcdef0123", "ok", "GitHub: OAuth app."],
    ["Iv23liHbUOnXvZ5ZqCkQ", "warning", "GitHub: GitHub App."],
    ["123456", "warning", undefined],
  ])("the client ID %s: its kind is named, and what is missing for it", async (id, status, fact) => {
    await write("services.json", JSON.stringify({ Github: { client_id: id } }));
    const result = await check("client-kinds");
    expect(result.status).toBe(status);
    expect(result.facts.join()).toContain(fact ?? "");
    if (id.startsWith("Iv")) expect(whatOf(result)).toContain("app_slug is missing");
    if (fact === undefined) expect(whatOf(result)).toContain("looks like no client ID that GitHub gives out");

    await write("services.json", JSON.stringify({ Github: { client_id: "Iv23liHbUOnXvZ5ZqCkQ", app_slug: "my-app" } }));
    expect((await check("client-kinds")).status).toBe("ok");
    await write("services.json", JSON.stringify({ Gitlab: { client_id: "gitlab-id" } }));
    expect((await check("client-kinds")).status).toBe("skipped");
  });

  test("settings of the environment are looked at too", async () => {
    const result = await check("configuration", { env: { ALLOWED_APPS: "app.example", SEALING_KEY: "short" } });
    expect(whatOf(result)).toContain("ALLOWED_APPS");
    expect(whatOf(result)).toContain("SEALING_KEY");
  });

  test("an address that is not https is a problem", async () => {
    expect(whatOf(await check("configuration", { env: { URL: "http://auth.example.com" } }))).toMatch(
      /^URL: starts with http/,
    );
  });

  test("[A50] what can be no secret is a problem, and is not shown", async () => {
    const env = {
      SEALING_KEY: "password".repeat(4),
      GITHUB_CLIENT_SECRET: "letmein-letmein-letmein",
      GITHUB_CLIENT_SECRET_PREVIOUS: "a".repeat(20),
    };
    const result = await check("configuration", { env });
    expect(result.status).toBe("error");
    for (const [name, value] of Object.entries(env)) {
      expect(whatOf(result)).toContain(`${name}: `);
      expect(JSON.stringify(result)).not.toContain(value);
    }
  });

  test("[A50] ALLOWED_APPS without an entry is an error, and a domain that everybody can have a name below is a warning", async () => {
    expect((await check("configuration", { env: { ALLOWED_APPS: "," } })).status).toBe("error");
    const result = await check("allowed-apps", { env: { ALLOWED_APPS: "https://*.github.io https://me.github.io" } });
    expect(result.status).toBe("warning");
    expect(whatOf(result)).toBe(
      'ALLOWED_APPS: "https://*.github.io" lets strangers in: anybody can register a name under github.io',
    );
    expect((await check("allowed-apps", { env: { ALLOWED_APPS: "https://me.github.io" } })).status).toBe("ok");
    expect((await check("allowed-apps")).status).toBe("skipped");
  });

  test("a logo that is not there is a warning", async () => {
    await write("services.json", JSON.stringify({ Github: { client_id: clientId, icon: "img/github-logo.svg" } }));
    const result = await check("icons");
    expect(result.status).toBe("warning");
    expect(whatOf(result)).toBe(
      "services.json → Github.icon: there is no file public/img/github-logo.svg, so the catalogue's logo is shown",
    );
    await write("public/img/github-logo.svg", "<svg/>");
    expect((await check("icons")).status).toBe("ok");
  });

  test("[A50] a public client needs SEALING_KEY, whatever stands in the place of its secret", async () => {
    const endpoints = {
      authorization_endpoint: "https://a.example/authorize",
      token_endpoint: "https://a.example/token",
    };
    await write(
      "services.json",
      JSON.stringify({ Github: { client_id: clientId, token_endpoint_auth_method: "none", ...endpoints } }),
    );
    await writeSecret();
    const result = await check("set-up");
    expect(whatOf(result)).toContain("SEALING_KEY: GitHub has no client secret to derive keys from");
    expect(result.facts).toEqual([]);
  });
});

describe("[A11] .secret.json and git", () => {
  beforeEach(() => {
    git("init", "--quiet");
    git("remote", "add", "origin", "git@github.com:me/auth.git");
  });

  const commit = (message = "x") => {
    git("add", "--all");
    git("commit", "--quiet", "--message", message);
  };

  test("committed to a private repository it is fine", async () => {
    await writeSecret();
    commit();
    expect((await check("secret-file", { fetch: privateHost })).status).toBe("ok");
  });

  test("committed to a public repository it is a problem", async () => {
    await writeSecret();
    commit();
    const result = await check("secret-file", { fetch: publicHost });
    expect(result.status).toBe("error");
    expect(whatOf(result)).toContain("https://github.com/me/auth.git is public");
    expect(result.findings[0]!.fix).toContain("git rm --cached .secret.json");
    expect((await runDoctor([], { fetch: publicHost })).status).toBe(1);
  });

  test("staged is as bad as committed", async () => {
    await writeSecret();
    git("add", ".secret.json");
    expect(whatOf(await check("secret-file", { fetch: publicHost }))).toContain("committed or staged");
  });

  test("deleted, it is still in the history, on any branch", async () => {
    await writeSecret();
    commit();
    git("checkout", "--quiet", "-b", "other");
    git("rm", "--quiet", "--cached", ".secret.json");
    git("commit", "--quiet", "--message", "removed");
    git("checkout", "--quiet", "--orphan", "clean");
    await rm(join(directory, ".secret.json"));
    commit();
    expect(whatOf(await check("secret-file", { fetch: publicHost }))).toContain("in the history");
  });

  test("not committed and not ignored, the next commit would publish it", async () => {
    await writeSecret();
    expect(whatOf(await check("secret-file", { fetch: publicHost }))).toContain("would publish it");
    await write(".git/info/exclude", ".secret.json\n");
    expect((await check("secret-file", { fetch: publicHost })).status).toBe("ok");
  });

  test("whoever cannot be asked may be public", async () => {
    await writeSecret();
    commit();
    for (const fetch of [noNetwork, gitHost(200), gitHost(500)]) {
      const result = await check("secret-file", { fetch });
      expect(result.status).toBe("error");
      expect(whatOf(result)).toContain("it is unknown whether");
    }
    expect((await check("secret-file", {}, ["--offline"])).skipped).toContain("online");
  });

  test("no remote is asked where there is no secret, and one that is only fetched from never", async () => {
    const fetch: Fetch = () => expect.unreachable();
    expect((await check("secret-file", { fetch })).status).toBe("ok");
    await writeSecret();
    commit();
    git("remote", "remove", "origin");
    expect((await check("secret-file", { fetch })).status).toBe("ok");
    git("remote", "add", "template", "https://github.com/template/auth");
    git("remote", "set-url", "--push", "template", "no-push");
    expect((await check("secret-file", { fetch })).status).toBe("ok");
  });

  test.each([
    ["git@github.com:me/auth.git", "https://github.com/me/auth.git"],
    ["github.com:me/auth", "https://github.com/me/auth"],
    ["ssh://git@git.example.com:2222/me/auth", "https://git.example.com/me/auth"],
    ["git+ssh://git@git.example.com/me/auth", "https://git.example.com/me/auth"],
    ["short-name-of-a-host:me/auth.git", "https://short-name-of-a-host/me/auth.git"],
    ["https://user:token@gitlab.example:8443/me/auth/", "https://gitlab.example:8443/me/auth"],
  ])("%s is asked at %s, without its credentials", async (remote, address) => {
    const asked: string[] = [];
    const fetch: Fetch = async (url, init) => {
      asked.push(url);
      expect(init?.headers).toBeUndefined();
      return await privateHost(url);
    };
    expect(await visibilityOf(remote, fetch)).toBe("private");
    expect(asked).toEqual([`${address}/info/refs?service=git-upload-pack`]);
  });

  test.each(["/srv/git/auth.git", "../auth", "file:///srv/auth.git", "C:\\auth", "no-push"])(
    "%s is on this computer",
    async (remote) => {
      expect(await visibilityOf(remote, () => expect.unreachable())).toBe("private");
    },
  );

  test("another tracked file that holds a secret is a problem, in any spelling, also where only staged", async () => {
    await writeSecret();
    await write("notes/deploy.txt", `GITHUB_CLIENT_SECRET=${secret}`);
    await write("public.txt", `x=${encodeURIComponent(secret)}`);
    await writeFile(join(directory, "powershell.txt"), Buffer.from(`\uFEFF${secret}\r\n`, "utf16le"));
    await write("encoded.txt", Buffer.from(secret).toString("base64"));
    await write("untracked.txt", secret);
    git("add", "notes/deploy.txt", "public.txt", "encoded.txt", "powershell.txt", ".secret.json");
    await write("encoded.txt", "clean by now, but still staged");
    const result = await check("tracked-files", { fetch: privateHost });
    expect(result.findings.map(({ what }) => what.split(" ")[0])).toEqual([
      "encoded.txt",
      "notes/deploy.txt",
      "powershell.txt",
      "public.txt",
    ]);
    expect(git("status", "--porcelain", "--", "untracked.txt").trim()).toBe("?? untracked.txt");
  });

  test("secrets of the environment are looked for as well", async () => {
    const key = "Jq8-vT2mZr5kXw0Lb7NcYh3DgFs9PaEuKi1oRt4QxVy";
    await write("notes.txt", key);
    git("add", "notes.txt");
    expect(
      whatOf(
        await check("tracked-files", { env: { SEALING_KEY: `Bd7-wS4nHj1kXq0Mz6RcTv3LgFy9PaEuKi2oYt8QxVb ${key}` } }),
      ),
    ).toContain("notes.txt");
    expect(whatOf(await check("tracked-files", { env: { SEALING_KEY: `"${key}"\n` } }))).toContain("notes.txt");
  });
});

test("a folder that is no repository has nothing to publish", async () => {
  await writeSecret();
  expect((await check("secret-file")).skipped).toContain("not a git repository");
  expect((await check("tracked-files")).skipped).toContain("not a git repository");
});

describe.each(["public", "dist/public"])("[A10] the published folder: %s", (folder) => {
  test.each([
    ["app.js", `const x = "${secret}"`],
    ["old/data.txt", Buffer.from(secret).toString("base64url")],
    ["other.json", '{ "Gitlab": { "client_secret": "somebody-else" } }'],
  ])("a secret in %s is a problem", async (file, text) => {
    await writeSecret();
    await write(`${folder}/${file}`, text);
    const result = await check("published-folder");
    expect(whatOf(result)).toBe(`${folder}/${file} contains a client secret`);
    expect(result.status).toBe("error");
  });

  test.each([".secret.json", "secret.json", ".env", "netlify.toml", "home.js.map"])(
    "%s does not belong there",
    async (file) => {
      await write(`${folder}/${file}`, "{}");
      expect(whatOf(await check("published-folder"))).toContain(`${folder}/${file} does not belong`);
    },
  );
});

describe("the keys of ID tokens", () => {
  const first = makeKey("RS256");
  const second = makeKey("RS256");
  const publicOnly = ({ privateKey: _, ...key }: SigningKey): SigningKey => key;
  const textOf = (...keys: SigningKey[]) => JSON.stringify(keysAsJson(keys));
  const writeKeys = (...keys: SigningKey[]) =>
    write(".secret.json", JSON.stringify({ Github: { client_secret: secret }, SIGNING_KEY: keysAsJson(keys) }));

  test("none is no fault, and the command that makes one is named", async () => {
    await writeSecret();
    const result = await check("signing-keys");
    expect(result).toMatchObject({ status: "ok", facts: [expect.stringContaining("npm run add-key")] });
  });

  test("which one signs, which one waits and which one only verifies is said, and no private key is", async () => {
    const keys = [makeKey("ES256"), makeKey("EdDSA")];
    await writeKeys(...keys, publicOnly(first));
    const { output } = await runDoctor(["--json"]);
    for (const key of keys) expect(output).not.toContain(key.privateKey!.export({ format: "jwk" }).d);
    const { facts } = await check("signing-keys");
    expect(facts.join()).toMatch(/\(ES256\) signs, \S+ \(EdDSA\) waits .*--activate\), \S+ \(RS256\) only verifies/);
  });

  test.each([
    ["ES256", "warning"],
    ["EdDSA", "warning"],
    ["RS256", "ok"],
  ] as const)("one that signs with %s is a warning if many verifiers refuse it: %s", async (kind, status) => {
    // The first key signs, so one that waits does not help.
    await writeKeys(makeKey(kind), first);
    const { findings, ...result } = await check("signing-keys");
    expect(result.status).toBe(status);
    if (status === "warning")
      expect(findings).toMatchObject([
        {
          what: expect.stringContaining(kind),
          why: expect.stringContaining("OpenID Connect demands RS256"),
          fix: expect.stringContaining("npm run add-key"),
        },
      ]);
  });

  test("another one in the variable than in the file is a warning", async () => {
    await writeKeys(first);
    expect((await check("signing-keys", { env: { SIGNING_KEY: textOf(first) } })).status).toBe("ok");
    expect((await check("signing-keys", { env: { SIGNING_KEY: textOf(second) } })).status).toBe("warning");
  });

  test("one that cannot be used is an error, with the command that makes another", async () => {
    await writeSecret();
    const result = await check("configuration", { env: { SIGNING_KEY: "no key" } });
    expect(result.findings[0]).toMatchObject({
      what: "SIGNING_KEY: contains no key",
      fix: expect.stringContaining("npm run add-key"),
    });
  });

  describe("at the published provider", () => {
    async function live(published: unknown, ...configured: SigningKey[]): Promise<CheckResult> {
      if (configured.length > 0) await writeKeys(...configured);
      const body = JSON.stringify({ keys: published });
      const fetch: Fetch = async (url) => {
        const { pathname } = new URL(String(url));
        if (pathname === "/services.json") return Response.json({ Named: { id: "named" }, Github: { id: "github" } });
        const isList = pathname === "/github/jwks.json" && published !== undefined;
        return isList ? new Response(body) : new Response("{}", { status: 404 });
      };
      return await check("live-signing-keys", { fetch }, ["--url", "https://auth.example.com"]);
    }

    test("are those that are configured here", async () => {
      expect(await live([first.jwk], first)).toMatchObject({ status: "ok", findings: [] });
      expect(await live([first.jwk, second.jwk], first, publicOnly(second))).toMatchObject({ status: "ok" });
    });

    test.each<[string, unknown, SigningKey[], "ok" | "warning" | "error"]>([
      ["a list that nobody has asked for yet", undefined, [], "ok"],
      ["a key that only Netlify has", [first.jwk], [], "ok"],
      ["a key that only Netlify has, and that many verifiers refuse", [makeKey("ES256").jwk], [], "warning"],
      ["a key that is not deployed yet", undefined, [first], "error"],
      ["an empty list", [], [first], "error"],
      ["another key", [second.jwk], [first], "warning"],
      ["another order, so that another key signs", [second.jwk, first.jwk], [first, second], "warning"],
      ["one key less", [first.jwk], [first, second], "warning"],
      ["a list that is none", "x", [first], "error"],
    ])("%s", async (_, published, configured, status) => {
      expect((await live(published, ...configured)).status).toBe(status);
    });

    test.each([
      ["RS256", "d"],
      ["RS256", "p"],
      ["RS256", "dq"],
      ["ES256", "d"],
      ["EdDSA", "d"],
    ] as const)("never have a private half, nor a part of one: %s with %s", async (kind, member) => {
      const { jwk, privateKey } = makeKey(kind);
      const leaking = { ...jwk, [member]: privateKey!.export({ format: "jwk" })[member] };
      expect(await live([first.jwk, leaking], first)).toMatchObject({
        status: "error",
        findings: expect.arrayContaining([expect.objectContaining({ what: expect.stringContaining("private key") })]),
      });
    });
  });
});

describe("netlify.toml", () => {
  const edit = async (from: string | RegExp, to: string) => {
    const text = await readFile(join(PROJECT, "netlify.toml"), "utf8");
    expect(text).toMatch(from);
    await write("netlify.toml", text.replace(from, to));
  };

  const headerRule = (path: string, line: string) => `\n[[headers]]\nfor = "${path}"\n[headers.values]\n${line}\n`;

  test("the template's own is right, and owners may add to it", async () => {
    await edit(
      /$/,
      '\n[[headers]]\nfor = "/logo.svg"\n[headers.values]\nX-Mine = "1"\n\n[context.production.environment]\nA = "1"\n',
    );
    expect((await check("netlify-settings")).findings).toEqual([]);
  });

  test.each([
    ['publish = "dist/public"\n\n[build.env', 'publish = "."\n\n[build.env', "publish"],
    ['command = "npm run build"', 'command = "echo"', "npm run build"],
    ['directory = "dist/functions"', 'directory = "netlify/functions"', "dist/functions"],
    ['to = "/callback"', 'to = "/callback?code=:code"', "code and state"],
    ['error = ":error"', 'failure = ":error"', "error and state"],
    ["status = 302", "status = 301", "code and state"],
    [/$/, headerRule("/*", 'X-Frame-Options = "SAMEORIGIN"'), "sets X-Frame-Options for the pages"],
    [
      /$/,
      headerRule("/confirm", "content-security-policy = \"default-src 'self'\""),
      "sets Content-Security-Policy for the pages",
    ],
  ])("%s → %s is a problem", async (from, to, what) => {
    await edit(from, to);
    const result = await check("netlify-settings");
    expect(result.status).toBe("error");
    expect(whatOf(result)).toContain(what);
  });

  test.each([
    [".secret.json", /SECRETS_SCAN_OMIT_PATHS = ".secret.json,/, 'SECRETS_SCAN_OMIT_PATHS = "'],
    ["services.json", ",services.json,", ","],
    ["dist/functions/", ",dist/functions/", ""],
    ["STRAVA_CLIENT_ID", /^/, ""],
  ])("where Netlify's search for secrets would stop the build over %s, it is a warning", async (name, from, to) => {
    await write(
      "services.json",
      JSON.stringify({
        Github: { client_id: clientId },
        Strava: {},
        Google: { client_id: clientId, api_key: "AIzaSy-a-public-key" },
      }),
    );
    await writeSecret();
    await edit(from, to);
    const result = await check("netlify-settings", { env: name === "STRAVA_CLIENT_ID" ? { [name]: "12345" } : {} });
    expect(result.status).toBe("warning");
    expect(whatOf(result)).toMatch(
      new RegExp(`^netlify.toml: SECRETS_SCAN_OMIT_\\w+ does not list ${name.replaceAll(".", "\\.")}$`),
    );
  });

  test.each([
    ["dist/", "dist/functions/", "dist/"],
    ["**", "dist/functions/", "dist/functions/, **"],
    ["public/*.html", "dist/functions/", "dist/functions/,public/*.html"],
    ["GITHUB_CLIENT_SECRET", "GITHUB_CLIENT_ID", "GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET"],
    ["SEALING_KEY", "GITHUB_CLIENT_ID", "SEALING_KEY,GITHUB_CLIENT_ID"],
    ["SECRETS_SCAN_ENABLED", "SECRETS_SCAN_OMIT_KEYS", 'SECRETS_SCAN_ENABLED = "false"\n  SECRETS_SCAN_OMIT_KEYS'],
    [
      "SECRETS_SCAN_SMART_DETECTION_ENABLED",
      "SECRETS_SCAN_OMIT_KEYS",
      "SECRETS_SCAN_SMART_DETECTION_ENABLED = false\n  SECRETS_SCAN_OMIT_KEYS",
    ],
  ])("[A10] where Netlify's search for secrets would be blinded by %s, it is a warning", async (name, from, to) => {
    await edit(from, to);
    const result = await check("netlify-settings");
    expect(result.status).toBe("warning");
    expect(whatOf(result)).toContain(`netlify.toml: ${name} in `);
  });

  test("where the sources would be published, as in older versions, it says what to write instead", async () => {
    await edit('publish = "dist/public"\n\n[build.env', 'publish = "public"\n\n[build.env');
    const { findings } = await check("netlify-settings");
    expect(findings).toEqual([
      expect.objectContaining({ fix: expect.stringContaining('Write publish = "dist/public" under [build]') }),
    ]);
    expect(findings[0]!.why).toContain("sources of the pages");
  });

  test("a broken or missing file is a problem", async () => {
    await write("netlify.toml", "[build\n");
    expect(whatOf(await check("netlify-settings"))).toContain("not valid TOML: line 1");
    await rm(join(directory, "netlify.toml"));
    expect(whatOf(await check("netlify-settings"))).toContain("ENOENT");
  });
});

// -------------------------------------------------------------------------------------------------- the published site

type Respond = (request: IncomingMessage, response: ServerResponse) => void;

async function startServer(respond: Respond): Promise<string> {
  const server = await startLocalServer(respond);
  running.push(server);
  return server.origin;
}

const policyWith = (scriptSource: string) =>
  SECURITY_HEADERS["Content-Security-Policy"].replace("script-src 'self'", scriptSource);

/** The headers that the build writes for a page with this inline script. */
const pageHeaders = (script: string) => ({
  ...SECURITY_HEADERS,
  "Content-Security-Policy": policyWith(`script-src 'self' ${hashSource(script)}`),
});

/** A site without findings, except for the paths that `overrides` answers. */
async function startSite(overrides: Record<string, Respond> = {}): Promise<string> {
  const list = JSON.stringify({ Github: { id: "github", client_id: clientId } });
  const page: Respond = (_, response) =>
    response
      .writeHead(200, { ...pageHeaders("start()"), "content-type": "text/html" })
      .end('<!doctype html><script type="module">start()</script>');
  return await startServer((request, response) => {
    const { pathname, search, searchParams } = new URL(request.url!, "http://site.invalid");
    const override = overrides[pathname];
    if (override) return override(request, response);
    if (pathname === "/" && searchParams.has("state"))
      return void response.writeHead(302, { location: `/callback${search}` }).end();
    if (pathname === "/" || pathname === "/confirm") return page(request, response);
    if (pathname === "/callback") return void response.writeHead(400).end();
    if (pathname !== "/services.json") return void response.writeHead(404).end();
    response.writeHead(200, { "access-control-allow-origin": "*", "content-type": "application/json" }).end(list);
  });
}

async function examineSite(origin: string, plainOrigin?: string): Promise<CheckResult[]> {
  const examination = await createCheckContext({ directory, env: {}, url: origin, fetch: globalThis.fetch });
  const encrypted =
    plainOrigin ?? (await startServer((_, response) => response.writeHead(301, { location: `${origin}/` }).end()));
  const site = { ...deployedSite(origin, globalThis.fetch), plainOrigin: encrypted };
  return await runChecks(LIVE_CHECKS, { ...examination, site });
}

const problemsOf = (results: CheckResult[]) => results.filter(({ status }) => status === "error").map(({ id }) => id);
const answer =
  (status: number, headers: Record<string, string> = {}, body = ""): Respond =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);

describe("the published site", () => {
  beforeEach(writeSecret);

  test("a sound one passes every check", async () => {
    const results = await examineSite(await startSite());
    expect(results.flatMap(({ findings }) => findings)).toEqual([]);
    expect(results.map(({ status }) => status)).toEqual(LIVE_CHECKS.map(() => "ok"));
    expect(results.flatMap(({ facts }) => facts)).toContain("offered: github");
  });

  test("a primary domain without a certificate is said to be the reason, before and after the certificate has come", async () => {
    const before = await examineSite(await startSite({ "/": answer(301, { location: "http://auth.example.com/" }) }));
    expect(before.map(whatOf).join()).toContain("redirects to http://auth.example.com/, which is not https");
    const after = await examineSite(await startSite({ "/callback": answer(503) }));
    expect(after.flatMap(({ findings }) => findings)[0]!.fix).toContain("URL still starts with http");
  });

  const { "X-Frame-Options": _, ...withoutFrameOptions } = SECURITY_HEADERS;
  const cors = { "access-control-allow-origin": "*" };
  const services = (entries: object) => JSON.stringify(entries);
  test.each<[string, Record<string, Respond>, string]>([
    ["no page", { "/": answer(404) }, "live-home"],
    [
      "a primary domain without a certificate",
      { "/": answer(301, { location: "http://auth.example.com/" }) },
      "live-home",
    ],
    ["an old deploy's address", { "/callback": answer(421) }, "live-address"],
    ["a site without settings", { "/callback": answer(503) }, "live-address"],
    ["no functions", { "/callback": answer(404) }, "live-address"],
    ["a page without a header", { "/confirm": answer(200, { ...withoutFrameOptions }) }, "live-headers"],
    [
      "a page that cuts openers",
      { "/confirm": answer(200, { ...SECURITY_HEADERS, "Cross-Origin-Opener-Policy": "same-origin" }) },
      "live-headers",
    ],
    [
      "a page whose policy lets any script run",
      {
        "/confirm": answer(200, {
          ...SECURITY_HEADERS,
          "Content-Security-Policy": policyWith("script-src 'self' 'unsafe-inline'"),
        }),
      },
      "live-headers",
    ],
    [
      "a page whose script its policy does not know",
      { "/confirm": answer(200, pageHeaders("older()"), '<script type="module">newer()</script>') },
      "live-headers",
    ],
    ["no confirmation page", { "/confirm": answer(404) }, "live-headers"],
    ["no list", { "/services.json": answer(200, cors, "<!doctype html>") }, "live-services"],
    [
      "a list for nobody",
      { "/services.json": answer(200, {}, services({ Github: { id: "github", client_id: clientId } })) },
      "live-services",
    ],
    ["a service left out", { "/services.json": answer(200, cors, services({})) }, "live-services"],
    ["a published secret file", { "/.secret.json": answer(200, {}, "{}") }, "live-hidden-files"],
    ["a published netlify.toml", { "/netlify.toml": answer(200) }, "live-hidden-files"],
  ])("%s is found", async (_name, overrides, id) => {
    const results = await examineSite(await startSite(overrides));
    expect(problemsOf(results).filter((each) => each !== "live-root-redirect")).toEqual([id]);
  });

  test.each([
    ["no redirect", answer(200)],
    ["a redirect that loses parameters", answer(302, { location: "/callback?code=x&state=y" })],
    ["a redirect for ever", answer(301, { location: "/callback?code=x&state=y&iss=z" })],
    ["a redirect to somebody else", answer(302, { location: "https://evil.example/callback?code=x&state=y&iss=z" })],
  ])("at the root, %s is found", async (_name, respond) => {
    expect(problemsOf(await examineSite(await startSite({ "/": respond })))).toContain("live-root-redirect");
  });

  test.each([
    ["Netlify", { server: "Netlify" }, "at Netlify"],
    ["Netlify behind a proxy of Cloudflare", { server: "cloudflare", "x-nf-request-id": "01ARZ3" }, "at Netlify"],
    ["Cloudflare", { server: "cloudflare", "cf-ray": "8f1-FRA" }, "npx wrangler secret put GITHUB_CLIENT_SECRET"],
    ["Vercel", { server: "Vercel", "x-vercel-id": "fra1::x" }, "at Vercel"],
    ["AWS", { "x-amzn-requestid": "1-2-3" }, "in the function's configuration"],
    ["a server of the owner's", {}, "in the server's environment"],
  ])("what is missing at %s is set there", async (_name, headers: Record<string, string>, fix) => {
    const results = await examineSite(
      await startSite({ "/services.json": answer(200, { ...cors, ...headers }, services({})) }),
    );
    expect(
      results
        .flatMap(({ findings }) => findings)
        .map((finding) => finding.fix)
        .join(),
    ).toContain(fix);
  });

  test("http that stays http is found", async () => {
    const origin = await startSite();
    expect(problemsOf(await examineSite(origin, origin))).toEqual(["live-https"]);
  });

  test("a service with another client ID there is a warning", async () => {
    const list = services({ Github: { id: "github", client_id: "another" }, Extra: { id: "extra", client_id: "x" } });
    const results = await examineSite(await startSite({ "/services.json": answer(200, cors, list) }));
    expect(results.find(({ id }) => id === "live-services")!.status).toBe("warning");
  });

  test("what a foreign list calls its services does not reach the terminal", async () => {
    const list = services({ x: { id: "\u001B[2J", client_id: "x" }, Github: { id: "github", client_id: clientId } });
    const results = await examineSite(await startSite({ "/services.json": answer(200, cors, list) }));
    expect(JSON.stringify(results)).not.toContain("u001b");
  });

  test("an unreachable site is one problem, not one for each check", async () => {
    const results = await examineSite("http://127.0.0.1:1", "http://127.0.0.1:1");
    expect(problemsOf(results)).toEqual(["live-home"]);
    expect(results.filter(({ status }) => status === "skipped")).toHaveLength(LIVE_CHECKS.length - 1);
  });

  test("the address of a linked site is asked for, unless --offline", async () => {
    await write(".netlify/state.json", '{ "siteId": "0-1-2" }');
    const asked: string[][] = [];
    const runNetlify = async (args: string[]) => {
      asked.push(args);
      return { status: 0, output: '{ "url": "http://auth.example.com", "ssl_url": "https://auth.example.com" }' };
    };
    expect((await runDoctor(["--offline"], { runNetlify })).output).not.toContain("auth.example.com");
    const { output, status } = await runDoctor([], { runNetlify });
    expect(asked).toEqual([["api", "getSite", "--data", '{"site_id":"0-1-2"}']]);
    expect(output).toContain("https://auth.example.com cannot be reached");
    expect(status).toBe(1);
    expect((await runDoctor([])).output).toContain("npx netlify login");
  });
});

describe("--url", () => {
  test.each([
    ["auth.example.com", "Did you mean https://auth.example.com?"],
    ["https//auth.example.com", "Did you mean https://auth.example.com?"],
    ["https://auth.example.com/confirm", "Write https://auth.example.com"],
    ["http://auth.example.com", "Did you mean https://auth.example.com?"],
    ["https://AUTH.example.com", "Did you mean https://auth.example.com?"],
    ["http://localhost:8888", "does not use https"],
    ["http://127.0.0.1:8888", "does not use https"],
    ["https://deploy-preview-4--mine.netlify.app", "Use the site's own address: https://mine.netlify.app"],
    ["https://5f2b0c--mine.netlify.app/", "Use the site's own address: https://mine.netlify.app"],
    ["https://user@auth.example.com", "is not an address"],
    ["javascript:alert(1)", "is not an address"],
    ["", "is not an address"],
  ])("%s is refused: %s", async (url, advice) => {
    const { status, output } = await runDoctor(["--url", url], { fetch: () => expect.unreachable() });
    expect(output).toContain(advice);
    expect(status).toBe(1);
  });

  test.each(["https://auth.example.com", "https://auth.example.com/", "https://mine.netlify.app"])(
    "%s is taken",
    (url) => {
      expect(validateProviderUrl(url)).toBeUndefined();
    },
  );
});

// --------------------------------------------------------------------------------------------------------- credentials

describe("a harmless token request tells a wrong secret from a right one", () => {
  async function probe(respond: (form: URLSearchParams) => { status?: number; json?: object; text?: string }) {
    const forms: URLSearchParams[] = [];
    const origin = await startServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk));
      request.on("end", () => {
        const form = new URLSearchParams(body);
        forms.push(form);
        const { status = 400, json, text } = respond(form);
        response.writeHead(status, { "content-type": "application/json" }).end(text ?? JSON.stringify(json));
      });
    });
    const forge = {
      client_id: clientId,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
    };
    await write("services.json", JSON.stringify({ Forge: forge }));
    await write(".secret.json", JSON.stringify({ Forge: { client_secret: secret } }));
    const extra = { fetch: globalThis.fetch, insecureLoopback: true };
    const result = await check("credentials", extra, ["--probe"]);
    return { result, forms };
  }

  test("invalid_grant for ours and invalid_client for another: accepted", async () => {
    const { result, forms } = await probe((form) =>
      form.get("client_secret") === secret
        ? { json: { error: "invalid_grant" } }
        : { status: 401, json: { error: "invalid_client" } },
    );
    expect(result).toMatchObject({ status: "ok", facts: ["accepted by Forge"] });
    expect(forms.map((form) => form.get("code"))).toEqual(["this-code-was-never-issued", "this-code-was-never-issued"]);
    expect(forms[0]!.get("code_verifier")).toMatch(/^[\w-]{43}$/);
    expect(forms[1]!.get("client_secret")).toHaveLength(secret.length);
  });

  test("invalid_client: refused, and the service's words stay out", async () => {
    const json = { error: "invalid_client", error_description: `\u001B[31mwrong ${secret}` };
    const { result, forms } = await probe(() => ({ status: 401, json }));
    expect(result.status).toBe("error");
    expect(whatOf(result)).toBe("Forge rejects the client ID or the client secret");
    expect(JSON.stringify(result)).not.toMatch(/wrong|31m/);
    expect(result.findings[0]!.fix).toContain("/callback/forge");
    expect(forms).toHaveLength(1);
  });

  test("invalid_grant for whatever secret: nothing is claimed", async () => {
    const { result } = await probe(() => ({ json: { error: "invalid_grant" } }));
    expect(result.status).toBe("warning");
    expect(whatOf(result)).toContain("same answer for a wrong secret");
  });

  test.each([
    { status: 500, text: "" },
    { status: 200, text: "<html>" },
    { status: 200, json: { access_token: "x" } },
  ])("%j tells nothing", async (respond) => {
    const { result } = await probe(() => respond);
    expect(result.status).toBe("warning");
    expect(whatOf(result)).toContain("does not show whether it accepts");
  });

  test("it is asked only on request, or where a person watches, and never offline", async () => {
    const { endpoint, seen, answerWith, stop } = await startTokenServer();
    running.push({ stop });
    answerWith({ status: 400, json: { error: "invalid_grant" } });
    const forge = { client_id: clientId, authorization_endpoint: endpoint, token_endpoint: endpoint };
    await write("services.json", JSON.stringify({ Forge: forge }));
    await write(".secret.json", JSON.stringify({ Forge: { client_secret: secret } }));
    const extra = { insecureLoopback: true, fetch: globalThis.fetch };
    for (const [argv, interactive, requests] of [
      [[], false, 0],
      [["--json"], true, 0],
      [["--no-probe"], true, 0],
      [["--offline"], true, 0],
      [[], true, 2],
      [["--probe"], false, 2],
    ] as const) {
      seen.length = 0;
      await runDoctor([...argv], { ...extra, interactive });
      expect({ argv, seen: seen.length }).toEqual({ argv, seen: requests });
    }
  });
});

// ------------------------------------------------------------------------------------------------------- command line

describe("the command", () => {
  test("--json is JSON and nothing else, with every check", async () => {
    const { output, status } = await runDoctor(["--json"]);
    const { ok, checks } = JSON.parse(output) as { ok: boolean; checks: CheckResult[] };
    expect(ok).toBe(status === 0);
    expect(checks.map(({ id }) => id)).toEqual(LOCAL_CHECKS.map(({ id }) => id));
  });

  test.each([
    ["--ulr", "x"],
    ["extra"],
    ["--url"],
    ["--offline", "--probe"],
    ["--offline", "--url", "https://a.example"],
  ])("%j is refused", async (...argv) => {
    expect((await runDoctor(argv)).status).toBe(1);
  });

  test("as people call it: --help, and an examination of this very project", async () => {
    const run = promisify(execFile);
    const script = join(PROJECT, "scripts/doctor.ts");
    const node = join(PROJECT, "node_modules/.bin/node");
    const env = { PATH: process.env.PATH, HOME: directory, NO_COLOR: "1" };
    const help = await run(node, [script, "--help"], { env });
    for (const flag of ["--url", "--probe", "--offline", "--json"]) expect(help.stdout).toContain(flag);
    const { stdout } = await run(node, [script, "--offline", "--json"], { env, cwd: directory });
    expect(
      (JSON.parse(stdout) as { checks: CheckResult[] }).checks.find(({ id }) => id === "netlify-settings")!.findings,
    ).toEqual([]);
    await expect(run(node, [script, "--url", "http://localhost:1"], { env })).rejects.toMatchObject({ code: 1 });
  });
});
