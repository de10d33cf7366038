import { randomBytes } from "node:crypto";
import { findLogos, isLogoPath, svgOf } from "../build/icons.ts";
import { hashSource } from "../build/inline-hashes.ts";
import { HIDDEN_FILES } from "../doctor/live-checks/hidden-files.ts";
import { failedRedirects } from "../doctor/live-checks/root-redirect.ts";
import { type DeployedSite, type SiteResponse, SiteUnreachableError } from "../network/deployed-site.ts";
import { compareHeaders } from "./compare-headers.ts";
import { comparePage, compareScript, compareStyle, inlineContents, shownIcons } from "./compare-page.ts";
import { type Difference, ownersDifference, unexplained } from "./difference.ts";
import type { ExpectedFile, ExpectedSite } from "./expected-site.ts";

/** Compares everything that a site publishes with what was expected. */

/** Requests at the same time. */
const PARALLEL = 8;

/** Nothing may be published here. */
const ABSENT = [...HIDDEN_FILES, "/theme.css", "/auth.js.map"];

const NO_ANSWER = "It gives no whole answer, in 10 seconds and 1 MB.";

const MISSING_PAGE = "/404";
const LOGO = "/favicon.svg";

interface Comparison {
  file: ExpectedFile;
  /** `undefined`: none within the limits. */
  answer: SiteResponse | undefined;
}

type Hashes = ReturnType<typeof inlineContents>;

export async function compareSite(site: DeployedSite, { files, theme }: ExpectedSite): Promise<Difference[]> {
  const comparisons = await askAll(
    site,
    files.filter((file) => !isIcon(file)),
  );
  const pages = comparisons.filter(({ file }) => isPage(file)).map(({ answer }) => answer?.text ?? "");
  const paths = [...new Set(pages.flatMap(shownIcons))];
  const icons = paths.map((path) => files.find((file) => file.path === path) ?? iconOfBuild(path, files));
  const shown = await askAll(
    site,
    icons.filter((icon) => icon !== undefined),
  );
  const hashes = hashesOf(pages);
  return [
    ...[...comparisons, ...shown].flatMap((comparison) => compareFile(comparison, theme, hashes)),
    ...paths
      .filter((_, index) => icons[index] === undefined)
      .map((path) => ownersDifference(path, "The logo is a file of the owner’s.")),
    ...(await presentFiles(site)),
    ...(await compareRedirects(site)),
  ];
}

function isPage({ headers }: ExpectedFile): boolean {
  return headers["Content-Type"]!.startsWith("text/html");
}

/** Which ones there are depends on the services that the site shows. */
function isIcon({ path }: ExpectedFile): boolean {
  return path.startsWith("/icons/");
}

/** The logo of a service that only the site has, as the build would write it. */
function iconOfBuild(path: string, files: ExpectedFile[]): ExpectedFile | undefined {
  const { headers } = files.find((file) => file.path === LOGO)!;
  return isLogoPath(path)
    ? { path, bytes: Buffer.from(svgOf(findLogos([{ icon: path }])[path]!)), headers }
    : undefined;
}

async function askAll(site: DeployedSite, files: ExpectedFile[]): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (let start = 0; start < files.length; start += PARALLEL) {
    const asked = files.slice(start, start + PARALLEL).map((file) => ask(site, file));
    comparisons.push(...(await Promise.all(asked)));
  }
  return comparisons;
}

async function ask(site: DeployedSite, file: ExpectedFile): Promise<Comparison> {
  const path = file.path === MISSING_PAGE ? `/${randomBytes(8).toString("hex")}` : file.path;
  return { file, answer: await answerOf(site, path) };
}

async function answerOf(site: DeployedSite, path: string): Promise<SiteResponse | undefined> {
  try {
    return await site.get(path);
  } catch (error) {
    if (error instanceof SiteUnreachableError) return undefined;
    throw error;
  }
}

function compareFile({ file, answer }: Comparison, theme: string, hashes: Hashes): Difference[] {
  const { path } = file;
  if (answer?.bytes === undefined) return [unexplained(path, NO_ANSWER)];
  const status = path === MISSING_PAGE ? 404 : 200;
  if (answer.status !== status) return [unexplained(path, `It answers with status ${answer.status}, not ${status}.`)];
  return [...compareContent(file, answer.bytes, theme), ...compareHeaders(path, answer.headers, file.headers, hashes)];
}

function compareContent(file: ExpectedFile, bytes: Uint8Array, theme: string): Difference[] {
  const { path } = file;
  const expected = Buffer.from(file.bytes);
  if (expected.equals(bytes)) return [];
  if (path === LOGO) return [ownersDifference(path, "The provider’s logo is another one.")];

  const actual = Buffer.from(bytes).toString();
  const isText = Buffer.from(actual).equals(bytes);
  if (isText && isPage(file)) return comparePage(path, actual, expected.toString(), theme);
  if (isText && path.endsWith(".css")) return compareStyle(path, actual, expected.toString(), theme);
  if (isText && path.endsWith(".js")) return compareScript(path, actual, expected.toString());
  return [unexplained(path, "Its content differs.")];
}

function hashesOf(pages: string[]): Hashes {
  const contents = pages.map(inlineContents);
  const hashes = (kind: keyof Hashes) => [...new Set(contents.flatMap((each) => each[kind]))].map(hashSource);
  return { scripts: hashes("scripts"), styles: hashes("styles") };
}

async function presentFiles(site: DeployedSite): Promise<Difference[]> {
  const answers = await Promise.all(ABSENT.map(async (path) => ({ path, answer: await answerOf(site, path) })));
  return answers
    .filter(({ answer }) => answer?.status !== 404)
    .map(({ path, answer }) =>
      unexplained(path, `It answers with ${answer === undefined ? "too much" : `status ${answer.status}`}, not 404.`),
    );
}

async function compareRedirects(site: DeployedSite): Promise<Difference[]> {
  try {
    return (await failedRedirects(site)).map((what) => unexplained("/", `${what}.`));
  } catch (error) {
    if (error instanceof SiteUnreachableError) return [unexplained("/", NO_ANSWER)];
    throw error;
  }
}
