import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { PROJECT } from "../../scripts/files/project.ts";
import { freePort } from "../../scripts/network/free-port.ts";
import { PATIENCE_MS } from "../tools/patience.ts";

/** The Dockerfile's commands, in folders with the files that an image would have. The image itself is not built. */

const DOCKERFILE = readFileSync(join(PROJECT, "Dockerfile"), "utf8");
const INCLUDED = readFileSync(join(PROJECT, ".dockerignore"), "utf8").match(/(?<=^!).+$/gm) ?? [];
const run = promisify(execFile);

/** Builds images without a daemon. */
const HAS_BUILDAH = process.getuid?.() === 0 && spawnSync("buildah", ["--version"], { stdio: "ignore" }).status === 0;
if (!HAS_BUILDAH) console.log("One test needs buildah, and root: apt-get install buildah");

const SECRET_FILES = [
  ...[".secret.json", ".env", "secret.json", ".git/config", "node_modules/x", "dist/x"],
  ...["server/.env", "scripts/.secret.json", "public/.env.local", "client/.npmrc", "catalogue/services/.netrc"],
];

/** The JSON form of the last such instruction. */
function commandOf(instruction: string): string[] {
  const [, json] = new RegExp(`${instruction} (\\[.*\\])$`, "m").exec(DOCKERFILE) ?? [];
  return JSON.parse(json!) as string[];
}

describe("the Dockerfile", () => {
  test("[A10] copies only what it lists, and no secret", () => {
    const lines = readFileSync(join(PROJECT, ".dockerignore"), "utf8").split("\n");
    expect(lines.find((line) => line !== "" && !line.startsWith("#"))).toBe("*");
    // The last rule that fits a file wins: https://docs.docker.com/build/concepts/context/#dockerignore-files
    expect(lines.filter((line) => line !== "").at(-1)).toBe("**/.*");
    for (const path of INCLUDED) expect(existsSync(join(PROJECT, path)), path).toBe(true);
    expect(INCLUDED.filter((path) => /secret|env|git|node_modules|dist|test/.test(path))).toEqual([]);
  });

  test.skipIf(!HAS_BUILDAH)("[A10] an image has no secret, wherever one is in the project", async () => {
    const project = mkdtempSync(join(tmpdir(), "image-context-"));
    for (const path of INCLUDED) cpSync(join(PROJECT, path), join(project, path), { recursive: true });
    for (const file of SECRET_FILES) {
      mkdirSync(dirname(join(project, file)), { recursive: true });
      writeFileSync(join(project, file), "canary-of-a-secret");
    }
    writeFileSync(join(project, "Dockerfile"), "FROM scratch\nCOPY . /project/\n");
    cpSync(join(PROJECT, ".dockerignore"), join(project, ".dockerignore"));
    const folder = mkdtempSync(join(tmpdir(), "images-"));
    const options = ["--root", join(folder, "root"), "--runroot", join(folder, "run"), "--storage-driver", "vfs"];
    await run("buildah", [...options, "bud", "--isolation", "chroot", "--tag", "context", project]);
    const { stdout: container } = await run("buildah", [...options, "from", "context"]);
    const { stdout: mounted } = await run("buildah", [...options, "mount", container.trim()]);
    const copied = readdirSync(join(mounted.trim(), "project"), { recursive: true }).map(String);
    expect(copied).toContain("package.json");
    expect(copied.filter((path) => SECRET_FILES.includes(path))).toEqual([]);
  });

  test("needs no hidden file of the project", () => {
    const tracked = execFileSync("git", ["ls-files", ...INCLUDED], { cwd: PROJECT, encoding: "utf8" }).split("\n");
    expect(tracked.length).toBeGreaterThan(100);
    expect(tracked.filter((path) => /(^|\/)\./.test(path))).toEqual([]);
  });

  test("runs as another user than root, without install scripts", () => {
    expect(DOCKERFILE).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
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
