import { describe, expect, test } from "vitest";
import { FILES, PAGES, resolveLink } from "./markdown.ts";

const links = PAGES.flatMap((page) => page.links);
const internal = links.filter(({ target }) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
const external = links.filter((link) => !internal.includes(link));

describe("links", () => {
  test.each(internal)("$place → $target leads to a file, and to a heading of it", ({ page, target }) => {
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : resolveLink(page, decodeURIComponent(path));
    const isThere = file !== undefined && (FILES.includes(file) || FILES.some((each) => each.startsWith(`${file}/`)));
    expect(isThere, `${file} exists`).toBe(true);
    if (anchor !== undefined) expect(PAGES.find((each) => each.file === file)?.anchors, file).toContain(anchor);
  });

  // The tests do not request these addresses, because they must run without a network.
  test.each(external)("$place → $target is a whole https address", ({ target }) => {
    expect(new URL(target).protocol).toBe("https:");
    expect(target).not.toMatch(/[.,;:)]$|\s|localhost|127\.0\.0\.1|\.internal\b/);
  });

  test("every page can be reached from the README", () => {
    const reached = new Set(["README.md"]);
    for (const file of reached) {
      const page = PAGES.find((each) => each.file === file);
      for (const { target } of page?.links ?? []) reached.add(resolveLink(file, target.split("#")[0]!) ?? "");
    }
    for (const { file } of PAGES) expect(reached, file).toContain(file);
  });
});
