import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { PROJECT } from "../files/project.ts";

/** Runs npm in the project and shows what it prints. `false` means that it failed. */
export function runNpm(...args: string[]): Promise<boolean> {
  // npm tells a script where npm itself is. Run by Node, it needs no shell, which npm.cmd would need on Windows.
  const script = process.env.npm_execpath;
  const isNpm = script !== undefined && /^npm(-cli)?\.c?js$/.test(basename(script));
  // This npm run may be replacing the package that contains our own Node; npm's Node, or the one on the PATH, remains.
  const node = [process.env.npm_node_execpath, process.execPath].find((path) => path !== undefined && existsSync(path));
  const [program, first] = isNpm && node !== undefined ? [node, [script]] : ["npm", []];
  const child = execFile(program, [...first, ...args], { cwd: PROJECT, maxBuffer: Infinity });
  child.stdout?.pipe(process.stdout);
  child.stderr?.pipe(process.stderr);

  return new Promise((resolve) => {
    child.on("error", () => resolve(false));
    child.on("exit", (code) => resolve(code === 0));
  });
}
