import process from "node:process";
import { createSite, type Site } from "./site.ts";

declare const Deno: { serve(options: { port: number; hostname: string }, site: Site): void };

const { URL: address = "http://localhost:8888", PORT: port = "8888" } = process.env;
const site = await createSite({ ...process.env, URL: address });
Deno.serve({ port: Number(port), hostname: "127.0.0.1" }, site);
