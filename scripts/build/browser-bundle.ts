import type { BuildOptions } from "esbuild";

/** How everything that browsers run is bundled. */
export const BROWSER_BUNDLE = {
  bundle: true,
  minify: true,
  platform: "browser",
  target: ["es2022"],
  logLevel: "warning",
} as const satisfies BuildOptions;
