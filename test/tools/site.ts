import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { buildPublished, buildSite } from "../../scripts/build/build-site.ts";
import { formatIssues, resolveConfiguration } from "../../scripts/configuration/configuration.ts";
import { PUBLISHED_FOLDER } from "../../scripts/files/project.ts";
import { startNetlifyDev } from "../../scripts/netlify/netlify-dev.ts";
import { freePort } from "../../scripts/network/free-port.ts";
import type { Configuration } from "../../server/provider/service.ts";
import type { NodeSiteOrder } from "./node-site.ts";

export { freePort };

export interface SiteOptions {
  /** As in `services.json`. */
  services: Record<string, unknown>;
  /** As in `.secret.json`. */
  secrets: Record<string, unknown>;
  env?: Record<string, string>;
  port?: number;
}

export interface RunningSite {
  origin: string;
  /** The folder of the files that it serves. */
  published: string;
  /** Its log lines. */
  output: string[];
  stop(): Promise<void>;
}

const NODE_SITE = fileURLToPath(new URL("./node-site.ts", import.meta.url));

/** The whole provider, pages and endpoints, on the Node host. For all tests that are not about the platform. */
export async function startSite({ port, env = {}, ...options }: SiteOptions): Promise<RunningSite> {
  const configuration = configurationOf({ env, ...options });
  const published = await temporaryFolder();
  const order: NodeSiteOrder = { configuration, env, folder: published, port: port ?? (await freePort()) };
  const child = fork(NODE_SITE, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const output: string[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => output.push(line));

  await buildPublished(configuration, published);
  child.send(order);
  await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => Promise.reject(new Error(`The site has ended by itself.\n${output.join("\n")}`))),
  ]);
  const stop = async (): Promise<void> => {
    if (child.kill("SIGKILL")) await once(child, "exit");
  };
  return { origin: `http://localhost:${order.port}`, published, output, stop };
}

export interface NetlifySiteOptions extends SiteOptions {
  /** `false`: without the redirect rules of netlify.toml, as on a host that does not support them. */
  redirectRules?: boolean;
}

/** The same under the real `netlify dev`, built as for production except for its configuration. */
export async function startSiteOnNetlify(options: NetlifySiteOptions): Promise<RunningSite> {
  const configuration = configurationOf(options);
  const directory = await temporaryFolder();
  await buildSite({ configuration, directory });
  if (options.redirectRules === false) await removeRedirectRules(join(directory, "netlify.toml"));
  const output: string[] = [];
  const { origin, stop } = await startNetlifyDev({
    directory,
    port: options.port ?? (await freePort()),
    env: options.env ?? {},
    onOutput: (line) => output.push(line),
  });
  return { origin, published: join(directory, PUBLISHED_FOLDER), output, stop };
}

function configurationOf({ services, secrets, env = {} }: SiteOptions): Configuration {
  const { configuration, issues } = resolveConfiguration({
    services,
    secrets,
    env,
    production: false,
    localDevelopment: true,
  });
  if (issues.length > 0) throw new Error(formatIssues(issues));
  return configuration;
}

/** It is removed at the end of the run (temporary-folder.ts). */
function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "site-"));
}

async function removeRedirectRules(path: string): Promise<void> {
  const toml = await readFile(path, "utf8");
  await writeFile(path, toml.replaceAll(/\[\[redirects\]\]\n(?:.+\n)+/g, ""));
}
