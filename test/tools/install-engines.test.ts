import { describe, expect, test } from "vitest";
import { type Computer, type Installable, installEngines } from "./install-engines.ts";

/** A computer with some packages, whose apt knows some others. */
function computer({
  has = [],
  offers = [],
  isOnline = true,
  ...own
}: { has?: string[]; offers?: string[]; isOnline?: boolean } & Partial<Computer> = {}) {
  const installed = new Set(has);
  const said: string[] = [];
  const asked: string[] = [];
  const apt = (command: string, ...args: string[]): boolean => {
    const packages = args.filter((word) => !word.startsWith("-"));
    asked.push([command, ...packages].join(" "));
    // As apt does: all of one command, or nothing.
    if (!isOnline || !packages.every((name) => offers.includes(name) || installed.has(name))) return false;
    for (const name of packages) installed.add(name);
    return true;
  };
  const engine = (name: string, packages: string[]): Installable => ({
    name,
    packages,
    isInstalled: () => packages.every((each) => installed.has(each)),
  });
  const engines = [
    engine("Chromium", []),
    engine("Firefox", ["firefox", "screen"]),
    engine("WebKit", ["webkit", "screen"]),
  ];
  installEngines(engines, { isRoot: true, hasApt: true, apt, say: (line) => said.push(line), ...own });
  return { said, asked, installed };
}

const ALL = ["firefox", "webkit", "screen"];

describe("before the tests, the engines that are missing", () => {
  test("are installed, each with its own packages, and that is announced, as it takes a while", () => {
    const { said, asked, installed } = computer({ offers: ALL });
    expect(said).toEqual(["Installing Firefox and WebKit with apt-get (once, up to 500 MB) …"]);
    expect(asked).toEqual(["update", "install firefox screen", "install webkit screen"]);
    expect([...installed].sort()).toEqual([...ALL].sort());
  });

  test("are none where all are there: nothing is asked or said", () => {
    expect(computer({ has: ALL })).toMatchObject({ said: [], asked: [] });
  });

  test("are only those: what is there is not installed again", () => {
    const { said, asked } = computer({ has: ["firefox", "screen"], offers: ALL });
    expect(said[0]).toMatch(/^Installing WebKit with/);
    expect(asked).toEqual(["update", "install webkit screen"]);
  });

  test.each([
    ["who is not root", { isRoot: false }],
    ["without apt, as on a Mac or on Fedora", { hasApt: false }],
  ])("are left alone for somebody %s; their suite says what to install", (_, own) => {
    expect(computer({ offers: ALL, ...own })).toMatchObject({ said: [], asked: [] });
  });

  test("are named in one line where there is no network, and nothing more is tried", () => {
    const { said, asked } = computer({ offers: ALL, isOnline: false });
    expect(asked).toEqual(["update"]);
    expect(said.slice(1)).toEqual(["Firefox and WebKit could not be installed, so the tests with them are skipped."]);
  });

  test("do not keep each other away: Ubuntu has no firefox-esr, but WebKit", () => {
    const { said, installed } = computer({ offers: ["webkit", "screen"] });
    expect(installed).toContain("webkit");
    expect(said.slice(1)).toEqual(["Firefox could not be installed, so the tests with them are skipped."]);
  });

  test("count as missing where apt is content and half of what they need is not there", () => {
    const { said } = computer({ apt: () => true });
    expect(said.slice(1)).toEqual(["Firefox and WebKit could not be installed, so the tests with them are skipped."]);
  });
});
