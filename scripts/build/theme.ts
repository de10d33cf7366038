import { readText } from "../files/text-file.ts";

/** WCAG 2.2, 1.4.3: the minimum for text that is not large. */
const MIN_CONTRAST = 4.5;

const DARK = "@media (prefers-color-scheme: dark)";

/** Pairs of text and background among the colours that an owner chooses. */
const PAIRS = [
  ["--accent", "--card"],
  ["--accent", "--page"],
  ["--on-accent", "--accent"],
] as const;

type Tokens = Record<string, string>;

interface ContrastWarning {
  sentence: string;
  /** Colours that are not written as #rrggbb cannot be measured, but may well be readable. */
  isMeasured: boolean;
}

/** The colours of `theme.css` that people could not read, or that could not be measured, one sentence each. */
export async function themeWarnings(directory: string): Promise<string[]> {
  return sentences(await readWarnings(directory));
}

/** Only the colours that people could not read. */
export async function unreadableColours(directory: string): Promise<string[]> {
  return sentences((await readWarnings(directory)).filter(({ isMeasured }) => isMeasured));
}

async function readWarnings(directory: string): Promise<ContrastWarning[]> {
  const [tokens, theme] = await Promise.all(
    ["client/styles/tokens.css", "theme.css"].map((file) => readText(directory, file)),
  );
  return compareColours(tokens!, theme!);
}

/** @param theme overrides `tokens`, as in the published style sheets */
export function contrastWarnings(tokens: string, theme: string): string[] {
  return sentences(compareColours(tokens, theme));
}

function sentences(warnings: ContrastWarning[]): string[] {
  return warnings.map(({ sentence }) => sentence);
}

function compareColours(tokens: string, theme: string): ContrastWarning[] {
  const light = { ...readTokens(lightPart(tokens)), ...readTokens(lightPart(theme)) };
  const dark = { ...light, ...readTokens(darkPart(tokens)), ...readTokens(darkPart(theme)) };
  return [...unreadablePairs(light, "light"), ...unreadablePairs(dark, "dark")];
}

function unreadablePairs(tokens: Tokens, scheme: string): ContrastWarning[] {
  return PAIRS.flatMap(([text, background]) => {
    const contrast = contrastOf(tokens[text], tokens[background]);
    const pair = `In ${scheme} colours, ${text} (${tokens[text]}) on ${background} (${tokens[background]})`;
    if (contrast === undefined)
      return { sentence: `${pair} cannot be measured: write both as #rrggbb.`, isMeasured: false };
    if (contrast >= MIN_CONTRAST) return [];
    // Rounded down, so that a ratio just below 4.5 is not shown as 4.5.
    const shown = Math.floor(contrast * 100) / 100;
    const sentence = `${pair} has a contrast of ${shown} : 1. Readable text needs ${MIN_CONTRAST} : 1.`;
    return { sentence, isMeasured: true };
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

/** The contrast ratio as WCAG 2.2 defines it. */
function contrastOf(one: string | undefined, other: string | undefined): number | undefined {
  const [darker, lighter] = [luminanceOf(one), luminanceOf(other)].sort((left = 0, right = 0) => left - right);
  if (darker === undefined || lighter === undefined) return undefined;
  return (lighter + 0.05) / (darker + 0.05);
}

/** The relative luminance as WCAG 2.2 defines it. */
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
