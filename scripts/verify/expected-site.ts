import { execFile } from "node:child_process";
import { cp, readFile, symlink } from "node:fs/promises";
import { join, sep } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { buildPublished, HEADERS_FILE } from "../build/build-site.ts";
import { type HeaderRule, headersFor, parseHeaders } from "../build/headers-file.ts";
import { formatIssues, readConfiguration } from "../configuration/configuration.ts";
import { filesIn } from "../files/files-in.ts";
import { installFolder } from "../files/install-folder.ts";
import { addressOf, mediaTypeOf } from "../files/media-types.ts";
import { PROJECT, PUBLISHED_FOLDER } from "../files/project.ts";
import { makeTemporaryFolder } from "../files/temporary-folder.ts";
import { gitIn, readOutput } from "../git/git.ts";
import { CommandError, messageOf } from "../terminal/command-error.ts";

/** What a site with this code and this configuration publishes. */
export interface ExpectedSite {
  files: ExpectedFile[];
  /** The style sheet of the owner's theme, as it is in every page. */
  theme: string;
}

export interface ExpectedFile {
  /** Where browsers find it. */
  path: string;
  bytes: Uint8Array;
  headers: Record<string, string>;
}

/** What owners change, and what is the same in the build of another version. */
const OWNERS_FILES = ["services.json", "theme.css", "public/favicon.svg"];

/** @param directory the folder with the owner's files, and with the repository that knows the `ref` */
export async function expectedSite(
  directory: string,
  ref: string | undefined,
  print: (text: string) => void,
): Promise<ExpectedSite> {
  // The version may contain `.secret.json`.
  const { folder, remove } = await makeTemporaryFolder("auth-provider-verify-");
  try {
    const published = await (ref === undefined ? buildHere(folder) : buildVersion(ref, directory, folder, print));
    return { files: await readFiles(published), theme: await minifiedTheme(directory) };
  } finally {
    await remove();
  }
}

async function buildHere(folder: string): Promise<string> {
  // Nothing that is published comes from the environment.
  const { configuration, issues } = await readConfiguration({ directory: PROJECT, env: {} });
  if (issues.length > 0) throw new CommandError(`The configuration here has issues:\n\n${formatIssues(issues)}`);
  const published = join(folder, "published");
  await buildPublished(configuration, published);
  return published;
}

/** Builds another version with its own scripts and packages, and with the owner's files from here. */
async function buildVersion(
  ref: string,
  directory: string,
  folder: string,
  print: (text: string) => void,
): Promise<string> {
  const tree = join(folder, "tree");
  await checkOut(ref, directory, tree, join(folder, "index"));
  for (const file of OWNERS_FILES) await cp(join(directory, file), join(tree, file));
  await providePackages(tree, print);
  try {
    await promisify(execFile)(process.execPath, ["scripts/build.ts"], { cwd: tree, env: { PATH: process.env.PATH } });
  } catch (error) {
    throw new CommandError(`${ref} could not be built:\n\n${messageOf(error)}`);
  }
  return join(tree, PUBLISHED_FOLDER);
}

/** With an index of its own, git changes nothing of the owner's. */
async function checkOut(ref: string, directory: string, tree: string, index: string): Promise<void> {
  const git = gitIn(directory, { env: { GIT_INDEX_FILE: index } });
  const commit = await readOutput(git, "rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`);
  if (commit === undefined)
    throw new CommandError(`This repository has no ${ref}.`, "Fetch it: git fetch --tags template");
  await git.run("read-tree", commit);
  await git.run("checkout-index", "--all", `--prefix=${tree}${sep}`);
}

async function providePackages(tree: string, print: (text: string) => void): Promise<void> {
  const [here, there] = await Promise.all(
    [PROJECT, tree].map((folder) => readFile(join(folder, "package-lock.json"), "utf8")),
  );
  if (here === there) return await symlink(join(PROJECT, "node_modules"), join(tree, "node_modules"), "junction");
  await installFolder(tree, () => print("Installing the packages of that version, without their install scripts …"));
}

async function readFiles(published: string): Promise<ExpectedFile[]> {
  const rules = parseHeaders(await readFile(join(published, HEADERS_FILE), "utf8"));
  const names = ((await filesIn(published)) ?? []).filter((name) => name !== HEADERS_FILE).sort();
  return await Promise.all(names.map((name) => readExpectedFile(published, name.replaceAll(sep, "/"), rules)));
}

async function readExpectedFile(published: string, name: string, rules: HeaderRule[]): Promise<ExpectedFile> {
  const path = `/${name}`;
  const headers = { "Content-Type": mediaTypeOf(name), ...headersFor(rules, path) };
  return { path: addressOf(path), bytes: await readFile(join(published, name)), headers };
}

/** As esbuild writes it into the style sheet of a page. */
async function minifiedTheme(directory: string): Promise<string> {
  const source = await readFile(join(directory, "theme.css"), "utf8");
  return (await transform(source, { loader: "css", minify: true })).code.trim();
}
