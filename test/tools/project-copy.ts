import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { PROJECT } from "../../scripts/files/project.ts";

const run = promisify(execFile);

export interface ProjectCopy {
  directory: string;
  /** Runs a program of `node_modules/.bin` in the copy, as an npm script would. Never throws for an exit status. */
  run(program: string, args: string[], env?: Record<string, string>): Promise<{ status: number; output: string }>;
}

/** A temporary copy of the project's files that git knows: what a user has who has just copied the template. */
export async function copyProject(): Promise<ProjectCopy> {
  const directory = await mkdtemp(join(tmpdir(), "auth-provider-copy-"));
  const { stdout } = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: PROJECT });
  // Others are deleted, but not committed yet.
  const files = stdout
    .trim()
    .split("\n")
    .filter((file) => existsSync(join(PROJECT, file)));
  for (const folder of new Set(files.map(dirname))) mkdirSync(join(directory, folder), { recursive: true });
  for (const file of files) copyFileSync(join(PROJECT, file), join(directory, file));
  await symlink(join(PROJECT, "node_modules"), join(directory, "node_modules"));
  return {
    directory,
    run: (program, args, env = {}) => runIn(directory, program, args, env),
  };
}

async function runIn(directory: string, program: string, args: string[], env: Record<string, string>) {
  const binaries = join(PROJECT, "node_modules/.bin");
  const environment = { ...process.env, PATH: `${binaries}:${process.env.PATH}`, CI: "true", NO_COLOR: "1", ...env };
  try {
    const { stdout, stderr } = await run(join(binaries, program), args, { cwd: directory, env: environment });
    return { status: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, output: stdout + stderr };
  }
}
