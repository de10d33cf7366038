import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** WCAG 2.2, 1.4.3: what text needs that is not large. */
const MIN_CONTRAST = 4.5;

const DARK = "@media (prefers-color-scheme: dark)";

/** What stands on what, of the colours that an owner chooses. */
const PAIRS = [
  ["--accent", "--card"],
  ["--accent", "--page"],
  ["--on-accent", "--accent"],
] as const;

type Tokens = Record<string, string>;

/** What people could not read in the colours of `theme.css`, one sentence each. */
export async function themeFaults(directory: string): Promise<string[]> {
  const [tokens, theme] = await Promise.all(
    ["client/styles/tokens.css", "theme.css"].map((file) => readFile(join(directory, file), "utf8")),
  );
  return contrastFaults(tokens!, theme!);
}

/** @param theme has the last word over `tokens`, as in the published style sheets */
export function contrastFaults(tokens: string, theme: string): string[] {
  const light = { ...readTokens(lightPart(tokens)), ...readTokens(lightPart(theme)) };
  const dark = { ...light, ...readTokens(darkPart(tokens)), ...readTokens(darkPart(theme)) };
  return [...faultsOf(light, "light"), ...faultsOf(dark, "dark")];
}

function faultsOf(tokens: Tokens, scheme: string): string[] {
  return PAIRS.flatMap(([text, background]) => {
    const contrast = contrastOf(tokens[text], tokens[background]);
    const pair = `${text} (${tokens[text]}) on ${background} (${tokens[background]})`;
    if (contrast === undefined) return `In ${scheme} colours, ${pair} cannot be measured: write both as #rrggbb.`;
    if (contrast >= MIN_CONTRAST) return [];
    // Rounded down, so that it never says 4.5 where that is missed.
    const shown = Math.floor(contrast * 100) / 100;
    return `In ${scheme} colours, ${pair} has a contrast of ${shown} : 1. People need ${MIN_CONTRAST} : 1 to read it.`;
  });
}

function lightPart(css: string): string {
  return css.split(DARK)[0]!;
}

function darkPart(css: string): string {
  return css.split(DARK)[1]?.split("@")[0] ?? "";
}

function readTokens(css: string): Tokens {
  return Object.fromEntries(
    [...css.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name!, value!.trim()]),
  );
}

/** WCAG 2.2, definition of contrast ratio. */
function contrastOf(one: string | undefined, other: string | undefined): number | undefined {
  const [darker, lighter] = [luminanceOf(one), luminanceOf(other)].sort((left = 0, right = 0) => left - right);
  if (darker === undefined || lighter === undefined) return undefined;
  return (lighter + 0.05) / (darker + 0.05);
}

/** WCAG 2.2, definition of relative luminance. */
function luminanceOf(colour: string | undefined): number | undefined {
  const digits = /^#([\da-f]{6}|[\da-f]{3})$/i.exec(colour ?? "")?.[1];
  if (digits === undefined) return undefined;
  const whole = digits.length === 3 ? digits.replace(/./g, "$&$&") : digits;
  const [red, green, blue] = [0, 2, 4].map((start) => linear(Number.parseInt(whole.slice(start, start + 2), 16) / 255));
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
