import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSite } from "../../scripts/tools/build-site.ts";
import { formatFaults, resolveConfiguration } from "../../scripts/tools/configuration.ts";
import { freePort } from "../../scripts/tools/free-port.ts";
import { startNetlifyDev } from "../../scripts/tools/netlify-dev.ts";
import { PUBLISHED_FOLDER } from "../../scripts/tools/project.ts";

export { freePort };

export interface SiteOptions {
  /** As in `services.json`. */
  services: Record<string, unknown>;
  /** As in `.secret.json`. */
  secrets: Record<string, unknown>;
  env?: Record<string, string>;
  /** `false`: without the redirect rules of netlify.toml, as on a host that does not know them. */
  redirectRules?: boolean;
  port?: number;
}

export interface RunningSite {
  origin: string;
  /** The folder of what it serves. */
  published: string;
  output: string[];
  stop(): Promise<void>;
}

/** The whole provider, built as for production but for its configuration, under the real `netlify dev`. */
export async function startSite(options: SiteOptions): Promise<RunningSite> {
  const { configuration, faults } = resolveConfiguration({
    services: options.services,
    secrets: options.secrets,
    env: options.env ?? {},
    production: false,
    localDevelopment: true,
  });
  if (faults.length > 0) throw new Error(formatFaults(faults));
  const directory = await mkdtemp(join(tmpdir(), "auth-provider-site-"));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    await buildSite({ configuration, directory });
    if (options.redirectRules === false) await removeRedirectRules(join(directory, "netlify.toml"));
    const output: string[] = [];
    const dev = await startNetlifyDev({
      directory,
      port: options.port ?? (await freePort()),
      env: options.env ?? {},
      onOutput: (line) => output.push(line),
    });
    return { origin: dev.origin, published: join(directory, PUBLISHED_FOLDER), output, stop: () => dev.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function removeRedirectRules(path: string): Promise<void> {
  const toml = await readFile(path, "utf8");
  await writeFile(path, toml.replaceAll(/\[\[redirects\]\]\n(?:.+\n)+/g, ""));
}
