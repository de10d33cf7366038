import { createSite, type Site } from "./site.ts";

declare const Bun: { serve(options: { port: number; hostname: string; fetch: Site }): void };

const { URL: address = "http://localhost:8888", PORT: port = "8888" } = process.env;
const site = await createSite({ ...process.env, URL: address });
Bun.serve({ port: Number(port), hostname: "127.0.0.1", fetch: site });
