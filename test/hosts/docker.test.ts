import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { PROJECT } from "../../scripts/files/project.ts";
import { freePort } from "../../scripts/network/free-port.ts";
import { PATIENCE_MS } from "../tools/patience.ts";

/** The Dockerfile's commands, in folders with the files that an image would have. No image is built. */

const DOCKERFILE = readFileSync(join(PROJECT, "Dockerfile"), "utf8");
const INCLUDED = readFileSync(join(PROJECT, ".dockerignore"), "utf8").match(/(?<=^!).+$/gm) ?? [];
const run = promisify(execFile);

/** The JSON form of the last such instruction. */
function commandOf(instruction: string): string[] {
  const [, json] = new RegExp(`${instruction} (\\[.*\\])$`, "m").exec(DOCKERFILE) ?? [];
  return JSON.parse(json!) as string[];
}

describe("the Dockerfile", () => {
  test("[A10] copies only what it lists, and no secret", () => {
    const lines = readFileSync(join(PROJECT, ".dockerignore"), "utf8").split("\n");
    expect(lines.find((line) => line !== "" && !line.startsWith("#"))).toBe("*");
    for (const path of INCLUDED) expect(existsSync(join(PROJECT, path)), path).toBe(true);
    expect(INCLUDED.filter((path) => /secret|env|git|node_modules|dist|test/.test(path))).toEqual([]);
  });

  test("runs as another user than root, without install scripts", () => {
    expect(DOCKERFILE).toMatch(/^USER node$/m);
    expect(DOCKERFILE.match(/npm ci.*/g)).toEqual([expect.stringContaining("--ignore-scripts")]);
  });

  test("builds, starts, passes its health check, and ends when it is told to", async () => {
    const project = mkdtempSync(join(tmpdir(), "image-build-"));
    for (const path of INCLUDED) cpSync(join(PROJECT, path), join(project, path), { recursive: true });
    symlinkSync(join(PROJECT, "node_modules"), join(project, "node_modules"));
    const [, program, ...args] = /^RUN (node) (.*)$/m.exec(DOCKERFILE)!;
    expect(program).toBe("node");
    await run(process.execPath, args[0]!.split(" "), { cwd: project, env: { PATH: process.env.PATH! } });

    const image = mkdtempSync(join(tmpdir(), "image-"));
    cpSync(join(project, "dist/node/server.mjs"), join(image, "server.mjs"));
    const port = String(await freePort());
    const env = {
      PATH: process.env.PATH!,
      NODE_ENV: "production",
      HOST: "0.0.0.0",
      PORT: port,
      URL: "https://auth.example",
    };
    const server = spawn(process.execPath, commandOf("\nCMD").slice(1), { cwd: image, env, stdio: "ignore" });
    const ended = once(server, "exit");
    const check = () =>
      run(process.execPath, commandOf("HEALTHCHECK .* CMD").slice(1), { env }).then(
        () => true,
        () => false,
      );
    await expect.poll(check, { timeout: PATIENCE_MS }).toBe(true);
    server.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect(await check()).toBe(false);
  });
});
