import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions } from "esbuild";
import { build } from "esbuild";
import { config } from "../../netlify/provider.ts";
import { ROUTES } from "../../netlify/routes.ts";
import type { Configuration } from "../../server/provider/service.ts";

const NETLIFY = fileURLToPath(new URL("../../netlify/", import.meta.url));
const SOURCES = join(NETLIFY, "functions");

/** The function that contains all endpoints. */
const PROVIDER = "provider";

/**
 * Builds one function that contains all endpoints and the validated configuration, and one for each function that the owner
 * has added. Netlify deploys exactly these files. It would not bundle TypeScript sources, which would make every cold start
 * slower.
 */
export async function buildFunctions(configuration: Configuration, outdir: string): Promise<void> {
  const added = await functionsOfOwner();
  if (added.includes(PROVIDER)) {
    throw new Error(
      `netlify/functions/${PROVIDER}.ts needs another name, because the provider is built as ${PROVIDER}.mjs.`,
    );
  }
  // Every file in this folder becomes a public function, so files of an earlier build must not stay.
  await rm(outdir, { recursive: true, force: true });
  await Promise.all([
    bundleFunction(PROVIDER, { stdin: PROVIDER_SOURCE }, configuration, outdir),
    ...added.map((name) => bundleFunction(name, { entryPoints: [join(SOURCES, `${name}.ts`)] }, configuration, outdir)),
  ]);
}

/** The files in `netlify/functions` that contain no endpoint of ours. */
async function functionsOfOwner(): Promise<string[]> {
  const endpoints = ROUTES.map(({ endpoint }) => endpoint.name);
  const names = (await readdir(SOURCES)).map((file) => basename(file, ".ts"));
  return names.filter((name) => !endpoints.includes(name));
}

/** Netlify reads `config` without running the file, so it must be a literal. */
const PROVIDER_SOURCE = {
  contents: `export { default } from "./provider.ts"; export const config = ${JSON.stringify(config)};`,
  resolveDir: NETLIFY,
};

/** There is no source map, because nothing reads one in production. */
export const FUNCTION_BUNDLE = {
  bundle: true,
  minify: true,
  format: "esm",
  platform: "node",
  target: "node20",
  logLevel: "warning",
} as const satisfies BuildOptions;

async function bundleFunction(
  name: string,
  source: Pick<BuildOptions, "stdin" | "entryPoints">,
  configuration: Configuration,
  outdir: string,
): Promise<void> {
  await build({
    ...source,
    outfile: join(outdir, `${name}.mjs`),
    define: { CONFIGURATION: JSON.stringify(configuration) },
    ...FUNCTION_BUNDLE,
  });
}
