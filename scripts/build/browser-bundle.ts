import type { BuildOptions } from "esbuild";

/** The bundler's settings for everything that browsers run. */
export const BROWSER_BUNDLE = {
  bundle: true,
  minify: true,
  platform: "browser",
  target: ["es2022"],
  logLevel: "warning",
} as const satisfies BuildOptions;
