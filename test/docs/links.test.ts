import { describe, expect, test } from "vitest";
import { isTemplateOnly, TEMPLATE_ONLY } from "../../scripts/slim/template-only.ts";
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

  test("no page of a slim copy links to a file that only the template has", () => {
    const kept = internal.filter(({ page }) => !isTemplateOnly(page, TEMPLATE_ONLY));
    expect(kept.length).toBeGreaterThan(100);
    for (const { page, target, place } of kept) {
      const file = resolveLink(page, decodeURIComponent(target.split("#")[0]!));
      expect(isTemplateOnly(file ?? "", TEMPLATE_ONLY), `${place} → ${target}`).toBe(false);
    }
  });

  test("every page can be reached from the README, or from the page to which GitHub leads contributors", () => {
    const reached = new Set(["README.md", "CONTRIBUTING.md"]);
    for (const file of reached) {
      const page = PAGES.find((each) => each.file === file);
      for (const { target } of page?.links ?? []) reached.add(resolveLink(file, target.split("#")[0]!) ?? "");
    }
    for (const { file } of PAGES) expect(reached, file).toContain(file);
  });
});
