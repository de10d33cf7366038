import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { PROJECT } from "../../../scripts/files/project.ts";
import { isFree } from "../../../scripts/network/free-port.ts";
import { expectLoopbackOnly, INTERFACES, listenersOf, processTree, survivors } from "../../tools/process-tree.ts";
import { freePort } from "../../tools/site.ts";

/** `npm run dev` uses the owner's secrets. Only this computer may reach it, and nothing of it may outlive the run. */

const RUNS = join(PROJECT, "dist/dev");
const STARTING = "Starting the provider under netlify dev";
const READY = "Press Ctrl-C to stop.";
const DEFAULT_PORT = 8888;
/** Starting takes long on a machine that runs other tests at the same time. */
const TIMEOUT = 300_000;
const SOON = { interval: 200 };

const LOOPBACK = INTERFACES.map(({ address }) => address).filter((address) => ["127.0.0.1", "::1"].includes(address));

interface Run {
  child: ChildProcess;
  port: number;
  ended: Promise<number | null>;
  output(): string;
  /** Waits until the output contains this text. */
  printed(text: string): Promise<void>;
}

const trees: number[][] = [];
afterEach(() => {
  for (const pid of trees.splice(0).flat()) if (survivors([pid]).length > 0) process.kill(pid, "SIGKILL");
});

describe.skipIf(process.platform === "win32")(
  "however it ends, nothing of npm run dev stays",
  { timeout: TIMEOUT },
  () => {
    test("by SIGHUP, with nobody left to read what it prints", async () => {
      const run = await startDev();
      await run.printed(STARTING);
      await expectNothingStays(run, () => {
        run.child.stdout!.destroy();
        run.child.stderr!.destroy();
        run.child.kill("SIGHUP");
      });
      expect(await run.ended).toBe(0);
      expect(await foldersOf(run.port)).toEqual([]);
    });

    test("by SIGTERM, where no port is named: it says who has 8888, and goes on with the next one", async () => {
      // If another program already holds the port, the test works with that one.
      const holder = createServer()
        .on("error", () => {})
        .listen(DEFAULT_PORT, "127.0.0.1")
        .unref();
      const unnamed = follow(spawn(process.execPath, ["scripts/dev.ts"], options()), DEFAULT_PORT);
      await unnamed.printed(STARTING);
      holder.close();
      expect(unnamed.output()).toMatch(/^Port 8888 is taken by .+\. Using port 8\d{3} instead\.\n/);
      const run = { ...unnamed, port: Number(/Using port (8\d{3}) instead/.exec(unnamed.output())![1]) };
      await expectNothingStays(run, () => run.child.kill("SIGTERM"));
      expect(await run.ended).toBe(0);
      expect(await foldersOf(run.port)).toEqual([]);
    });

    test("by an error that nobody has caught", async () => {
      const crash = "data:text/javascript,process.on('SIGUSR2',()=>{throw new Error('crashed')})";
      const run = await startDev(["--import", crash]);
      await run.printed(STARTING);
      await expectNothingStays(run, () => run.child.kill("SIGUSR2"));
      expect(await run.ended).toBe(1);
      expect(run.output()).toContain("Error: crashed");
      expect(await foldersOf(run.port)).toEqual([]);
    });

    test.each(["SIGTERM", "SIGKILL"] as const)("by %s to npm alone", async (signal) => {
      const run = await startNpm();
      await run.printed(STARTING);
      await expectNothingStays(run, () => run.child.kill(signal));
      expect(await foldersOf(run.port)).toEqual([]);
    });

    test("by SIGKILL, after it was there for this computer only; its secrets are gone with the next start, even on a port that another program has", async () => {
      const run = await startDev();
      await run.printed(READY);
      // Depending on the computer, "localhost" is 127.0.0.1 or ::1.
      for (const address of LOOPBACK) expect(await statusAt(address, run.port)).toBe(200);
      await expectLoopbackOnly(processTree(run.child.pid!), 5);

      // A second start on the same port says which process holds it.
      const second = await startDev([], run.port);
      expect(await second.ended).toBe(1);
      expect(second.output()).toMatch(
        new RegExp(
          `^Port ${run.port} is taken by process (\\d+) \\(an earlier "npm run dev" that is still running; to end it: kill \\1\\)`,
        ),
      );
      expect(second.output()).not.toMatch(/^ +at /m);
      expect(await foldersOf(run.port)).toHaveLength(1);

      await expectNothingStays(run, () => run.child.kill("SIGKILL"));
      expect(await foldersOf(run.port)).toHaveLength(1);
      const port = await takenPort();
      const next = await startDev([], port);
      expect(await next.ended).toBe(1);
      expect(next.output()).toContain(`Port ${port} is taken by process ${process.pid} (`);
      expect(next.output()).toContain("npm run dev -- --port <number>");
      expect(next.output()).not.toMatch(/^ +at /m);
      expect(await foldersOf(run.port)).toEqual([]);
    });
  },
);

describe("bad input ends in a sentence that says what to do", { timeout: TIMEOUT }, () => {
  test.each(["0", "65534", "x"])("--port %s", async (port) => {
    const run = await startDev([], port);
    expect(await run.ended).toBe(1);
    expect(run.output()).toBe(`--port ${port} is not a port from 1 to 65533.\n`);
  });
});

async function startDev(nodeFlags: string[] = [], port?: number | string): Promise<Run> {
  const wanted = port ?? (await freePort());
  return follow(
    spawn(process.execPath, [...nodeFlags, "scripts/dev.ts", `--port=${wanted}`], options()),
    Number(wanted),
  );
}

async function startNpm(): Promise<Run> {
  const port = await freePort();
  return follow(spawn("npm", ["run", "dev", "--", "--port", String(port)], options()), port);
}

function options(): SpawnOptions {
  return { cwd: PROJECT, stdio: ["ignore", "pipe", "pipe"] };
}

function follow(child: ChildProcess, port: number): Run {
  let output = "";
  child.stdout!.on("data", (text) => (output += text));
  child.stderr!.on("data", (text) => (output += text));
  const ended = once(child, "exit").then(([code]) => code as number | null);
  const printed = async (text: string): Promise<void> => {
    let hasEnded = false;
    void ended.then(() => (hasEnded = true));
    await expect.poll(() => hasEnded || output.includes(text), { timeout: TIMEOUT, interval: 100 }).toBe(true);
    expect(output).toContain(text);
  };
  return { child, port, ended, output: () => output, printed };
}

/** Expects that netlify dev runs before `kill`, and that no process is left and no port is taken afterwards. */
async function expectNothingStays(run: Run, kill: () => void): Promise<void> {
  const pid = run.child.pid!;
  await expect
    .poll(() => survivors(processTree(pid)).some((command) => command.includes("netlify-dev-process.ts")), SOON)
    .toBe(true);
  const tree = processTree(pid);
  trees.push(tree);
  const ports = listenersOf(tree).map(({ port }) => port);
  expect(ports.length).toBeGreaterThanOrEqual(2);

  kill();
  await expect.poll(() => survivors(tree), SOON).toEqual([]);
  for (const port of [...ports, run.port]) await expect.poll(() => isFree(port), SOON).toBe(true);
}

function statusAt(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { host: `localhost:${port}` };
    get({ host, port, path: "/services.json", headers }, (response) => resolve(response.resume().statusCode)).once(
      "error",
      reject,
    );
  });
}

/** The run folders for this port. The functions in them contain secrets. */
async function foldersOf(port: number): Promise<string[]> {
  const names = existsSync(RUNS) ? await readdir(RUNS) : [];
  return names.filter((name) => name.startsWith(String(port)));
}

/** A port that this process holds until it ends. */
async function takenPort(): Promise<number> {
  const port = await freePort();
  const server = createServer().unref();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return port;
}
