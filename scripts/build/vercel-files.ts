import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HostOrder } from "./build-host.ts";

/** Every path is answered by the one function: https://vercel.com/docs/project-configuration/vercel-json */
const SETTINGS = { framework: null, routes: [{ src: "/.*", dest: "/api/provider" }] };

export async function writeVercelFiles({ directory }: HostOrder): Promise<void> {
  await writeFile(join(directory, "vercel.json"), `${JSON.stringify(SETTINGS, undefined, 2)}\n`);
}
