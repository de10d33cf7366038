/** A stand-in for Vercel: calls the function's `fetch` with a web `Request`, at the address that the browser asked for. */

import { createNodeServer } from "../../../hosts/node/node-server.ts";

const [file, port] = process.argv.slice(2) as [string, string];
const { default: fn } = (await import(file)) as { default: { fetch(request: Request): Promise<Response> } };
createNodeServer((request) => fn.fetch(request), "http://localhost").listen(Number(port), "127.0.0.1");
process.once("disconnect", () => process.exit());
