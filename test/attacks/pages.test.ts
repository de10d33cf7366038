import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withHashes } from "../../scripts/build/inline-hashes.ts";
import { buildStaticPages } from "../../scripts/build/static-pages.ts";
import { SECURITY_HEADERS } from "../../server/answers/headers.ts";
import { authorizationRequest, call, GOOD, Jar, pkcePair, testProvider } from "../tools/harness.ts";
import { answerIn } from "./tools.ts";

/** Tests the source of the pages. Their behavior is tested in a real browser. */

const pages = ["404", "confirm", "index", "returned", "sign-out", "start", "try", "waiting"];
const { files: built, hashes } = await buildStaticPages();
const html = [...pages.map((name) => built.get(`/${name}.html`)!), await errorPage()];
const scripts = filesIn("client").filter((file) => file.endsWith(".ts"));

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** An error page with an answer for the app, so that it has every optional part. */
async function errorPage(): Promise<string> {
  const query = authorizationRequest(pkcePair().challenge, {
    response_mode: "web_message",
    redirect_uri: undefined,
    response_type: "token",
  });
  const page = await (await call("authorize", testProvider(), `/authorize/github?${query}`)).text();
  expect(answerIn(page)).toBeDefined();
  return page;
}

describe("[A60] nothing else lives on the provider's host", () => {
  test("the published folder holds our pages, what they load, and nothing of another kind", () => {
    const sources = filesIn("public").map((file) => file.slice("public".length));
    const published = [...new Set([...sources, ...built.keys()])];
    expect(published.filter((file) => file.endsWith(".html")).sort()).toEqual(pages.map((name) => `/${name}.html`));
    expect(published.filter((file) => !/\.(?:html|css|js|svg|png|json|d\.ts)$/.test(file))).toEqual([]);
  });

  test("no service worker is ever registered, nor anything cleared for others", () => {
    for (const file of [...scripts, "netlify.toml"]) {
      expect(readFileSync(file, "utf8"), file).not.toMatch(/serviceWorker|Clear-Site-Data/i);
    }
  });
});

describe("[A64] another window learns nothing from how ours looks", () => {
  test("no page of ours has a frame, so their number is always 0", () => {
    for (const page of html) expect(page).not.toMatch(/<(?:iframe|frame|object|embed|portal)\b/i);
    for (const file of scripts)
      expect(readFileSync(file, "utf8"), file).not.toMatch(
        /(?:element|createElement)\(["'](?:iframe|frame|object|embed)\b/,
      );
  });

  test.each([
    ["a page of the app", { referer: `${GOOD}/` }],
    ["nobody", {}],
  ])(
    "started by %s, a login goes the same way for who has been here before and for who has not",
    async (_, headers) => {
      const provider = testProvider();
      const jar = new Jar();
      const path = `/authorize/github?${authorizationRequest(pkcePair().challenge)}`;
      const first = await call("authorize", provider, path, { jar, headers: headers as Record<string, string> });
      const again = await call("authorize", provider, path, { jar, headers: headers as Record<string, string> });
      expect(again.status).toBe(first.status);
      expect(again.headers.get("location")).toHaveLength(first.headers.get("location")!.length);
      expect(openPartOf(again)).toBe(openPartOf(first));
    },
  );
});

/** The redirect target without its random parts. */
function openPartOf({ headers }: Response): string {
  return headers.get("location")!.replace(/#.*|\b(?:state|code_challenge)=[^&]*/g, "");
}

describe("[A67] our pages look like ours", () => {
  test("they load nothing from elsewhere: no logo, no style, no script, no font", () => {
    for (const page of html) expect(page).not.toMatch(/<(?!a\b)[^>]+(?:src|srcset|href)=["']?(?:https?:)?\/\//i);
    for (const file of filesIn("client").filter((name) => name.endsWith(".css"))) {
      expect(readFileSync(file, "utf8"), file).not.toMatch(/(?:url\(|@import )["']?(?:https?:)?\/\//i);
    }
  });

  test("and browsers would not let them", () => {
    const dynamic = SECURITY_HEADERS["Content-Security-Policy"];
    expect(
      dynamic.split("; ").filter((directive) => /-src /.test(directive) && !/'(?:self|none)'$/.test(directive)),
    ).toEqual([]);
    for (const policy of [dynamic, withHashes(dynamic, hashes)].map((each) => each.split("; "))) {
      expect(policy).toContain("default-src 'none'");
      const sources = policy
        .filter((directive) => /-src /.test(directive))
        .flatMap((directive) => directive.split(" ").slice(1));
      expect(sources.filter((source) => !/^'(?:self|none|sha256-[\w+/]{43}=)'$/.test(source))).toEqual([]);
      expect(policy.filter((directive) => /unsafe|https?:|data:|\*/.test(directive))).toEqual([]);
    }
  });
});
