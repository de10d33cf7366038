/**
 * Opens a real Chromium for the browser suites: an installed one if there is one, otherwise the one that the tests
 * install in `test/clients/`. The suites rely on the browser's own protections, so web security and site isolation stay
 * on.
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

/** Keeps the browser quiet: no updates, no synchronization, no network traffic of its own. */
const QUIET_ARGUMENTS = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
  "--disable-gpu",
];

/**
 * The features that Playwright switches off, except storage partitioning by top-level site
 * (`ThirdPartyStoragePartitioning`), which all users' browsers have. We also switch off spare renderer processes
 * (`SpareRendererForSitePerProcess`), which take a sixth of the suites' time. Chromium uses only the last occurrence of
 * this switch.
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

/** Some builds switch site isolation off to save memory. Here, cross-origin windows must be in separate processes. */
const SITE_ISOLATION_ARGUMENTS = ["--site-per-process"];

/**
 * Windows of the same site and context share a process, because starting one takes longer than most tests. Different
 * sites still have different processes.
 */
const FEW_PROCESSES_ARGUMENTS = ["--process-per-site"];

/** Minimal machines have no fonts, so we add the fonts of the bundled browser to those of the system. */
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

/** A browser that does not close by itself is ended with this process. No run waits for it or fails because of it. */
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

/** Chromium refuses to start its sandbox as root, and in most containers the tests run as root. */
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
 * The package unpacks into the system's temporary folder and uses any files that are already there, complete or not,
 * whoever created them. So we let it unpack into a folder of our own, which gets its final name only when it is
 * complete. Test files that start at the same time never see an incomplete browser.
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
    // Another test file was faster. Its copy is as good as ours.
    if (!existsSync(directory)) throw error;
  }
  return directory;
}

/** Runs in a separate process, because the package chooses its folder by TMPDIR. */
async function extract(packageEntry: string, directory: string): Promise<void> {
  const script = `const { default: chromium } = await import(${JSON.stringify(pathToFileURL(packageEntry).href)});
    await (chromium.default ?? chromium).executablePath();`;

  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...process.env, TMPDIR: directory },
  });
}

/** Simulates a computer whose clock is wrong, for every page of the context. */
export async function shiftClock(context: BrowserContext, aheadSeconds: number): Promise<void> {
  await context.addInitScript((aheadMs) => {
    const now = Date.now;
    Date.now = () => now() + aheadMs;
  }, aheadSeconds * 1_000);
}
