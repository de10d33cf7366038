/**
 * Serves the demo app from an origin of its own, as any static host would: three files and `/config.json`.
 */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export interface DemoAppOptions {
  /** Default: any free port. */
  port?: number;
  /** Default: 127.0.0.1. */
  host?: string;
  providerOrigin: string;
  /** Origin of the pretend service, whose API the app uses. */
  serviceOrigin: string;
}

interface StaticFile {
  type: string;
  content: string;
}

const FOLDER = fileURLToPath(new URL("./app/", import.meta.url));

export async function startDemoApp(options: DemoAppOptions): Promise<{ origin: string; stop(): Promise<void> }> {
  const host = options.host ?? "127.0.0.1";
  const files = await loadFiles(options);
  const policy = contentSecurityPolicy(options);

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://app.invalid");
    const file = files.get(pathname === "/" ? "/index.html" : pathname);
    if (!file) return response.writeHead(404, { "Content-Type": "text/plain" }).end("Not found");

    response.writeHead(200, {
      "Content-Type": file.type,
      "Cache-Control": "no-cache",
      "Content-Security-Policy": policy,
      "X-Content-Type-Options": "nosniff",
    });
    return response.end(file.content);
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;

  const stop = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return { origin: `http://${host.includes(":") ? `[${host}]` : host}:${port}`, stop };
}

async function loadFiles({ providerOrigin, serviceOrigin }: DemoAppOptions): Promise<Map<string, StaticFile>> {
  const configuration = { apiEndpoint: `${serviceOrigin}/me` };
  const entries: [string, StaticFile][] = [
    ["/index.html", { type: "text/html; charset=utf-8", content: await readAppFile("index.html") }],
    ["/style.css", { type: "text/css; charset=utf-8", content: await readAppFile("style.css") }],
    ["/app.js", { type: "text/javascript; charset=utf-8", content: await bundle("app.ts", providerOrigin) }],
    ["/config.json", { type: "application/json", content: JSON.stringify(configuration) }],
  ];
  return new Map(entries);
}

function readAppFile(name: string): Promise<string> {
  return readFile(`${FOLDER}${name}`, "utf8");
}

/** The app names its auth provider once, in its `import`; here that one has an address on this computer. */
const EXAMPLE_PROVIDER = "https://auth.example.com";

async function bundle(name: string, providerOrigin: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${FOLDER}${name}`],
    bundle: true,
    format: "esm",
    target: "es2022",
    sourcemap: "inline",
    write: false,
    plugins: [
      {
        name: "address-of-the-auth-provider",
        setup: ({ onResolve }) =>
          onResolve({ filter: /^https:/ }, ({ path }) => {
            return { path: path.replace(EXAMPLE_PROVIDER, providerOrigin), external: true };
          }),
      },
    ],
  });
  return outputFiles[0]?.text ?? "";
}

/** What the app needs: itself, the provider's module and endpoints, and the service's API and pictures. */
function contentSecurityPolicy({ providerOrigin, serviceOrigin }: DemoAppOptions): string {
  return [
    "default-src 'none'",
    `script-src 'self' ${providerOrigin}`,
    "style-src 'self'",
    `connect-src 'self' ${providerOrigin} ${serviceOrigin}`,
    `img-src data: ${serviceOrigin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}
