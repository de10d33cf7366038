import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions } from "esbuild";
import { build } from "esbuild";
import type { Configuration } from "../../server/provider/service.ts";
import type { FunctionName } from "./function-configuration.ts";
import { configurationFor } from "./function-configuration.ts";

const SOURCES = fileURLToPath(new URL("../../netlify/functions/", import.meta.url));

/**
 * One file per endpoint, with that part of the validated configuration in it that the endpoint reads. Netlify ships
 * exactly these files; it would leave TypeScript sources unbundled, which makes every cold start slower.
 */
export async function buildFunctions(configuration: Configuration, outdir: string): Promise<void> {
  // Whatever lies in this folder becomes a public function, so nothing old may stay.
  await rm(outdir, { recursive: true, force: true });
  const files = await readdir(SOURCES);
  await Promise.all(files.map((file) => buildFunction(basename(file, ".ts") as FunctionName, configuration, outdir)));
}

/** No source map: nothing reads one in production, and a stack trace there names no place in our sources anyway. */
export const FUNCTION_BUNDLE = {
  bundle: true,
  minify: true,
  format: "esm",
  platform: "node",
  target: "node20",
  logLevel: "warning",
} as const satisfies BuildOptions;

async function buildFunction(name: FunctionName, configuration: Configuration, outdir: string): Promise<void> {
  await build({
    entryPoints: [join(SOURCES, `${name}.ts`)],
    outfile: join(outdir, `${name}.mjs`),
    define: { CONFIGURATION: JSON.stringify(configurationFor(name, configuration)) },
    ...FUNCTION_BUNDLE,
  });
}
