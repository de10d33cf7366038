import { spawn } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fillSnippet, type SnippetValues } from "../../client/snippets/fill.ts";
import { PATIENCE_MS } from "../tools/patience.ts";
import { freePort } from "../tools/site.ts";

/** The programs of the "Use it from…" page, exactly as the page prints them. */
export const RECIPES = fileURLToPath(new URL("recipes/", import.meta.url));

/** Those that the home page shows as well. */
export const SNIPPETS = fileURLToPath(new URL("../../client/snippets/", import.meta.url));

const POLL_INTERVAL_MS = 50;

export interface RunningRecipe {
  output: string[];
  /** Resolves with the first match in the output, whether already printed or still to come. */
  prints(pattern: RegExp): Promise<string>;
  exitCode: Promise<number | null>;
  stop(): Promise<void>;
}

export function runRecipe(file: string, env: Record<string, string>): RunningRecipe {
  const child = spawn(process.execPath, [join(RECIPES, file)], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(String(chunk)));
  const exitCode = new Promise<number | null>((resolve) => child.once("close", resolve));
  let ended = false;
  void exitCode.then(() => (ended = true));

  return {
    output,
    exitCode,
    async prints(pattern) {
      const deadline = Date.now() + PATIENCE_MS;
      while (Date.now() < deadline) {
        const found = pattern.exec(output.join(""));
        if (found) return found[0];
        if (ended) break;
        await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
      }
      throw new Error(`${file} did not print ${pattern}, but:\n${output.join("")}`);
    },
    async stop() {
      // SIGKILL, because a program may ignore other signals.
      child.kill("SIGKILL");
      await exitCode;
    },
  };
}

/** Runs a recipe that is a server, on its own origin. */
export async function runServer(
  file: string,
  env: (origin: string) => Record<string, string>,
): Promise<RunningRecipe & { origin: string }> {
  const port = await freePort();
  const origin = `http://[::1]:${port}`;
  const recipe = runRecipe(file, { ...env(origin), PORT: String(port) });
  let ended = false;
  void recipe.exitCode.then(() => (ended = true));
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await answers(origin))) {
    if (ended || Date.now() > deadline) throw new Error(`${file} does not answer:\n${recipe.output.join("")}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
  return { ...recipe, origin };
}

async function answers(origin: string): Promise<boolean> {
  return await fetch(origin).then(
    () => true,
    () => false,
  );
}

export async function readRecipe(file: string): Promise<string> {
  return await readFile(join(RECIPES, file), "utf8");
}

/** As the home page shows it, where `service` is chosen. */
export async function readSnippet(file: string, values: SnippetValues): Promise<string> {
  return fillSnippet(await readFile(join(SNIPPETS, file), "utf8"), values);
}

export async function temporaryDirectory(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "auth-provider-recipe-"));
}
