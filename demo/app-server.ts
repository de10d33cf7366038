/** Serves the demo app from its own origin, as any static host would: three files and `/config.json`. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { fillSnippet } from "../client/snippets/fill.ts";
import { readSnippets } from "../scripts/build/snippets.ts";
import { close, listen } from "./listen.ts";

export interface DemoAppOptions {
  /** Default: any free port. */
  port?: number;
  /** Default: 127.0.0.1. */
  host?: string;
  providerOrigin: string;
  /** Origin of the demo service, whose API the app uses. */
  serviceOrigin: string;
}

interface StaticFile {
  type: string;
  content: string;
}

const FOLDER = fileURLToPath(new URL("./app/", import.meta.url));

export async function startDemoApp(options: DemoAppOptions): Promise<{ origin: string; stop(): Promise<void> }> {
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

  const origin = await listen(server, options);
  return { origin, stop: () => close(server) };
}

async function loadFiles({ providerOrigin, serviceOrigin }: DemoAppOptions): Promise<Map<string, StaticFile>> {
  const code = fillSnippet((await readSnippets())["auth.html"]!, {
    provider: providerOrigin,
    service: "demo",
    serviceName: "Demo",
    clientId: "",
  });
  const configuration = { apiEndpoint: `${serviceOrigin}/me`, code };
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

/** The address in the app's `import`. It is replaced by the address of the auth provider on this computer. */
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

/** Allows the app's own files, the module and endpoints of the provider, and the API and pictures of the service. */
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
