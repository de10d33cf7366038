import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { beforeEach, describe, expect, test } from "vitest";
import { listCatalogue } from "../../../scripts/add-service/choose-service.ts";
import { matches, type ServicePrompts, searchTextOf } from "../../../scripts/add-service/prompts.ts";
import { type AddServiceContext, addService } from "../../../scripts/add-service.ts";
import { idOf, resolveConfiguration } from "../../../scripts/configuration/configuration.ts";
import { PROJECT } from "../../../scripts/files/project.ts";
import { type NetlifyRunner, netlifyRunner, setSecretVariable } from "../../../scripts/netlify/netlify-cli.ts";
import { CancelledError } from "../../../scripts/terminal/command-error.ts";
import { startLocalServer } from "../../tools/local-server.ts";
import { hasPseudoTerminal, inPseudoTerminal } from "../../tools/pseudo-terminal.ts";

const clientId = "Ov23li0123456789abcd";
const secret = "s3cret-9fK2mQ7xTz-Lw4RbN8vHd";
const url = "https://auth.example.com";
const github = ["github", "--client-id", clientId, "--client-secret-stdin", "--url", url];

const owners = `{
    "Github": { "client_id": "YOUR_GITHUB_CLIENT_ID" },
    "Gitlab": {
        "client_id": "gitlab-id"
    }
}
`;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "add-service-test-"));
  await writeFile(join(directory, "services.json"), owners);
});

const read = (file: string) => readFile(join(directory, file), "utf8");
const readJson = async (file: string) => JSON.parse(await read(file)) as Record<string, Record<string, unknown>>;

async function expectUntouched(): Promise<void> {
  expect(await readdir(directory)).toEqual(["services.json"]);
  expect(await read("services.json")).toBe(owners);
}

const noNetlify: NetlifyRunner = () => expect.unreachable("Netlify must not be asked");

async function run(argv: string[], extra: Partial<AddServiceContext> = {}) {
  const lines: string[] = [];
  const opened: string[] = [];
  const status = await addService({
    argv,
    directory,
    env: {},
    prompts: undefined,
    readStandardInput: async () => `${secret}\n`,
    print: (text) => lines.push(text),
    openPage: (page) => opened.push(page),
    runNetlify: noNetlify,
    fetch: () => Promise.reject(new Error("no network")),
    ...extra,
  });
  const output = lines.join("\n");
  expect(output).not.toContain(secret);
  return { status, output, opened };
}

describe("with flags", () => {
  test("a service of the catalogue: both values land in their files, and all else stays as it was", async () => {
    const { status, output } = await run([...github, "--yes"]);
    expect(output).toContain("Written.");
    expect(status).toBe(0);
    expect(await read("services.json")).toBe(owners.replace("YOUR_GITHUB_CLIENT_ID", clientId));
    expect(await readJson(".secret.json")).toEqual({ Github: { client_secret: secret } });
    expect((await stat(join(directory, ".secret.json"))).mode & 0o777).toBe(0o600);
    expect((await readdir(directory)).sort()).toEqual([".secret.json", "services.json"]);
  });

  test("what to register is shown: page, redirect URIs, scopes in words, which value is secret", async () => {
    const { output } = await run([...github, "--yes"]);
    for (const text of [
      "https://github.com/settings/developers",
      `${url}/callback/github`,
      "read:user: Read your profile",
      "a client ID     public",
      "a client secret     keep it secret",
    ]) {
      expect(output).toContain(text);
    }
    // Madata's clients use the root as redirect URI, without a trailing slash.
    expect(output).toMatch(new RegExp(`for Madata apps +${url}$`, "m"));
    expect((await run(["airtable", ...github.slice(1), "--yes"])).output).not.toContain("Madata");
  });

  test.each([
    ["Iv23liHbUOnXvZ5ZqCkQ", "the client ID of a GitHub App. Whoever installs it chooses the repositories"],
    ["Iv1.8a61f9b3a7aba766", "the client ID of a GitHub App."],
    ["Ov23li8tweQw6odWQebz", "the client ID of an OAuth app. Apps ask for scopes."],
    ["0123456789abcdef0123", "the client ID of an OAuth app."],
  ])("the kind of client that %s is of is named, with what follows", async (id, words) => {
    const { output, status } = await run([...github.with(2, id), "--yes"]);
    expect(status).toBe(0);
    expect(output).toContain(words);
  });

  test("the name of an app that people install is written, or doctor's warning says that it is missing", async () => {
    const app = github.with(2, "Iv23liHbUOnXvZ5ZqCkQ");
    expect((await run([...app, "--yes"])).output).toContain("app_slug is missing");
    const { output } = await run([...app, "--app-slug", "my-app", "--yes"]);
    expect(output).not.toContain("app_slug is missing");
    expect((await readJson("services.json")).Github).toMatchObject({ app_slug: "my-app" });
    expect((await run([...app, "--app-slug", "my/app", "--yes"])).output).toContain("--app-slug is not the name");
  });

  test("the name of an app that people install with the client ID of another kind is written nowhere", async () => {
    const { status, output } = await run([...github, "--app-slug", "my-app", "--yes"]);
    expect(status).toBe(1);
    expect(output).toContain("Write the client ID of that app");
    await expectUntouched();
  });

  test("it ends with a verdict on that service and the next command", async () => {
    const { output } = await run([...github, "--yes"]);
    expect(output).toContain("ready: GitHub");
    expect(output.match(/^Next:/gm)).toHaveLength(1);
    expect(output).not.toContain("GitLab");
    expect(output.trimEnd().split("\n").at(-1)).toContain(`npm run doctor -- --url ${url}`);
  });

  test.each(["Github", "GITHUB", "GitHub"])("%s is the service that is there already", async (name) => {
    await run([name, ...github.slice(1), "--yes"]);
    expect(Object.keys(await readJson("services.json"))).toEqual(["Github", "Gitlab"]);
  });

  test("a service that is not there yet gets the spelling that Madata's clients look for", async () => {
    await run(["dropbox", ...github.slice(1), "--yes"]);
    expect(await read("services.json")).toBe(
      owners.replace(/\n}\n$/, `,\n    "Dropbox": {\n        "client_id": "${clientId}"\n    }\n}\n`),
    );
  });

  test("the other secrets, and their spelling, stay", async () => {
    const file = join(directory, ".secret.json");
    await writeFile(file, '{"gitlab":{"client_secret":"gitlab-secret-0123456789"},"github":{"client_secret":"old"}}');
    await run([...github, "--yes"]);
    expect(await read(".secret.json")).toBe(
      `{"gitlab":{"client_secret":"gitlab-secret-0123456789"},"github":{"client_secret":"${secret}"}}`,
    );
  });

  test("values that are wrong so far do not stand in the way of right ones", async () => {
    await writeFile(join(directory, "services.json"), '{ "Github": { "client_id": 5 } }');
    await writeFile(join(directory, ".secret.json"), '{ "Github": { "client_secret": "cut-off" } }');
    expect((await run([...github, "--yes"])).status).toBe(0);
    expect(await read("services.json")).toBe(`{ "Github": { "client_id": "${clientId}" } }`);
    expect(await read(".secret.json")).toBe(`{ "Github": { "client_secret": "${secret}" } }`);
  });

  test.each(["Github", "Google Sheets", "-My_Forge-", "a--b", "X.509!"])(
    "%s has the same id here as in the build",
    (key) => {
      const services = { [key]: { token_endpoint: "https://forge.example/token" } };
      const sources = { services, secrets: undefined, env: {}, production: true, localDevelopment: false };
      expect(idOf(key)).toBe(resolveConfiguration(sources).configuration.services[0]!.id);
    },
  );

  const forge = [
    "Forge",
    "--authorization-endpoint",
    "https://forge.example/authorize",
    "--token-endpoint",
    "https://forge.example/token",
  ];
  test("a service that the catalogue does not know", async () => {
    const more = ["--scopes", "profile  email", "--auth-method", "client_secret_basic", "--name", "The Forge"];
    const { status, output } = await run([...forge, ...more, ...github.slice(1), "--yes"]);
    expect(status).toBe(0);
    expect(output).toContain(`${url}/callback/forge`);
    expect((await readJson("services.json")).Forge).toEqual({
      name: "The Forge",
      authorization_endpoint: "https://forge.example/authorize",
      token_endpoint: "https://forge.example/token",
      token_endpoint_auth_method: "client_secret_basic",
      default_scopes: ["profile", "email"],
      client_id: clientId,
    });
  });

  test("[A12] a service that runs on many hosts: the owner names one", async () => {
    const mastodon = ["mastodon", ...github.slice(1), "--yes"];
    expect(await run(mastodon)).toMatchObject({ status: 1, output: expect.stringContaining("--variable instance=") });
    for (const value of ["instance", "instance=", "instance=https://evil.example/", "host=mastodon.example"]) {
      expect((await run([...mastodon, "--variable", value])).status).toBe(1);
    }
    await expectUntouched();
    const { status, output } = await run([...mastodon, "--variable", "instance=mastodon.example"]);
    expect(status).toBe(0);
    expect(output).toContain("https://mastodon.example/");
    expect((await readJson("services.json")).Mastodon).toEqual({
      variables: { instance: "mastodon.example" },
      client_id: clientId,
    });
    expect((await run(mastodon)).status).toBe(0);
  });

  test("a service without client authentication needs no secret", async () => {
    const { status } = await run([...forge, "--auth-method", "none", "--client-id", clientId, "--yes"]);
    expect(status).toBe(0);
    expect(await readdir(directory)).toEqual(["services.json"]);
  });

  test("--dry-run shows the change with the secret masked, and writes nothing", async () => {
    const { status, output } = await run([...github, "--dry-run"]);
    expect(status).toBe(0);
    expect(output).toContain(`services.json   Github.client_id = "${clientId}"   (was "YOUR_GITHUB_CLIENT_ID")`);
    expect(output).toContain('.secret.json    Github.client_secret = "••••••••"');
    await expectUntouched();
    expect((await run(["github", "--client-id", clientId, "--dry-run"])).status).toBe(0);
    await expectUntouched();
  });

  test("--store none leaves the secret for later, and says how to set it", async () => {
    const { output } = await run(["github", "--client-id", clientId, "--store", "none", "--yes"]);
    expect(output.trimEnd().split("\n").at(-1)).toContain("set GITHUB_CLIENT_SECRET");
    expect(await readdir(directory)).toEqual(["services.json"]);
  });

  test("--open opens the page of the catalogue", async () => {
    expect((await run([...github, "--dry-run", "--open"])).opened).toEqual(["https://github.com/settings/developers"]);
    expect((await run([...github, "--dry-run"])).opened).toEqual([]);
  });

  test("the address: --url, then URL, then the linked site's, then a placeholder", async () => {
    const flags = ["github", "--client-id", clientId, "--dry-run"];
    const runNetlify: NetlifyRunner = async () => ({ status: 0, output: '{"ssl_url": "https://linked.example"}' });
    expect((await run(flags)).output).toContain("YOUR_PROVIDER_URL/callback/github");
    await mkdir(join(directory, ".netlify"));
    await writeFile(join(directory, ".netlify/state.json"), '{ "siteId": "0-1-2" }');
    expect((await run(flags, { runNetlify })).output).toContain("https://linked.example/callback/github");
    expect((await run(flags, { env: { URL: "https://env.example" } })).output).toContain(
      "https://env.example/callback/github",
    );
    expect((await run([...flags, "--url", `${url}/`], { env: { URL: "https://env.example" } })).output).toContain(
      `${url}/callback/github`,
    );
  });
});

describe("refused, with nothing written", () => {
  test.each<[string, string[], string]>([
    ["no service", github.slice(1), "<service>"],
    ["no client ID", ["github", "--client-secret-stdin"], "--client-id"],
    ["no secret", ["github", "--client-id", clientId], "--client-secret-stdin"],
    ["an unknown flag", [...github, "--clientid", "x"], "--clientid"],
    ["two services", ["gitlab", ...github], "Name only one service"],
    ["[A10] the client ID and the secret as further words", ["github", clientId, secret], "replace it at the service"],
    ["[A10] the secret after the service", ["github", secret], "replace it at the service"],
    ["[A10] the secret instead of the service", [secret, ...github.slice(1)], "has no service of this name"],
    ["a secret on the command line", ["github", "--client-secret", secret], "--client-secret-stdin"],
    ["a secret on the command line", ["github", `--client-secret=${secret}`], "--client-secret-stdin"],
    ["an unknown service", ["vkontakte", ...github.slice(1)], "--authorization-endpoint and --token-endpoint"],
    [
      "a misspelled service",
      ["Googel", ...github.slice(1)],
      "Did you mean Google? Then run: npm run add-service -- google",
    ],
    ["a misspelled service, and nothing else", ["Googel"], "Did you mean Google?"],
    [
      "half a service",
      ["Forge", "--token-endpoint", "https://forge.example/token", ...github.slice(1)],
      "--authorization-endpoint",
    ],
    ["[A41] __proto__", ["__proto__", ...github.slice(1)], "reserves"],
    ["[A41] constructor", ["constructor", ...github.slice(1)], "reserves"],
    ["a name without a letter", ["--", "🙂"], "letter or digit"],
    [
      "a placeholder",
      ["github", "--client-id", "YOUR_CLIENT_ID", "--client-secret-stdin"],
      "--client-id is a placeholder",
    ],
    ["an empty client ID", ["github", "--client-id", "", "--client-secret-stdin"], "--client-id is missing"],
    [
      "a client ID with a line break",
      ["github", "--client-id", "a\nb", "--client-secret-stdin"],
      "--client-id contains",
    ],
    ["spaces around the client ID", ["github", "--client-id", " a", "--client-secret-stdin"], "spaces around it"],
    ["an unknown store", [...github, "--store", "cloud"], "file, netlify or none"],
    ["a site that is not linked", [...github, "--store", "netlify"], "netlify link"],
    ["an unknown method", [...github, "--auth-method", "magic"], "token_endpoint_auth_method"],
    ["a scope with a quotation mark", [...github, "--scopes", 'a"b'], "default_scopes"],
    ["an http endpoint", [...github, "--token-endpoint", "http://github.com/token"], "https"],
    [
      "an endpoint on this computer",
      [...github, "--token-endpoint", "http://localhost/token"],
      "local development only",
    ],
    ["a mistyped endpoint", [...github, "--token-endpoint", "https//github.com/token"], "is not a URL"],
    [
      "an endpoint with credentials",
      [...github, "--token-endpoint", "https://me:pw@github.com/token"],
      "user name or password",
    ],
    ["an address without a scheme", ["github", "--url", "auth.example.com"], "Did you mean https://auth.example.com?"],
    ["an address with a path", ["github", "--url", `${url}/callback`], `Write ${url}`],
    [
      "[A15] the address of a preview",
      ["github", "--url", "https://deploy-preview-1--x.netlify.app"],
      "https://x.netlify.app",
    ],
  ])("%s: %j", async (_name, argv, advice) => {
    const { status, output } = await run(
      argv.includes("--") ? ["--yes", "--client-id", "x", "--store", "none", ...argv] : [...argv, "--yes"],
    );
    expect(output).toContain(advice);
    expect(status).toBe(1);
    await expectUntouched();
  });

  test("without --yes, where nobody can be asked", async () => {
    const { status, output } = await run(github);
    expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining("--yes") });
    await expectUntouched();
  });

  test.each(["", "\n", "short", "YOUR_GITHUB_CLIENT_SECRET", `${secret}\n${secret}`, ` ${secret}`])(
    "the secret %j",
    async (text) => {
      const { status, output } = await run([...github, "--yes"], { readStandardInput: async () => text });
      expect(output).toContain("The client secret from standard input");
      expect(status).toBe(1);
      await expectUntouched();
    },
  );

  test.each([
    ['{ "Github": { "client_id": "x", } }', "not valid JSON: line 1"],
    ["[]", "services.json"],
    ['{ "Forge": { "client_idd": "x" } }', 'Did you mean "client_id"?'],
    ['{ "Github": {}, "github": {} }', "the same service"],
    ['{ "__proto__": { "client_id": "x" } }', "reserves"],
    ['{ "Github": "x" }', "Github"],
  ])("a services.json that is %s stays as it is", async (text, advice) => {
    await writeFile(join(directory, "services.json"), text);
    const { status, output } = await run([...github, "--yes"]);
    expect(output).toContain(advice);
    expect(status).toBe(1);
    expect(await read("services.json")).toBe(text);
    expect(await readdir(directory)).toEqual(["services.json"]);
  });

  test("a broken .secret.json stays as it is, and is not quoted", async () => {
    const text = `{ "Github": { "client_secret": ${secret} } }`;
    await writeFile(join(directory, ".secret.json"), text);
    const { status, output } = await run([...github, "--yes"]);
    expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining(".secret.json") });
    expect(await read(".secret.json")).toBe(text);
    expect(await read("services.json")).toBe(owners);
  });

  test.each(["services.json", ".secret.json"])(
    "a %s in Latin-1 keeps its letters, and its line is named",
    async (file) => {
      const bytes = Buffer.from('{\n  "Github": {\n    "name": "Geh\u00e4use"\n  }\n}\n', "latin1");
      await writeFile(join(directory, file), bytes);
      const { status, output } = await run([...github, "--yes"]);
      expect({ status, output }).toEqual({ status: 1, output: expect.stringMatching(/is not saved as UTF-8: line 3/) });
      expect(await readFile(join(directory, file))).toEqual(bytes);
    },
  );

  test("no services.json", async () => {
    await rm(join(directory, "services.json"));
    const { status, output } = await run([...github, "--yes"]);
    expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining("services.json") });
  });
});

// ------------------------------------------------------------------------------------------------------------- prompts

/**
 * Finds the answer by the beginning of the question. If an answer is refused, the reason is recorded and the next
 * answer is tried.
 */
function answers(script: Record<string, string | boolean | undefined | (string | boolean)[]>) {
  const asked: string[] = [];
  const refused: string[] = [];
  const answer = (message: string): unknown => {
    asked.push(message);
    const key = Object.keys(script).find((start) => message.startsWith(start));
    if (key === undefined) throw new Error(`Nobody expected the question: ${message}`);
    const value = script[key];
    if (value === "ctrl-c") throw new CancelledError();
    return Array.isArray(value) ? value.shift() : value;
  };
  const typed = (message: string, validate: (value: string) => string | undefined): string => {
    for (;;) {
      const value = answer(message) as string;
      const invalid = validate(value);
      if (invalid === undefined) return value;
      refused.push(invalid);
    }
  };
  const prompts: ServicePrompts = {
    pickService: async (services) => {
      expect(services.map(({ id }) => id)).toEqual(expect.arrayContaining(["github", "airtable"]));
      return answer("pick") as string | undefined;
    },
    text: async ({ message, validate }) => typed(message, validate),
    secret: async ({ message, validate }) => typed(message, validate),
    choose: async (message) => answer(message) as never,
    confirm: async (message) => answer(message) as boolean,
  };
  return { prompts, asked, refused };
}

describe("with questions", () => {
  test("a misspelled name does not become a service of the owner's own", async () => {
    const { prompts, asked } = answers({});
    const { status, output } = await run(["Gihtub"], { prompts });
    expect({ status, asked }).toEqual({ status: 1, asked: [] });
    expect(output).toContain("Did you mean GitHub?");
    await expectUntouched();
  });

  test("a service of the catalogue, from the list to the files", async () => {
    const { prompts, asked, refused } = answers({
      pick: "github",
      "What is your provider's address": ["auth.example.com", url],
      "Where should the client secret": "file",
      "Client ID": ["YOUR_CLIENT_ID", clientId],
      "Client secret": ["short", secret],
      "Write this?": true,
    });
    const { status, output } = await run(["--no-probe"], { prompts });
    expect(status).toBe(0);
    expect(refused).toHaveLength(3);
    expect(asked.at(-1)).toBe("Write this?");
    expect(output).toContain(`${url}/callback/github`);
    expect((await readJson("services.json")).Github).toEqual({ client_id: clientId });
    expect(await readJson(".secret.json")).toEqual({ Github: { client_secret: secret } });
  });

  test("what the service's form accepts and what stands in the way is shown before anything is typed", async () => {
    const shown: string[] = [];
    const { prompts } = answers({ pick: "spotify" });
    const typing = async (): Promise<never> => {
      const output = stripVTControlCharacters(shown.join("\n"));
      expect(output).toContain("https://developer.spotify.com/dashboard");
      expect(output).toMatch(
        /Redirect URIs +several per app; exactly as registered; https only, except http:\/\/127\.0\.0\.1/,
      );
      expect(output).toContain("no http://localhost");
      expect(output).toContain("! You need a paid account.");
      expect(output).toContain(
        "! Until the service has reviewed your app, only you and a limited number of people can log in.",
      );
      expect(output).toContain("at most five users");
      throw new CancelledError();
    };
    const { status } = await run([], {
      prompts: { ...prompts, text: typing, secret: typing, choose: typing },
      print: (text) => shown.push(text),
    });
    expect(status).toBe(1);
    expect(shown.at(-1)).toBe("Nothing was changed.");
    await expectUntouched();
  });

  test("the list is searched by id, name, key and address, and says what stands in the way", () => {
    const listed = listCatalogue();
    const found = (search: string) =>
      listed.filter((service) => matches(search, searchTextOf(service))).map(({ id }) => id);
    expect(found("tiktok")).toEqual(["tiktok"]);
    expect(found("Tik Tok")).toEqual(["tiktok"]);
    expect(found("huggingface")).toEqual(found("Hugging Face"));
    expect(found("launchpad.37signals")).toEqual(["basecamp"]);
    // Others have their documentation there.
    expect(found("gith")).toEqual(["github", "github-enterprise"]);
    expect(found("sign in slack")).toEqual(["slack-openid"]);
    expect(found("nothing like it")).toEqual([]);
    expect(found("  ")).toHaveLength(listed.length);
    expect(listed.find(({ id }) => id === "reddit")!.hint).toContain("must approve your app");
  });

  test("a service that is described by hand, checked by the schema's own words", async () => {
    const { prompts, refused } = answers({
      pick: undefined,
      "What is the service called": ["__proto__", "GITLAB", "github", "Forge"],
      "Authorization endpoint": ["http://forge.example/authorize", "https://forge.example/authorize"],
      "Token endpoint": ["forge.example/token", "https://forge.example/token"],
      "How does the provider authenticate": "client_secret_basic",
      "Scopes to request": ['a"b', "profile email"],
      "What is your provider's address": "",
      "Where should the client secret": "none",
      "Client ID": clientId,
      "Write this?": true,
    });
    const { status, output } = await run(["--no-probe"], { prompts });
    expect(refused.map((message) => message.slice(0, 60))).toEqual([
      expect.stringContaining("reserves"),
      expect.stringContaining("choose it from the list"),
      expect.stringContaining("choose it from the list"),
      expect.stringContaining("is not an https URL"),
      expect.stringContaining("is not a URL"),
      expect.stringContaining("is not a scope"),
    ]);
    expect(status).toBe(0);
    expect(output).toContain("YOUR_PROVIDER_URL/callback/forge");
    expect((await readJson("services.json")).Forge).toEqual({
      authorization_endpoint: "https://forge.example/authorize",
      token_endpoint: "https://forge.example/token",
      token_endpoint_auth_method: "client_secret_basic",
      default_scopes: ["profile", "email"],
      client_id: clientId,
    });
  });

  test("[A12] for a service that runs on many hosts, the host is asked for", async () => {
    const { prompts, refused } = answers({
      pick: "mastodon",
      "Mastodon runs on many hosts": ["evil.example/x", "mastodon.example"],
      "Where should the client secret": "none",
      "Client ID": clientId,
      "Write this?": true,
    });
    expect((await run(["--url", url, "--no-probe"], { prompts })).status).toBe(0);
    expect(refused).toEqual([expect.stringContaining("does not look like")]);
    expect((await readJson("services.json")).Mastodon).toMatchObject({
      variables: { instance: "mastodon.example" },
    });
  });

  test("a name that differs only by case from one that is there is refused", async () => {
    await writeFile(
      join(directory, "services.json"),
      '{ "Forge": { "token_endpoint": "https://forge.example/token", "madata": true } }',
    );
    const { prompts, refused } = answers({ pick: undefined, "What is the service called": ["FORGE", "ctrl-c"] });
    await expect(
      run([], {
        prompts: {
          ...prompts,
          text: async (question) => {
            const value = await prompts.text(question).catch(() => {
              throw new CancelledError();
            });
            if (value === "ctrl-c") throw new CancelledError();
            return value;
          },
        },
      }),
    ).resolves.toMatchObject({ status: 1 });
    expect(refused[0]).toContain('services.json already has "Forge"');
  });

  test.each([
    ["the list", { pick: "ctrl-c" }],
    ["the secret", { pick: "github", Where: "file", "Client ID": clientId, "Client secret": "ctrl-c" }],
    [
      "the last question",
      { pick: "github", Where: "file", "Client ID": clientId, "Client secret": secret, "Write this?": "ctrl-c" },
    ],
    [
      "the last question, by No",
      { pick: "github", Where: "file", "Client ID": clientId, "Client secret": secret, "Write this?": false },
    ],
  ])("giving up at %s changes nothing", async (_name, script) => {
    const { status, output } = await run(["--url", url], { prompts: answers(script).prompts });
    expect(status).toBe(1);
    expect(output).toContain("Nothing was changed.");
    await expectUntouched();
  });

  test("flags answer questions; --yes asks none", async () => {
    const { prompts, asked } = answers({ "Write this?": true });
    expect((await run([...github, "--no-probe"], { prompts })).status).toBe(0);
    expect(asked).toEqual(["Write this?"]);
    expect((await run([...github, "--yes"], { prompts })).status).toBe(0);
    expect(asked).toEqual(["Write this?"]);
    expect((await run(["--yes"], { prompts })).status).toBe(1);
  });

  test.each(["services.json", ".secret.json"])(
    "what somebody else wrote to %s meanwhile is not overwritten",
    async (file) => {
      const { prompts } = answers({ "Write this?": true });
      const confirm = async (): Promise<boolean> => {
        await writeFile(join(directory, file), "{}");
        return true;
      };
      const { status, output } = await run([...github, "--no-probe"], { prompts: { ...prompts, confirm } });
      const reason = `${file} has changed in the meantime`;
      expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining(reason) });
      expect(await read(file)).toBe("{}");
    },
  );
});

// ------------------------------------------------------------------------------------------------------------- Netlify

describe("[A11] the secret as an environment variable at Netlify", () => {
  beforeEach(async () => {
    await mkdir(join(directory, ".netlify"));
    await writeFile(join(directory, ".netlify/state.json"), '{ "siteId": "0-1-2" }');
  });
  const withNetlify = [...github, "--store", "netlify", "--yes"];
  const variable = ["--", "GITHUB_CLIENT_SECRET", secret];
  const flags = ["--context", "production", "--secret", "--force"];

  function netlify(...statuses: number[]) {
    const calls: string[][] = [];
    const runNetlify: NetlifyRunner = async (args) => {
      calls.push(args);
      return { status: statuses.shift()!, output: `it says ${secret}` };
    };
    return { calls, runNetlify };
  }

  test("for functions of the production deploy only, and in no file", async () => {
    const { calls, runNetlify } = netlify(0);
    const { status, output } = await run(withNetlify, { runNetlify });
    expect(calls).toEqual([["env:set", "--scope", "functions", ...flags, ...variable]]);
    expect(status).toBe(0);
    expect(output).toContain("ready: GitHub");
    expect((await readdir(directory)).sort()).toEqual([".netlify", "services.json"]);
    expect((await readJson("services.json")).Github).toEqual({ client_id: clientId });
  });

  test("where scopes cannot be set it is production at least, and is said", async () => {
    const { calls, runNetlify } = netlify(1, 0);
    const { output } = await run(withNetlify, { runNetlify });
    expect(calls[1]).toEqual(["env:set", ...flags, ...variable]);
    expect(output).toContain("not limited to functions");
  });

  test("if Netlify refuses, no file has changed", async () => {
    const { runNetlify } = netlify(1, 1);
    const { status, output } = await run(withNetlify, { runNetlify });
    expect(status).toBe(1);
    expect(output).toContain("nothing was written");
    expect((await readdir(directory)).sort()).toEqual([".netlify", "services.json"]);
    expect(await read("services.json")).toBe(owners);
  });

  test("--dry-run asks Netlify for nothing", async () => {
    const { output } = await run([...github, "--store", "netlify", "--dry-run"]);
    expect(output).toContain("GITHUB_CLIENT_SECRET = ••••••••");
  });

  test("the CLI gets the value as its argument, and the list of processes does not show it", async () => {
    const program = join(directory, "cli.mjs");
    await writeFile(
      program,
      `import { readFileSync } from "node:fs";
       const visible = process.platform === "linux" ? readFileSync("/proc/self/cmdline", "latin1") : "";
       const inherited = JSON.stringify(process.env);
       console.log(JSON.stringify({ argv: process.argv.slice(1), visible, inherited, ci: process.env.CI }));
       if (process.argv.includes("--scope")) process.exit(3);`,
    );
    const env = { PATH: process.env.PATH };
    const runCli = netlifyRunner({ directory, env, commandLineInterface: program });
    const seen: { status: number; output: string }[] = [];
    const recording: NetlifyRunner = async (args) => {
      const answer = await runCli(args);
      seen.push(answer);
      return answer;
    };
    expect(await setSecretVariable(recording, "GITHUB_CLIENT_SECRET", `-${secret}`)).toBe("production");
    expect(seen.map(({ status }) => status)).toEqual([3, 0]);
    const { argv, visible, inherited, ci } = JSON.parse(seen[1]!.output) as {
      argv: string[];
      visible: string;
      inherited: string;
      ci: string;
    };
    expect(argv).toEqual([program, "env:set", ...flags, "--", "GITHUB_CLIENT_SECRET", `-${secret}`]);
    expect(visible + inherited).not.toContain(secret);
    // With CI=true, the Netlify CLI sends no telemetry, which would include the arguments.
    expect(ci).toBe("true");
  });
});

// -------------------------------------------------------------------------------------- the script on the command line

/** Copies the project into an owner's folder, so that the script runs as with `npm run add-service`. */
async function copyForScripts(): Promise<string> {
  const copy = join(directory, "copy");
  await mkdir(copy);
  await writeFile(join(copy, "services.json"), owners);
  for (const part of ["scripts", "netlify", "server", "shared", "catalogue", "package.json"])
    cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
  await symlink(join(PROJECT, "node_modules"), join(copy, "node_modules"));
  return copy;
}

const NODE = join(PROJECT, "node_modules/.bin/node");
const script = (copy: string) => join(copy, "scripts/add-service.ts");

describe("the script itself", () => {
  const environment = { PATH: process.env.PATH, HOME: tmpdir(), NO_COLOR: "1" };

  function call(copy: string, argv: string[], input: string) {
    return spawnSync(NODE, [script(copy), ...argv], { cwd: copy, env: environment, input, encoding: "utf8" });
  }

  test("pipes, exit status, and nothing of the secret in what it prints", async () => {
    const copy = await copyForScripts();
    expect(call(copy, ["--help"], "").stdout).toContain("--client-secret-stdin");
    const missing = call(copy, ["github"], "");
    expect({ status: missing.status, output: missing.stdout }).toEqual({
      status: 1,
      output: expect.stringContaining("--client-id"),
    });

    const { status, stdout, stderr } = call(copy, [...github, "--yes"], `${secret}\r\n`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).not.toContain(secret);
    expect(JSON.parse(await readFile(join(copy, ".secret.json"), "utf8"))).toEqual({
      Github: { client_secret: secret },
    });
  });

  test.skipIf(!hasPseudoTerminal)("in a terminal: searched, typed, and the secret never on the screen", async () => {
    const copy = await copyForScripts();
    const typed = "qXwJzVkYqUxZvKjWzYqX";
    const steps: [string, string][] = [
      ["Type to search", "gith"],
      ["● GitHub", "\r"],
      ["Where should the client secret", "\r"],
      ["Client ID of your OAuth app", `${clientId}\r`],
      ["Client secret", `${typed}\r`],
      ["Write this?", "\r"],
    ];
    const screen = await inPseudoTerminal([NODE, script(copy), "--url", url, "--no-probe"], copy, steps);
    expect(screen).toContain("Written.");
    expect(screen).toContain("ready: GitHub");
    for (let start = 0; start + 3 <= typed.length; start += 1)
      expect(screen).not.toContain(typed.slice(start, start + 3));
    expect(JSON.parse(await readFile(join(copy, ".secret.json"), "utf8"))).toEqual({
      Github: { client_secret: typed },
    });
  });

  test.skipIf(!hasPseudoTerminal)("in a terminal: Ctrl-C changes nothing", async () => {
    const copy = await copyForScripts();
    const screen = await inPseudoTerminal([NODE, script(copy), "github", "--url", url], copy, [
      ["Where should", "\u0003"],
    ]);
    expect(screen).toContain("Nothing was changed.");
    expect(await readFile(join(copy, "services.json"), "utf8")).toBe(owners);
  });

  const givenFirst = ["github", "--url", url];
  test.skipIf(!hasPseudoTerminal).each<[question: string, argv: string[]]>([
    ["Type to search", ["--url", url]],
    ["What is your provider's address", ["github"]],
    ["Where should", givenFirst],
    ["Client ID of your OAuth app", [...givenFirst, "--store", "none"]],
    ["Client secret", [...givenFirst, "--store", "file", "--client-id", clientId]],
    ["Write this?", [...givenFirst, "--store", "none", "--client-id", clientId]],
  ])("in a terminal: Ctrl-D at %j changes nothing", async (question, argv) => {
    const copy = await copyForScripts();
    const screen = await inPseudoTerminal([NODE, script(copy), ...argv], copy, [[question, "\u0004"]]);
    expect(screen).toContain("Nothing was changed.");
    expect(screen).not.toMatch(/unsettled|^ +at /m);
    expect(await readFile(join(copy, "services.json"), "utf8")).toBe(owners);
  });
});

test("the verdict includes what the service says about the secret", async () => {
  const { origin, stop } = await startLocalServer((_, response) =>
    response.writeHead(401, { "content-type": "application/json" }).end('{"error":"invalid_client"}'),
  );
  const original = globalThis.fetch;
  // services.json may not contain loopback addresses, so requests to the service are redirected to this server here.
  globalThis.fetch = (input, init) => original(String(input).replace("https://forge.example", origin), init);
  try {
    const forge = [
      "Forge",
      "--authorization-endpoint",
      "https://forge.example/authorize",
      "--token-endpoint",
      "https://forge.example/token",
    ];
    const { status, output } = await run([...forge, ...github.slice(1), "--yes", "--probe"]);
    expect(output).toContain("Forge rejects the client ID or the client secret");
    expect(output).toContain("Next: follow the arrows above");
    expect(status).toBe(1);
  } finally {
    globalThis.fetch = original;
    await stop();
  }
});
