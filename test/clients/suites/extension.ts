import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { readRecipe } from "../recipe.ts";
import type { World } from "../world.ts";

/**
 * The tests' browser loads no extensions, so this file imitates one. The recipe gets the API that it uses, and its
 * requests get the headers that Chromium 156 and Firefox 153 were observed to send.
 */
interface ExtensionBrowser {
  namespace: "browser" | "chrome";
  /** What `identity.getRedirectURL()` returns. */
  redirectUri: string;
  /** The origin of the extension's own pages. */
  origin: string;
}

const BROWSERS: Record<string, ExtensionBrowser> = {
  Chromium: {
    namespace: "chrome",
    redirectUri: "https://jkkddibpmfdipcemdgepabhpfkijpkog.chromiumapp.org/",
    origin: "chrome-extension://jkkddibpmfdipcemdgepabhpfkijpkog",
  },
  Firefox: {
    namespace: "browser",
    redirectUri: "https://752493f00e7f37a30094c6339f9e2c101b607b58.extensions.allizom.org/",
    origin: "moz-extension://e547235d-6cd5-434c-9971-108ec3710259",
  },
};

/** Installs the recipe, presses its button, and returns the button's text afterwards. */
async function press(
  { namespace, redirectUri, origin }: ExtensionBrowser,
  world: World,
  decision: "yes" | "no",
): Promise<string> {
  let onClicked: (() => Promise<void>) | undefined;
  let title = "";
  const person = world.newPerson();
  const api = {
    action: {
      onClicked: { addListener: (listener: () => Promise<void>) => (onClicked = listener) },
      setTitle: async (details: { title: string }) => (title = details.title),
    },
    identity: {
      getRedirectURL: () => redirectUri,
      launchWebAuthFlow: async ({ url }: { url: string }) =>
        await person.answer(await person.reachQuestion(url), decision),
    },
  };
  const fetchFromExtension: typeof fetch = (input, init = {}) => {
    const headers = { "sec-fetch-mode": "cors", "sec-fetch-site": "cross-site", ...init.headers, origin };
    return fetch(input, { ...init, headers });
  };
  const globals = { crypto, URL, URLSearchParams, TextEncoder, Uint8Array, btoa };
  const recipe = (await readRecipe("browser-extension.js")).replaceAll(
    "https://auth.example.com/github",
    world.issuer(),
  );
  runInNewContext(recipe, { ...globals, [namespace]: api, fetch: fetchFromExtension });
  await onClicked!();
  return title;
}

export function extensionSuite(world: () => World): void {
  describe.each(Object.entries(BROWSERS))("an extension of %s, as on the “Use it from…” page", (_, browser) => {
    test("[A30] logs in at the address that the browser keeps for it, and redeems its code from its own origin", async () => {
      expect(await press(browser, world(), "yes")).toBe("You are Alice Example.");
    });

    test("is told of a No", async () => {
      expect(await press(browser, world(), "no")).toBe("You said no.");
    });

    test("[A30] a page of the web that has its code redeems nothing", async () => {
      expect(await press({ ...browser, origin: "https://evil.example" }, world(), "yes")).toMatch(
        /^The code was issued to another/,
      );
    });
  });
}
