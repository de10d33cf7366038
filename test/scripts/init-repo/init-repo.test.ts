import { chmod, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { PROJECT } from "../../../scripts/files/project.ts";
import { gitIn } from "../../../scripts/git/git.ts";
import type { CommandContext } from "../../../scripts/git/repository-command.ts";
import { findTemplateAddress } from "../../../scripts/git/template.ts";
import { initRepo } from "../../../scripts/init-repo.ts";
import { findSecretFiles } from "../../../scripts/secrets/secret-files.ts";
import {
  type Bench,
  type Copy,
  commitAll,
  copyFolder,
  createWorld,
  editAsOwner,
  editJson,
  editLine,
  everyByte,
  everythingOf,
  GIT_ENVIRONMENT,
  git,
  makeCopy,
  openBench,
  read,
  rewriteHistory,
  succeeds,
  type Template,
  write,
} from "../../tools/repositories.ts";

Object.assign(process.env, GIT_ENVIRONMENT);

let bench: Bench;
let template: Template;

beforeAll(async () => {
  bench = await openBench();
  template = await bench.template("2.0.0");
});

const at = (number: number): string => template.commits[number - 1] ?? "";

async function init(directory: string, ...args: string[]) {
  const world = createWorld(directory);
  const exitCode = await initRepo(["--template", template.directory, "--yes", ...args], world);
  return { exitCode, output: world.output() };
}

/** A linked copy, made with "Use this template" at commit 12. */
async function linkedCopy(): Promise<Copy> {
  const made = await bench.once("linked", async () => {
    const copy = await makeCopy(bench, template, "Use this template", 12);
    await init(copy.directory);
    return copy;
  });
  const copy = { directory: bench.path("copy"), origin: bench.path("origin.git") };
  copyFolder(made.directory, copy.directory);
  copyFolder(made.origin, copy.origin);
  await git(copy.directory, "config", "remote.origin.url", copy.origin);
  return copy;
}

/** The template's commit at which the histories were joined. */
const joint = (directory: string): Promise<string> => git(directory, "rev-parse", "HEAD^2");

describe("the copy's commit in the template's history", () => {
  test.each([1, 13, 24])('a copy by "Use this template" at commit %i: found by its equal tree', async (number) => {
    const { directory, origin } = await makeCopy(bench, template, "Use this template", number);
    await editAsOwner(directory);
    await commitAll(directory, "My settings");
    const before = await everythingOf(directory);
    const sent = await everythingOf(origin);

    const { exitCode, output } = await init(directory);

    expect(exitCode).toBe(0);
    expect(await joint(directory)).toBe(at(number));
    expect(output).toContain(`Your copy was made from the template's commit ${at(number).slice(0, 7)}`);
    expect(output).toContain("its files are equal to those of your copy");
    expect(output).toMatch(/Next: npm run update-repo$/);
    const after = await everythingOf(directory);
    expect({ ...after, refs: "", config: "" }).toEqual({ ...before, refs: "", config: "" });
    expect(await git(directory, "rev-parse", "HEAD^1^{tree}")).toBe(await git(directory, "rev-parse", "HEAD^{tree}"));
    expect(await everythingOf(origin)).toEqual(sent);
  });

  test.each([3, 20])("a copy by degit at commit %i, in a folder that is no repository", async (number) => {
    const { directory } = await makeCopy(bench, template, "degit", number);
    const before = await everyByte(directory);

    const { exitCode, output } = await init(directory);

    expect(exitCode).toBe(0);
    expect(await joint(directory)).toBe(at(number));
    expect(output).toContain("The first commit contains all files");
    expect(await everyByte(directory, (name) => name.startsWith(".git/"))).toEqual(before);
    expect(await git(directory, "status", "--porcelain")).toBe("");
  });

  test("edits before the first commit: the nearest, and why", async () => {
    const { directory } = await makeCopy(bench, template, "degit", 16);
    await editAsOwner(directory);

    const { output } = await init(directory);

    const files = (await git(template.directory, "ls-tree", "-r", "--name-only", at(16))).split("\n").length;
    expect(await joint(directory)).toBe(at(16));
    const nearest = String.raw`no commit has equal files.* most similar: 6 of its ${files} files differ \(\S+, \S+, \S+, …\)`;
    expect(output).toMatch(new RegExp(nearest));
  });

  test("of equally near commits, the one with the nearest lines", async () => {
    // Commits 6 and 7 differ only in README.md. The owner's README.md equals neither version.
    const { directory } = await makeCopy(bench, template, "degit", 6);
    await editLine(directory, "README.md", 20, "Mine.");

    await init(directory);

    expect(await joint(directory)).toBe(at(6));
  });

  test("edits in many commits, after a first commit that has no template in it", async () => {
    const { directory } = await makeCopy(bench, template, "degit", 10);
    await git(directory, "init", "--quiet", "--initial-branch=main");
    await git(directory, "commit", "--quiet", "--allow-empty", "--message", "Empty");
    await editLine(directory, "README.md", 1, "Mine.");
    await commitAll(directory, "Copied");
    for (const path of ["netlify.toml", "LICENSE", "public/index.html", "server/upstream/redeem.ts"]) {
      await write(directory, path, "All my own.\n");
      await commitAll(directory, `Own ${path}`);
    }

    await init(directory);

    expect(await joint(directory)).toBe(at(10));
  });

  test("--base: the owner knows better", async () => {
    const { directory } = await makeCopy(bench, template, "Use this template", 12);

    const { output } = await init(directory, "--base", at(9).slice(0, 10));

    expect(await joint(directory)).toBe(at(9));
    expect(output).toContain("you named it");
  });

  test.each(["clone", "fork"] as const)("a %s shares its history: nothing to join", async (way) => {
    const { directory } = await makeCopy(bench, template, way, 12);
    await editAsOwner(directory);
    await commitAll(directory, "My settings");
    const head = await git(directory, "rev-parse", "HEAD");

    const { exitCode, output } = await init(directory);

    expect(exitCode).toBe(0);
    expect(output).toContain("already shares its history");
    expect(await git(directory, "rev-parse", "HEAD")).toBe(head);
    expect(output.includes('The remote "origin" is the template itself')).toBe(way === "clone");
  });

  test("a squashed pull request lost the join: the message still names the commit", async () => {
    const { directory } = await linkedCopy();
    const message = await git(directory, "log", "-1", "--format=%B");
    await git(directory, "reset", "--quiet", "--hard", "HEAD^1");
    await write(directory, "README.md", "Unlike any.\n");
    const squashed = `Squashed (#1)\n\n* ${message}\n\n* Another\n\nMore.`;
    await git(directory, "commit", "--quiet", "--all", "--message", squashed);

    const { output } = await init(directory);

    expect(await joint(directory)).toBe(at(12));
    expect(output).toContain("your history names it");
  });

  test("a rewritten template: the same state in its new history", async () => {
    const { directory } = await linkedCopy();
    const rewritten = await bench.template("2.0.0");
    rewriteHistory(rewritten);

    const { exitCode, output } = await init(directory, "--template", rewritten.directory);

    expect(exitCode).toBe(0);
    expect(output).toContain("the template's history was rewritten");
    expect(await git(directory, "log", "-1", "--format=%s", "HEAD^2")).toBe("Gitlab");
    expect(await succeeds(rewritten.directory, "cat-file", "-e", await joint(directory))).toBe(true);
  });
});

describe("the remote", () => {
  test("only fetches: a push to the template fails, whatever it is asked for", async () => {
    const { directory } = await linkedCopy();
    const before = await everyByte(template.directory);

    const attempts = ["template", "template main", "template HEAD:refs/heads/x", "--all template", "--mirror template"];
    for (const attempt of attempts) expect(await succeeds(directory, "push", ...attempt.split(" "))).toBe(false);

    expect(await everyByte(template.directory)).toEqual(before);
    expect(await git(directory, "config", "remote.template.tagOpt")).toBe("--no-tags");
    expect(await succeeds(directory, "fetch", "template")).toBe(true);
  });

  test("again changes nothing", async () => {
    const { directory } = await linkedCopy();
    const before = await everythingOf(directory);

    const { exitCode, output } = await init(directory);

    expect(exitCode).toBe(0);
    expect(output).toContain("already shares its history");
    expect(await everythingOf(directory)).toEqual(before);
  });

  test("its address: flag, environment, the remote there is, package.json", async () => {
    const { directory } = await makeCopy(bench, template, "Use this template", 12);
    const found = async (flag?: string, variable?: string): Promise<string> => {
      const env = variable === undefined ? {} : { AUTH_PROVIDER_TEMPLATE: variable };
      const address = await findTemplateAddress(
        { template: flag },
        { ...createWorld(directory), env },
        gitIn(directory),
      );
      return address.repository;
    };

    await editJson(directory, "package.json", ["template", "repository"], template.directory);
    expect(await initRepo([], createWorld(directory))).toBe(0);
    expect(await git(directory, "config", "remote.template.url")).toBe(template.directory);
    await git(directory, "config", "remote.template.url", "/the/remote");
    expect(await found()).toBe("/the/remote");
    expect(await found(undefined, "/the/variable")).toBe("/the/variable");
    expect(await found("/the/flag", "/the/variable")).toBe("/the/flag");
  });

  test("its address, where package.json names none: the remote of a fork, or the owner, who is asked once", async () => {
    const { directory } = await makeCopy(bench, template, "Use this template", 12);
    const questions: string[] = [];
    const ask = async (question: string) => (questions.push(question), template.directory);
    expect(await initRepo(["--yes"], createWorld(directory, { ask }))).toBe(1);
    expect(await initRepo([], createWorld(directory, { ask: async () => "" }))).toBe(1);
    expect(questions).toEqual([]);
    expect(await initRepo([], createWorld(directory, { ask }))).toBe(0);
    expect(await initRepo([], createWorld(directory, { ask }))).toBe(0);
    expect(questions).toEqual([expect.stringContaining("What is the template's address?")]);

    const fork = await makeCopy(bench, template, "fork", 12);
    await git(fork.directory, "remote", "add", "upstream", template.directory);
    expect(await initRepo([], createWorld(fork.directory, { ask }))).toBe(0);
    expect(questions).toHaveLength(1);
  });

  test("a package.json with a byte order mark, as npm accepts it, is read", async () => {
    const { directory } = await makeCopy(bench, template, "Use this template", 12);
    const named = JSON.stringify({ template: { repository: template.directory } });
    await write(directory, "package.json", `\uFEFF${named}`);
    expect(await initRepo(["--dry-run"], createWorld(directory))).toBe(0);
    await write(directory, "package.json", named.slice(1));
    const broken = createWorld(directory);
    expect(await initRepo(["--dry-run"], broken)).toBe(1);
    expect(broken.output()).toContain("package.json is not valid JSON");
  });

  test("a folder that degit has made has nowhere to be pushed to yet, and is told how", async () => {
    const { directory } = await makeCopy(bench, template, "degit", 12);
    const { output } = await init(directory);
    expect(output).toContain("git remote add origin");
    expect((await init((await makeCopy(bench, template, "Use this template", 12)).directory)).output).not.toContain(
      "remote add",
    );
  });
});

describe("a remote of that name that the owner has made", () => {
  const OWN = "https://git.example/mine/template.git";
  const addressOf = (directory: string): Promise<string> => git(directory, "remote", "get-url", "template");

  test("stays as it is, and the owner is told how to rename it", async () => {
    const { directory } = await makeCopy(bench, template, "Use this template", 12);
    await git(directory, "remote", "add", "template", OWN);
    const before = await everyByte(directory);

    const { exitCode, output } = await init(directory);

    expect([exitCode, output]).toEqual([
      1,
      expect.stringMatching(
        /already has a remote "template", which init-repo did not make: https:\/\/git\.example\/mine/,
      ),
    ]);
    expect(output).toContain("git remote rename template <name>");
    expect(await everyByte(directory)).toEqual(before);
    await git(directory, "remote", "rename", "template", "mine");
    expect((await init(directory)).exitCode).toBe(0);
    expect(await git(directory, "remote", "get-url", "mine")).toBe(OWN);
  });

  test("does not say where the template is, if package.json does", async () => {
    const { directory } = await makeCopy(bench, template, "Use this template", 12);
    await editJson(directory, "package.json", ["template", "repository"], template.directory);
    await git(directory, "remote", "add", "template", OWN);
    const world = createWorld(directory);
    expect(await initRepo([], world)).toBe(1);
    expect(world.output()).toContain("which init-repo did not make");
    expect(await addressOf(directory)).toBe(OWN);
  });

  test("is used if it is the template, unless it pushes elsewhere", async () => {
    const { directory } = await makeCopy(bench, template, "clone", 12);
    await git(directory, "remote", "add", "template", template.directory);
    await git(directory, "remote", "set-url", "--push", "template", OWN);
    expect((await init(directory)).exitCode).toBe(1);
    await git(directory, "config", "--unset", "remote.template.pushurl");
    expect((await init(directory)).exitCode).toBe(0);
  });
});

describe("what is not committed stays as it is", () => {
  test("uncommitted, staged and untracked changes, and the secrets", async () => {
    const { directory } = await makeCopy(bench, template, "Use this template", 12);
    await editLine(directory, "README.md", 3, "Staged.");
    await git(directory, "add", "README.md");
    await editLine(directory, "README.md", 4, "Not staged.");
    await rm(join(directory, "LICENSE"));
    await write(directory, ".secret.json", "{}\n");
    const before = await everythingOf(directory);

    const { exitCode } = await init(directory);

    expect(exitCode).toBe(0);
    expect({ ...(await everythingOf(directory)), refs: "", config: "" }).toEqual({ ...before, refs: "", config: "" });
  });

  test("[A10] the first commit of a folder leaves .secret.json out", async () => {
    const { directory } = await makeCopy(bench, template, "degit", 12);
    await write(directory, ".secret.json", '{"Github":{"client_secret":"real"}}\n');
    await write(directory, ".env", "GITHUB_CLIENT_SECRET=real\n");

    await init(directory);

    expect(await git(directory, "ls-files", "--", ".secret.json", ".env")).toBe("");
    expect(await read(directory, ".secret.json")).toContain("real");
    expect(await joint(directory)).toBe(at(12));
  });

  const SECRET_FILES: [path: string, text: string, what: string][] = [
    [".secret.json", '{"Github":{"client_secret":"real"}}\n', "client secrets"],
    ["sub/.secret.json", "{}\n", "client secrets"],
    [".secret.json.bak", "{}\n", "client secrets"],
    ["..secret.json.0123456789ab.tmp", "{}\n", "client secrets"],
    ["client_secret_12-ab.apps.googleusercontent.com.json", "{}\n", "client secrets"],
    ["old/services.json", '{"Github":{"client_secret":"9fK2mQ7xTzLw4RbN8vHd"}}\n', "client secrets"],
    [".env", "A=1\n", "environment variables"],
    [".env.local", "A=1\n", "environment variables"],
    ["deploy/.env.production", "A=1\n", "environment variables"],
    ["deploy/production.env", "A=1\n", "environment variables"],
    [".envrc", "export A=1\n", "environment variables"],
    [".dev.vars", "A=1\n", "environment variables"],
    ["certs/server.pem", "x\n", "keys"],
    ["certs/SERVER.KEY", "x\n", "keys"],
    ["store.p12", "x\n", "keys"],
    ["store.jks", "x\n", "keys"],
    ["ssh/id_rsa", "x\n", "a private key"],
    ["id_ed25519", "x\n", "a private key"],
    ["notes/anything.txt", `-----BEGIN OPENSSH PRIVATE KEY-----\n${"A".repeat(64)}\n`, "a private key"],
    [".npmrc", "//registry.npmjs.org/:_authToken=npm_0123456789\n", "a token of a package registry"],
    [".netrc", "machine a login b password c\n", "passwords"],
    ["sub/.netlify/state.json", "{}\n", "settings of this computer"],
    ["notes/todo.txt", "the secret is 4tYp-9fK2mQ7xTzLw4RbN8vHd\n", "a secret that you use here"],
    ["a file [with] * and ü.pem", "x\n", "keys"],
  ];
  const HARMLESS: [path: string, text: string][] = [
    [".env.example", "GITHUB_CLIENT_SECRET=\n"],
    ["sub/.npmrc", "save-exact=true\n//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n"],
    ["id_rsa.pub", "ssh-rsa AAAA\n"],
    ["docs/keys.md", "The line -----BEGIN PRIVATE KEY----- begins a private key.\n"],
    ["docs/secret.json", '{"Github":{"client_secret":"YOUR_SECRET"}}\n'],
    ["monkey.txt", "keyboard\n"],
  ];

  test("[A10] the first commit of a folder leaves out what looks like a secret, anywhere, and says which and why", async () => {
    const { directory } = await makeCopy(bench, template, "degit", 12);
    for (const [path, text] of [...SECRET_FILES, ...HARMLESS]) await write(directory, path, text);
    await write(directory, "ignored/.env", "A=1\n");
    await write(directory, ".gitignore", "node_modules/\n*.log\nignored/\n");
    const before = await everyByte(directory);
    const world = createWorld(directory, { env: { GITHUB_CLIENT_SECRET: "4tYp-9fK2mQ7xTzLw4RbN8vHd" } });

    expect(await initRepo(["--template", template.directory, "--yes"], world)).toBe(0);

    const committed = (await git(directory, "ls-tree", "-r", "--name-only", "-z", "HEAD")).split("\0");
    for (const [path, , what] of SECRET_FILES) {
      expect(committed).not.toContain(path);
      expect(world.output()).toContain(`  - ${path}: ${what}\n`);
    }
    for (const [path] of HARMLESS) expect(committed).toContain(path);
    expect(world.output()).not.toContain("ignored/.env");
    expect(world.output()).not.toContain("4tYp-9fK2mQ7xTzLw4RbN8vHd");
    expect(await joint(directory)).toBe(at(12));
    expect(await everyByte(directory, (name) => name.startsWith(".git/"))).toEqual(before);
  });

  test("[A10] nor does it take one that was added by hand before the first commit", async () => {
    const { directory } = await makeCopy(bench, template, "degit", 12);
    await git(directory, "init", "--quiet", "--initial-branch=main");
    await write(directory, "sub/.env.local", "A=1\n");
    await git(directory, "add", "--all");

    const { exitCode, output } = await init(directory);

    expect(exitCode).toBe(0);
    expect(output).toContain("  - sub/.env.local: environment variables");
    expect(await git(directory, "ls-files", "--", "sub")).toBe("");
    expect(await read(directory, "sub/.env.local")).toBe("A=1\n");
  });

  test("[A10] no file of the template looks like a secret", async () => {
    const paths = (await git(PROJECT, "ls-files", "-z"))
      .split("\0")
      .filter((path) => path !== "" && path !== ".secret.json");
    expect(await findSecretFiles(PROJECT, {}, paths)).toEqual([]);
  });

  test("a repository without a commit gets its first one", async () => {
    const { directory } = await makeCopy(bench, template, "degit", 12);
    await git(directory, "init", "--quiet", "--initial-branch=trunk");

    expect((await init(directory)).exitCode).toBe(0);
    expect(await git(directory, "symbolic-ref", "--short", "HEAD")).toBe("trunk");
    expect(await joint(directory)).toBe(at(12));
  });

  test("a folder inside a foreign repository gets one of its own", async () => {
    const outer = bench.path("outer");
    await git(bench.directory, "init", "--quiet", outer);
    const { directory } = await makeCopy(bench, template, "degit", 12);
    const inner = join(outer, "my-auth");
    await rename(directory, inner);

    expect((await init(inner)).exitCode).toBe(0);
    expect(await git(inner, "rev-parse", "--show-toplevel")).toBe(inner);
    expect(await git(outer, "log", "--all", "--oneline").catch(() => "")).toBe("");
  });
});

describe("a refusal says why, and changes no byte", () => {
  const used = (): Promise<{ directory: string; origin: string }> => makeCopy(bench, template, "Use this template", 12);

  async function refuses(directory: string, args: string[], reason: RegExp, changes: object = {}): Promise<void> {
    const before = await everyByte(directory);
    const world = createWorld(directory, changes);

    const exitCode = await initRepo(args, world);

    expect(exitCode).toBe(1);
    expect(world.output()).toMatch(reason);
    expect(world.output()).toContain("Nothing was changed.");
    expect(await everyByte(directory)).toEqual(before);
  }
  const linked = (): string[] => ["--template", template.directory, "--yes"];

  test("no template is named, or only the placeholder", async () => {
    const { directory } = await used();
    await refuses(
      directory,
      [],
      /address of the template is unknown[\s\S]*--template[\s\S]*AUTH_PROVIDER_TEMPLATE[\s\S]*package\.json/,
    );
  });

  test.each([
    ["no such address", "/nowhere/at/all.git", /could not be fetched/],
    ["no network", "https://template.invalid/auth-provider.git", /could not be fetched[\s\S]*Check your network/],
    ["an option for git", "--upload-pack=touch x", /is not the address/],
    ["a program for git", "ext::sh -c touch% x", /is not the address/],
  ])("%s", async (_name, address, reason) => {
    await refuses((await used()).directory, [`--template=${address}`], reason);
  });

  test("no such branch", async () => {
    await refuses((await used()).directory, [...linked(), "--branch", "nowhere"], /has no branch "nowhere"/);
  });

  test("an unrelated template", async () => {
    const unrelated = bench.path("unrelated");
    await git(bench.directory, "init", "--quiet", "--initial-branch=main", unrelated);
    await write(unrelated, "README.md", "Something else.\n");
    await commitAll(unrelated, "Begin");
    await refuses(
      (await used()).directory,
      ["--template", unrelated],
      /does not seem to be a copy of that template[\s\S]*--base/,
    );
  });

  test("an unknown --base", async () => {
    await refuses((await used()).directory, [...linked(), "--base", "0123456"], /has no commit 0123456/);
  });

  test("an unknown option", async () => {
    await refuses((await used()).directory, ["--tempalte", "x"], /--tempalte[\s\S]*--help/);
  });

  test("a detached head", async () => {
    const { directory } = await used();
    await git(directory, "checkout", "--quiet", "--detach");
    await refuses(directory, linked(), /detached HEAD/);
  });

  test("a merge in progress", async () => {
    const { directory } = await used();
    await git(directory, "checkout", "--quiet", "-b", "side");
    await git(directory, "commit", "--quiet", "--allow-empty", "--message", "Side");
    await git(directory, "checkout", "--quiet", "main");
    await git(directory, "merge", "--quiet", "--no-ff", "--no-commit", "side");
    await refuses(directory, linked(), /A merge is in progress/);
  });

  test("a shallow clone", async () => {
    const { origin } = await used();
    const directory = bench.path("shallow");
    await git(bench.directory, "clone", "--quiet", "--depth=1", `file://${origin}`, directory);
    await refuses(directory, linked(), /shallow[\s\S]*--unshallow/);
  });

  test("a folder of a larger repository", async () => {
    const { directory } = await used();
    await refuses(join(directory, "netlify"), linked(), /part of the repository/);
  });

  test("no consent to make the folder a repository", async () => {
    const { directory } = await makeCopy(bench, template, "degit", 12);
    const questions: string[] = [];
    const confirm = async (question: string): Promise<boolean> => (questions.push(question), false);
    await refuses(directory, ["--template", template.directory], /Only a repository with a commit/, { confirm });
    expect(questions).toEqual(["Make this folder a git repository and put all files into a first commit?"]);
  });

  test("git cannot sign the commit", async () => {
    const { directory } = await makeCopy(bench, template, "Use this template", 12);
    await git(directory, "config", "commit.gpgSign", "true");
    await git(directory, "config", "gpg.program", "false");
    const before = await everythingOf(directory);

    const { exitCode, output } = await init(directory);

    expect(exitCode).toBe(1);
    expect(output).toContain("git failed");
    expect(await everythingOf(directory)).toEqual(before);
  });

  test("a hook lets no first commit be made: the folder is no repository again", async () => {
    const { directory } = await makeCopy(bench, template, "degit", 12);
    const hooks = bench.path("hooks");
    await write(hooks, "pre-commit", "#!/bin/sh\nexit 1\n");
    await chmod(join(hooks, "pre-commit"), 0o755);
    const configuration = bench.path("gitconfig");
    await git(directory, "config", "--file", configuration, "core.hooksPath", hooks);
    process.env.GIT_CONFIG_GLOBAL = configuration;
    await refuses(directory, linked(), /git failed/);
    process.env.GIT_CONFIG_GLOBAL = "/dev/null";
  });

  test("--dry-run shows the plan", async () => {
    for (const way of ["Use this template", "degit", "clone"] as const) {
      const { directory } = await makeCopy(bench, template, way, 12);
      const before = await everyByte(directory);
      const { exitCode, output } = await init(directory, "--dry-run");
      expect(exitCode).toBe(0);
      expect(output).toContain(way === "clone" ? "already shares its history" : at(12).slice(0, 7));
      expect(output).toContain("nothing was changed");
      expect(await everyByte(directory)).toEqual(before);
    }
  });

  test("[A10] .secret.json in the history of a repository that everybody can read", async () => {
    const { directory, origin } = await used();
    await write(directory, ".secret.json", "{}\n");
    await commitAll(directory, "Secrets");
    const visibilityOf: CommandContext["visibilityOf"] = async (url) => (url === origin ? "public" : "private");
    await refuses(directory, linked(), /is in your repository, and a push to origin/, { visibilityOf });

    await git(directory, "push", "--quiet");
    await git(directory, "rm", "--quiet", ".secret.json");
    await commitAll(directory, "Gone, but not from the history");
    await refuses(directory, linked(), /in the history of origin .* which is public/, { visibilityOf });
    expect((await init(directory)).exitCode).toBe(0);
  });
});
