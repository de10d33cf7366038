/**
 * Opens a real Chromium for the browser suites: an installed one where there is one, else the one that the tests
 * install for themselves in `test/clients/`.
 *
 * What the suites prove depends on the browser's own protections, so web security and site isolation stay on.
 */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { PATIENCE_MS } from "./patience.ts";

/** Keeps the browser to itself: no updates, no synchronisation, nothing that talks to the network unasked. */
const QUIET_ARGUMENTS = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
  "--disable-gpu",
];

/**
 * Of what Playwright switches off, the browser keeps all but the separation of a page's storage by the site that shows it
 * (`ThirdPartyStoragePartitioning`): everybody's browser has that. A process that is started in case the next page needs
 * one is a sixth of the suites' time (`SpareRendererForSitePerProcess`). Of this switch, only the last one counts.
 */
const SWITCHED_OFF_FEATURES = [
  "AvoidCorsURLLoaderRestartOnRedirect",
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsFirstBalancedModeAutoEnable",
  "HttpsUpgrades",
  "MediaRouter",
  "NetworkTimeServiceQuerying",
  "OptimizationHints",
  "PaintHolding",
  "SpareRendererForSitePerProcess",
  "TcpPortRandomizationWin",
];

/** Some builds switch it off to save memory; cross-origin windows must be in processes of their own here. */
const SITE_ISOLATION_ARGUMENTS = ["--site-per-process"];

/** Windows of one site and one context share a process: beginning one takes longer than most tests. Other sites have others. */
const FEW_PROCESSES_ARGUMENTS = ["--process-per-site"];

/** Slim machines have no fonts at all, so the system's fonts are joined by those that the bundled browser brings. */
const FONT_CONFIGURATION_FILE = "fonts.conf";
const FONT_CONFIGURATION = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="relative">fonts-cache</cachedir>
</fontconfig>
`;

interface Executable {
  path: string;
  env?: Record<string, string>;
}

export async function openBrowser(options: { args?: string[] } = {}): Promise<Browser> {
  const { path, env } = await findExecutable();

  const browser = await chromium.launch({
    executablePath: path,
    headless: true,
    args: [
      ...QUIET_ARGUMENTS,
      `--disable-features=${SWITCHED_OFF_FEATURES.join(",")}`,
      ...SITE_ISOLATION_ARGUMENTS,
      ...FEW_PROCESSES_ARGUMENTS,
      ...sandboxArguments(),
      ...(options.args ?? []),
    ],
    env: { ...process.env, ...env },
    timeout: PATIENCE_MS,
  });
  browser.on("context", (context) => {
    context.setDefaultTimeout(PATIENCE_MS);
  });
  closeInAnyCase(browser);
  return browser;
}

/** One that does not end by itself is ended with this process. No run waits for that, or fails because of it. */
function closeInAnyCase(browser: Browser): void {
  const close = browser.close.bind(browser);
  const patience = () => new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS).unref());
  browser.close = (options) => Promise.race([close(options), patience()]).catch(() => {});
}

async function findExecutable(): Promise<Executable> {
  const chosen = process.env.CHROME_PATH;
  if (chosen && !existsSync(chosen)) throw new Error(`CHROME_PATH is set to ${chosen}, but there is no such file.`);
  if (chosen) return { path: chosen };

  const installed = installedPaths().find((path) => existsSync(path));
  if (installed) return { path: installed };

  const bundled = await bundledExecutable();
  if (bundled) return bundled;

  throw new Error(
    "No browser found for the browser tests. Do one of these:\n" +
      "  - install Google Chrome or Chromium\n" +
      "  - set CHROME_PATH to the executable of one that is installed elsewhere\n" +
      "  - on Linux (x64): npm ci --prefix test/clients",
  );
}

function installedPaths(): string[] {
  if (process.platform === "darwin") return macPaths();
  if (process.platform === "win32") return windowsPaths();
  return linuxPaths();
}

function linuxPaths(): string[] {
  return [
    "/usr/bin/google-chrome-stable",
    "/usr/bin/google-chrome",
    "/opt/google/chrome/chrome",
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/snap/bin/chromium",
  ];
}

function macPaths(): string[] {
  const applications = ["/Applications", join(homedir(), "Applications")];
  const executables = ["Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium"];
  return executables.flatMap((executable) => applications.map((folder) => join(folder, executable)));
}

function windowsPaths(): string[] {
  const folders = ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"].flatMap((name) => process.env[name] ?? []);
  const executables = [String.raw`Google\Chrome\Application\chrome.exe`, String.raw`Chromium\Application\chrome.exe`];
  return executables.flatMap((executable) => folders.map((folder) => join(folder, executable)));
}

/** Chromium refuses to start its sandbox as root, which is who runs the tests in most containers. */
function sandboxArguments(): string[] {
  return process.getuid?.() === 0 ? ["--no-sandbox"] : [];
}

async function bundledExecutable(): Promise<Executable | undefined> {
  const packageEntry = resolveBundledPackage();
  if (!packageEntry) return undefined;

  const directory = await extractOnce(packageEntry);
  return { path: join(directory, "chromium"), env: { FONTCONFIG_FILE: join(directory, FONT_CONFIGURATION_FILE) } };
}

function resolveBundledPackage(): string | undefined {
  if (process.platform !== "linux") return undefined;

  const clients = createRequire(new URL("../clients/package.json", import.meta.url));
  try {
    return clients.resolve("@sparticuz/chromium");
  } catch {
    return undefined;
  }
}

/**
 * The package unpacks into the system's temporary folder and takes whatever lies there already, finished or not,
 * whoever put it there. So it unpacks into a folder of our own, which gets its final name only when it is complete:
 * test files that start at the same moment never see half a browser.
 */
async function extractOnce(packageEntry: string): Promise<string> {
  const cache = join(dirname(fileURLToPath(import.meta.url)), "../clients/node_modules/.cache");
  const directory = join(cache, "chromium");
  if (existsSync(directory)) return directory;

  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(`${directory}-`);
  try {
    await extract(packageEntry, unfinished);
    await writeFile(join(unfinished, FONT_CONFIGURATION_FILE), FONT_CONFIGURATION);
    await rename(unfinished, directory);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Somebody else was faster: theirs is as good as ours.
    if (!existsSync(directory)) throw error;
  }
  return directory;
}

/** In a process of its own, because the package finds its place by TMPDIR. */
async function extract(packageEntry: string, directory: string): Promise<void> {
  const script = `const { default: chromium } = await import(${JSON.stringify(pathToFileURL(packageEntry).href)});
    await (chromium.default ?? chromium).executablePath();`;

  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...process.env, TMPDIR: directory },
  });
}

/** A computer whose clock is wrong, for every page of it. */
export async function shiftClock(context: BrowserContext, aheadSeconds: number): Promise<void> {
  await context.addInitScript((aheadMs) => {
    const now = Date.now;
    Date.now = () => now() + aheadMs;
  }, aheadSeconds * 1_000);
}
