/** `npm run verify`: compares a published provider with a build of the same version. It changes nothing. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT } from "./files/project.ts";
import { gitIn, readOutput } from "./git/git.ts";
import { type DeployedSite, deployedSite, SiteUnreachableError } from "./network/deployed-site.ts";
import type { Fetch } from "./network/fetch.ts";
import { validateProviderUrl } from "./network/provider-url.ts";
import { CommandError } from "./terminal/command-error.ts";
import { readArguments } from "./terminal/command-line.ts";
import { start } from "./terminal/start.ts";
import { compareSite } from "./verify/compare-site.ts";
import { expectedSite } from "./verify/expected-site.ts";
import { formatReport } from "./verify/report.ts";

const HELP = `npm run verify -- --url https://auth.example.com [--ref v1.2.3]

Builds the version that a provider says it runs, and compares everything that it publishes: every byte and header of
its pages, scripts and modules. Shows what its owner has chosen (theme, logo, services) apart from what is unexplained.

  --url <address>  the provider
  --ref <version>  a tag, branch or commit to build; the configuration, theme and logo are always those of this folder
                   (default: this folder, or the tag of the version that the provider names, if that is another one)
  --help           show this text

Exit status: 0 if nothing is unexplained, 1 otherwise.`;

export interface VerifyContext {
  argv: string[];
  /** The folder with the owner's files and the repository. */
  directory: string;
  print: (text: string) => void;
  fetch: Fetch;
  /** For tests: accept plain http on this computer. No command line option sets this. */
  insecureLoopback?: boolean;
}

/** @returns the exit status */
export async function verify(context: VerifyContext): Promise<number> {
  try {
    return await run(context);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    context.print(`${error.message}\n${error.advice}`.trim());
    return 1;
  }
}

async function run({ argv, directory, print, fetch, insecureLoopback = false }: VerifyContext): Promise<number> {
  const options = readArguments("verify", argv, {
    url: { type: "string" },
    ref: { type: "string" },
    help: { type: "boolean", default: false },
  });
  if (options.help) {
    print(HELP);
    return 0;
  }

  const site = deployedSite(readOrigin(options.url, insecureLoopback), fetch);
  const named = await readVersion(site);
  const ref = options.ref ?? (await refOf(named, directory));
  print(
    `${site.origin} ${named === undefined ? "does not say which version it runs" : `says that it runs version ${named}`}.`,
  );
  print(`Building ${ref ?? "what is in this folder"}, and comparing …`);
  const expected = await expectedSite(directory, ref, print);
  const differences = await compareSite(site, expected);
  print(formatReport(differences, expected.files.length));
  return differences.every(({ isOwners }) => isOwners) ? 0 : 1;
}

/** @throws {CommandError} */
function readOrigin(url: string | undefined, insecureLoopback: boolean): string {
  if (url === undefined) throw new CommandError("Which provider? npm run verify -- --url https://auth.example.com");
  const invalid = validateProviderUrl(url, { insecureLoopback });
  if (invalid !== undefined) throw new CommandError(`--url ${url} ${invalid}.`);
  return new URL(url).origin;
}

/**
 * The version that the site names. It only says what to compare with, so a false statement leads to differences.
 *
 * @throws {CommandError} if nobody answers at this address
 */
async function readVersion(site: DeployedSite): Promise<string | undefined> {
  try {
    const { status, headers, text } = await site.get("/version.txt");
    const target = headers.get("location");
    if (status >= 300 && status < 400 && target !== null)
      throw new CommandError(
        `${site.origin} redirects to ${new URL(target, site.origin).origin}.`,
        "Verify that address.",
      );
    return status === 200 && /^\d+\.\d+\.\d+(-[\w.]+)?\n$/.test(text) ? text.trim() : undefined;
  } catch (error) {
    if (!(error instanceof SiteUnreachableError)) throw error;
    throw new CommandError(`${site.origin} cannot be reached.`, "Check the address and your connection.");
  }
}

/** `undefined`: this folder has that version. */
async function refOf(version: string | undefined, directory: string): Promise<string | undefined> {
  const here = (JSON.parse(await readFile(join(directory, "package.json"), "utf8")) as { version: string }).version;
  if (version === undefined || version === here) return undefined;
  const tag = `v${version}`;
  if ((await readOutput(gitIn(directory), "rev-parse", "--verify", "--quiet", `refs/tags/${tag}`)) !== undefined)
    return tag;
  throw new CommandError(
    `The provider says that it runs version ${version}. This folder has version ${here}, and no tag ${tag}.`,
    "Fetch it (git fetch --tags template), or name another version with --ref.",
  );
}

start(import.meta.url, () =>
  verify({
    argv: process.argv.slice(2),
    directory: PROJECT,
    print: (text) => console.log(text),
    fetch: globalThis.fetch,
  }),
);
