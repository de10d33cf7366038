import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions } from "esbuild";
import { build } from "esbuild";
import type { Configuration } from "../../server/provider/service.ts";
import { configurationFor } from "./function-configuration.ts";

const SOURCES = fileURLToPath(new URL("../../netlify/functions/", import.meta.url));

/**
 * Builds one file per endpoint, which contains the part of the validated configuration that the endpoint reads. Netlify
 * deploys exactly these files. It would not bundle TypeScript sources, which would make every cold start slower.
 */
export async function buildFunctions(configuration: Configuration, outdir: string): Promise<void> {
  // Every file in this folder becomes a public function, so files of an earlier build must not stay.
  await rm(outdir, { recursive: true, force: true });
  const files = await readdir(SOURCES);
  await Promise.all(files.map((file) => buildFunction(basename(file, ".ts"), configuration, outdir)));
}

/** There is no source map, because nothing reads one in production. */
export const FUNCTION_BUNDLE = {
  bundle: true,
  minify: true,
  format: "esm",
  platform: "node",
  target: "node20",
  logLevel: "warning",
} as const satisfies BuildOptions;

async function buildFunction(name: string, configuration: Configuration, outdir: string): Promise<void> {
  await build({
    entryPoints: [join(SOURCES, `${name}.ts`)],
    outfile: join(outdir, `${name}.mjs`),
    define: { CONFIGURATION: JSON.stringify(configurationFor(name, configuration)) },
    ...FUNCTION_BUNDLE,
  });
}
