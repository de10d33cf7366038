/**
 * `npm run screenshots`: takes a picture of every page in every state, for a person to look at. It needs neither a
 * configuration nor a network: a local server serves the pages, with the data that the functions would send.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { BrowserContextOptions, Page, Route } from "playwright-core";
import { serveApp, servePages } from "../test/client/pages/page-server.ts";
import { PAGE_STATES, type PageState, type Stage } from "../test/client/pages/page-states.ts";
import { openBrowser } from "../test/tools/browser.ts";
import { PROJECT } from "./files/project.ts";

const HELP = `npm run screenshots [-- --only confirm,home] [--out folder]

Takes a picture of every page in every state: narrow, popup and wide, light and dark, some in other languages and in
forced colours. Look at them after you have changed the pages or theme.css.

  --only <names>  take only pictures whose names contain one of these, separated by commas: confirm-armed,popup-dark
  --out <folder>  where to write the pictures (default: dist/screenshots, which git ignores)
  --docs          take only the pictures of the documentation, and write them into docs/screenshots
  --help          show this text`;

/** The address that the pages show as their own. */
const SHOWN_ORIGIN = "https://auth.example.com";
const APP_HTML = "<!doctype html><title>App</title>";

interface Look extends BrowserContextOptions {
  name: string;
}

interface Picture {
  name: string;
  state: PageState;
  options: BrowserContextOptions;
}

const NARROW = { width: 360, height: 640 };
const POPUP = { width: 480, height: 640 };
const WIDE = { width: 1280, height: 800 };
/** What remains of 1280 × 1024 at a zoom of 400 %. */
const ZOOMED = { width: 320, height: 256 };
const SMALLEST_POPUP = { width: 360, height: 320 };

/** Every state is shown in these. */
const LOOKS: Look[] = [
  { name: "narrow-light", viewport: NARROW, colorScheme: "light" },
  { name: "narrow-dark", viewport: NARROW, colorScheme: "dark" },
  { name: "popup-light", viewport: POPUP, colorScheme: "light" },
  { name: "popup-dark", viewport: POPUP, colorScheme: "dark" },
  { name: "wide-light", viewport: WIDE, colorScheme: "light" },
  { name: "wide-dark", viewport: WIDE, colorScheme: "dark" },
];

/** Some states are also shown in these. */
const MORE_LOOKS: { states: string[]; looks: Look[] }[] = [
  {
    states: ["confirm-armed", "confirm-long-host", "confirm-punycode", "home", "error"],
    looks: [
      { name: "popup-forced", viewport: POPUP, forcedColors: "active" },
      { name: "popup-forced-dark", viewport: POPUP, forcedColors: "active", colorScheme: "dark" },
      { name: "popup-contrast", viewport: POPUP, contrast: "more" },
      { name: "zoomed", viewport: ZOOMED },
      { name: "smallest", viewport: SMALLEST_POPUP },
      { name: "arabic", viewport: POPUP, locale: "ar" },
      { name: "german", viewport: NARROW, locale: "de" },
      { name: "greek", viewport: NARROW, locale: "el" },
      { name: "japanese", viewport: POPUP, locale: "ja" },
    ],
  },
  {
    states: ["confirm", "start", "error", "not-found", "home-without-services"],
    looks: [{ name: "without-script", viewport: POPUP, javaScriptEnabled: false }],
  },
];

/** The pictures in the documentation. */
const IN_DOCS = ["confirm-armed-popup-light", "confirm-armed-popup-dark", "home-wide-light"];
const DOCS_FOLDER = join(PROJECT, "docs/screenshots");

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  console.error("For all options, run: npm run screenshots -- --help");
  // Ends the process at once, because the browser may still be running.
  process.exit(1);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: "" },
      out: { type: "string", default: join(PROJECT, "dist/screenshots") },
      docs: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);

  const wanted = values.only.split(",").filter((name) => name !== "");
  const pictures = allPictures().filter(({ name }) =>
    values.docs ? IN_DOCS.includes(name) : wanted.length === 0 || wanted.some((part) => name.includes(part)),
  );
  if (pictures.length === 0) throw new Error(`--only ${values.only}: no picture has a name that contains this.`);
  await takeAll(pictures, values.docs ? DOCS_FOLDER : values.out);
}

function allPictures(): Picture[] {
  return PAGE_STATES.flatMap((state) => {
    const more = MORE_LOOKS.filter(({ states }) => states.includes(state.name)).flatMap(({ looks }) => looks);
    return [...LOOKS, ...more].map(({ name, ...options }) => ({ name: `${state.name}-${name}`, state, options }));
  });
}

async function takeAll(pictures: Picture[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const [browser, provider, app] = await Promise.all([openBrowser(), servePages(), serveApp(APP_HTML)]);
  const realOrigin = provider.origin;
  provider.origin = SHOWN_ORIGIN;
  try {
    for (const [index, picture] of pictures.entries()) {
      console.log(`${String(index + 1).padStart(4)}/${pictures.length}  ${picture.name}`);
      const context = await browser.newContext(picture.options);
      await context.route(`${SHOWN_ORIGIN}/**`, (route) => serveFrom(realOrigin, route));
      await takeOne(picture, { context, provider, app }, folder).finally(() => context.close());
    }
  } finally {
    await browser.close();
    await Promise.all([provider.stop(), app.stop()]);
  }
  console.log(`Done. The pictures are in ${folder}`);
}

async function takeOne({ name, state }: Picture, stage: Stage, folder: string): Promise<void> {
  const page = await state.open(stage);
  await waitForImages(page);
  await page.screenshot({
    path: join(folder, `${name}.png`),
    fullPage: state.name.startsWith("home"),
    animations: "disabled",
  });
}

/** Answers a request to the shown address from the local server. */
async function serveFrom(realOrigin: string, route: Route): Promise<void> {
  const url = route.request().url().replace(SHOWN_ORIGIN, realOrigin);
  const response = await route.fetch({ url }).catch(() => undefined);
  // A connection that breaks is one of the states.
  if (response === undefined) return route.abort();
  await route.fulfill({ response });
}

/** Waits for logos, which load after the text. */
async function waitForImages(page: Page): Promise<void> {
  await page.evaluate(() => Promise.all(Array.from(document.images, (image) => image.decode().catch(() => undefined))));
}
