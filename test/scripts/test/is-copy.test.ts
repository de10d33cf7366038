import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { PROJECT } from "../../../scripts/files/project.ts";
import { isCopy } from "../../../scripts/git/is-copy.ts";
import { commitAll, editJson, GIT_ENVIRONMENT, git, read, write } from "../../tools/repositories.ts";

/** `npm test` runs the template's tests in the template, and checks the provider in a copy. */

Object.assign(process.env, GIT_ENVIRONMENT);

const TEMPLATE = "https://github.com/publisher/auth-provider.git";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "is-copy-"));
  for (const file of ["package.json", "services.json"]) await write(directory, file, await read(PROJECT, file));
  await editJson(directory, "package.json", ["template", "repository"], TEMPLATE);
});

async function makeRepository(): Promise<void> {
  await git(directory, "init", "--quiet", "--initial-branch=main");
  await commitAll(directory, "Initial commit");
}

describe("the template", () => {
  test("is a folder without git, as degit leaves it", async () => {
    expect(await isCopy(directory, {})).toBe(false);
  });

  test("is a clone, wherever it was cloned from", async () => {
    await makeRepository();
    await git(directory, "remote", "add", "origin", "/srv/mirrors/auth-provider.git");
    expect(await isCopy(directory, {})).toBe(false);
  });

  test.each(["publisher/auth-provider", "Publisher/Auth-Provider"])("is the repository %s on GitHub", async (name) => {
    await editJson(directory, "services.json", ["Github", "client_id"], "Ov23li0123456789abcd");
    expect(await isCopy(directory, { GITHUB_REPOSITORY: name })).toBe(false);
  });
});

describe("a copy", () => {
  test.each([
    ["another repository on GitHub", {}],
    ["a repository of the same name on another server", { GITHUB_SERVER_URL: "https://git.example.com" }],
  ])("is %s, although a checkout there has no remote of the template", async (_, server) => {
    const name = "GITHUB_SERVER_URL" in server ? "publisher/auth-provider" : "me/my-auth";
    expect(await isCopy(directory, { GITHUB_REPOSITORY: name, ...server })).toBe(true);
  });

  test("is told from the template by AUTH_PROVIDER_TEMPLATE, where package.json does not name that", async () => {
    await editJson(directory, "package.json", ["template", "repository"], "");
    expect(await isCopy(directory, { GITHUB_REPOSITORY: "me/my-auth" })).toBe(false);
    expect(await isCopy(directory, { GITHUB_REPOSITORY: "me/my-auth", AUTH_PROVIDER_TEMPLATE: TEMPLATE })).toBe(true);
  });

  test.each<[string, () => Promise<void>]>([
    [
      "has a client ID of its own",
      () => editJson(directory, "services.json", ["Github", "client_id"], "Ov23li01234567"),
    ],
    ["has secrets", () => write(directory, ".secret.json", "{}\n")],
    ["has a services.json with a mistake", () => write(directory, "services.json", "{,}")],
    ["is slim", () => editJson(directory, "package.json", ["template", "slim"], true)],
  ])("%s", async (_, edit) => {
    await edit();
    expect(await isCopy(directory, {})).toBe(true);
  });

  test("has the remote of the template", async () => {
    await makeRepository();
    await git(directory, "remote", "add", "template", TEMPLATE);
    expect(await isCopy(directory, {})).toBe(true);
  });

  test("has a commit that joins it with the template, whoever has cloned it", async () => {
    await makeRepository();
    const message = `Join the history of the template\n\nTemplate-Commit: ${"0".repeat(40)}`;
    await git(directory, "commit", "--quiet", "--allow-empty", "--message", message);
    expect(await isCopy(directory, {})).toBe(true);
  });
});
