import { rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { packFiles } from "../../hosts/pages.ts";
import { readPublished } from "../../hosts/published-folder.ts";
import type { Environment } from "../../server/provider/environment.ts";
import type { Configuration } from "../../server/provider/service.ts";
import { PROJECT } from "../files/project.ts";
import { FUNCTION_BUNDLE } from "./build-functions.ts";
import { cloudflareIssue, writeCloudflareFiles } from "./cloudflare-files.ts";
import { writeVercelFiles } from "./vercel-files.ts";

/** What `npm run build -- --host NAME` makes of `hosts/NAME`. */
export interface Host {
  /** The file that calls the provider, in `hosts`. */
  source: string;
  /** The file that is built of it, in `dist/NAME`. */
  output: string;
  /** The host serves the published files itself, so the function does without them. */
  servesFiles?: true;
  /** Client secrets come from its variables only, because other people's code may be built there. */
  withoutSecretsFile?: true;
  /** What is missing for a build, as a sentence. */
  issue?: (env: Environment) => string | undefined;
  /** Writes what the host needs besides the function. */
  writeFiles?: (order: HostOrder) => Promise<void>;
  /** What to type next. */
  next: string;
}

export interface HostOrder {
  configuration: Configuration;
  /** The published files of the build. */
  published: string;
  /** The folder to write. */
  directory: string;
  env: Environment;
}

const SERVER = { source: "server.ts", output: "server.mjs" };

/** By name. Netlify, the default, is not among them: it bundles functions and serves files itself. */
export const HOSTS: Record<string, Host> = {
  node: { ...SERVER, next: "URL=https://auth.example.com npm start" },
  deno: { ...SERVER, next: "URL=https://auth.example.com deno run --allow-net --allow-env dist/deno/server.mjs" },
  bun: { ...SERVER, next: "URL=https://auth.example.com bun dist/bun/server.mjs" },
  cloudflare: {
    source: "worker.ts",
    output: "worker.mjs",
    servesFiles: true,
    withoutSecretsFile: true,
    issue: cloudflareIssue,
    writeFiles: writeCloudflareFiles,
    next: "npx wrangler deploy --config dist/cloudflare/wrangler.jsonc",
  },
  vercel: {
    source: "function.ts",
    output: "api/provider.mjs",
    withoutSecretsFile: true,
    writeFiles: writeVercelFiles,
    next: "npx vercel deploy dist/vercel --prod",
  },
  "aws-lambda": { source: "function.ts", output: "index.mjs", next: "zip the file and upload it (docs/hosts.md)" },
};

/** One file with all endpoints, the configuration and, unless the host serves them, the published files. */
export async function buildHost(name: string, order: HostOrder): Promise<void> {
  const { source, output, servesFiles = false, writeFiles } = HOSTS[name]!;
  // Files of an earlier build must not be deployed.
  await rm(order.directory, { recursive: true, force: true });
  await build({
    entryPoints: [join(PROJECT, "hosts", name, source)],
    outfile: join(order.directory, output),
    define: {
      CONFIGURATION: JSON.stringify(order.configuration),
      ...(servesFiles ? {} : { PUBLISHED: JSON.stringify(packFiles(await readPublished(order.published))) }),
    },
    ...FUNCTION_BUNDLE,
  });
  await writeFiles?.(order);
}
