import { generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BuildOptions } from "esbuild";
import { build } from "esbuild";
import { FUNCTION_BUNDLE } from "../../scripts/build/build-functions.ts";
import { buildHost } from "../../scripts/build/build-host.ts";
import { buildPublished, buildSite } from "../../scripts/build/build-site.ts";
import { formatIssues, resolveConfiguration } from "../../scripts/configuration/configuration.ts";
import type { Configuration } from "../../server/provider/service.ts";

/** Builds what is measured: this provider, the floors, and the programs that call them. */

export const PROVIDER = "https://auth.example";
export const CLIENT_SECRET = "client-secret-of-the-bench-0123456789";

/** The complete environment of the functions. There is a signing key, so that ID tokens can be measured as well. */
export function functionEnvironment(serviceOrigin: string): Record<string, string> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  return {
    URL: PROVIDER,
    AWS_REGION: "us-east-2",
    BENCH_CLIENT_SECRET: CLIENT_SECRET,
    BENCH_SERVICE: serviceOrigin,
    SIGNING_KEY: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** The same as in the original `services.json`, so that an owner's own services do not change the figures. */
const SERVICES = {
  Github: { client_id: "client-of-github" },
  Google: { client_id: "client-of-google", api_key: "key-of-google" },
  Dropbox: { client_id: "client-of-dropbox" },
  Gitlab: { client_id: "client-of-gitlab" },
};

/** @param serviceOrigin Origin of the demo service for the measured logins. */
function benchConfiguration(serviceOrigin?: string): Configuration {
  const bench = { Bench: demoService(serviceOrigin ?? "") };
  const services = { ...SERVICES, ...(serviceOrigin === undefined ? {} : bench) };
  const { configuration, issues } = resolveConfiguration({
    services,
    secrets: Object.fromEntries(Object.keys(services).map((key) => [key, { client_secret: CLIENT_SECRET }])),
    env: {},
    production: serviceOrigin === undefined,
    // The demo service has no certificate.
    localDevelopment: serviceOrigin !== undefined,
  });
  if (issues.length > 0) throw new Error(formatIssues(issues));
  // From here on, behave as in production.
  return { ...configuration, localDevelopment: false };
}

function demoService(origin: string): Record<string, unknown> {
  return {
    name: "Bench",
    client_id: "bench",
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    token_endpoint_auth_method: "client_secret_post",
    code_challenge_method: "S256",
    default_scopes: ["read"],
    userinfo_endpoint: `${origin}/user`,
    userinfo_claims: { sub: ["sub"], name: ["name"] },
  };
}

/** Builds the whole site in the same way as `npm run build`. */
export async function buildProvider(directory: string, serviceOrigin?: string): Promise<void> {
  await buildSite({ configuration: benchConfiguration(serviceOrigin), directory });
}

/** Builds the same for another host, in the same way as `npm run build -- --host`. @returns the folder of what was built */
export async function buildForHost(name: string, folder: string, serviceOrigin: string): Promise<string> {
  const configuration = benchConfiguration(serviceOrigin);
  const [published, directory] = [join(folder, "published"), join(folder, "built")];
  await buildPublished(configuration, published);
  await buildHost(name, { configuration, published, directory, env: { URL: PROVIDER } });
  return directory;
}

const HERE = fileURLToPath(new URL("../", import.meta.url));

const FLOORS = ["exchange", "fetch", "login", "nothing", "provider"];
const CHILDREN = ["bare", "host", "login", "node", "wrapped"];

export async function buildFloors(outdir: string): Promise<void> {
  await bundle({ entryPoints: FLOORS.map((name) => join(HERE, "floors", `${name}.ts`)), outdir });
}

/** Builds the programs in advance, so that measured processes spend no time on stripping types. */
export async function buildChildren(outdir: string): Promise<void> {
  await bundle({ entryPoints: CHILDREN.map((name) => join(HERE, "children", `${name}.ts`)), outdir });
}

/** Bundles in the same way as this provider's functions. */
export async function bundle(options: { entryPoints: string[]; outdir: string } & BuildOptions): Promise<void> {
  await build({ ...FUNCTION_BUNDLE, outExtension: { ".js": ".mjs" }, ...options });
}

/** One function as Netlify deploys it. */
export interface Wrapped {
  entryPoint: string;
  /** The function's own file, which the wrapper imports. */
  file: string;
  /** The pattern that the platform matches paths against. */
  route: string;
}

/** The part of the bundler's API that we use. */
interface Bundler {
  zipFunctions(
    functions: string,
    outdir: string,
    options: { archiveFormat: "none"; basePath: string },
  ): Promise<{ name: string; path: string; entryFilename: string; mainFile: string; routes?: { pattern: string }[] }[]>;
}

/** The bundler is a dependency of `netlify-cli`, not ours, so it must be resolved from there. */
async function loadBundler(): Promise<Bundler> {
  const cli = createRequire(import.meta.url).resolve("netlify-cli/package.json");
  const bundler = createRequire(cli).resolve("@netlify/zip-it-and-ship-it");
  return (await import(pathToFileURL(bundler).href)) as Bundler;
}

/**
 * Bundles the functions in a folder with the bundler of `netlify-cli`, which adds the wrapper, and returns them by
 * name. Each result is a folder; a deploy uses an archive of it.
 */
export async function wrap(functions: string, outdir: string): Promise<Map<string, Wrapped>> {
  const { zipFunctions } = await loadBundler();
  const shipped = await zipFunctions(functions, outdir, { archiveFormat: "none", basePath: functions });
  return new Map(
    shipped.map(({ name, path, entryFilename, mainFile, routes }) => [
      name,
      {
        entryPoint: join(path, entryFilename),
        file: join(path, basename(mainFile)),
        route: routes?.[0]?.pattern ?? "/",
      },
    ]),
  );
}
