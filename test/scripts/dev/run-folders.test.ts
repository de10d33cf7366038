import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { removeEndedRuns } from "../../../scripts/dev/run-folders.ts";
import { freePort } from "../../../scripts/network/free-port.ts";

/** The functions that `npm run dev` builds contain the secrets of `.secret.json`, so they are removed after the run. */

const MODULE = new URL("../../../scripts/dev/run-folders.ts", import.meta.url).href;

let runs: string;
const processes: ChildProcess[] = [];

beforeEach(async () => {
  runs = await mkdtemp(join(tmpdir(), "runs-"));
});
afterEach(async () => {
  for (const each of processes.splice(0)) each.kill("SIGKILL");
  await rm(runs, { recursive: true, force: true });
});

test("a run that ends removes its folder", async () => {
  const run = await startRun(8888);
  expect(await readdir(runs)).toEqual([`8888-${run.pid}`]);
  run.stdin!.end();
  await once(run, "close");
  expect(await readdir(runs)).toEqual([]);
});

test("what a killed run has left is removed by the next one, and what a living run needs is not", async () => {
  const [killed, living] = [await startRun(8888), await startRun(8888)];
  killed.kill("SIGKILL");
  await once(killed, "close");
  expect(await readdir(runs)).toHaveLength(2);

  expect(await removeEndedRuns(runs)).toEqual([]);
  expect(await readdir(runs)).toEqual([`8888-${living.pid}`]);
  expect(existsSync(join(runs, `8888-${living.pid}`, "secret"))).toBe(true);
});

test("a folder is removed whose process id has since been given to another program, or to this one", async () => {
  const other = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "pipe", "pipe"] });
  processes.push(other);
  await mkdir(join(runs, `8888-${other.pid}`));
  await mkdir(join(runs, `8889-${process.pid}`));
  await removeEndedRuns(runs);
  expect(await readdir(runs)).toEqual([]);
});

test.skipIf(process.platform === "win32")("a killed run that nobody has waited for yet has ended", async () => {
  // Its parent is stopped and cannot wait for it, so the system keeps the process ID.
  const parent = spawn("sh", [
    "-c",
    `"$0" -e "setTimeout(() => {}, 1e9)" scripts/dev.ts & echo $!; kill -STOP $$`,
    process.execPath,
  ]);
  processes.push(parent);
  const pid = Number(String((await once(parent.stdout, "data"))[0]));
  process.kill(pid, "SIGKILL");
  await mkdir(join(runs, `8888-${pid}`));
  await expect.poll(() => removeEndedRuns(runs).then(() => readdir(runs))).toEqual([]);
});

test("a folder of a former version, named by the port alone, stays while somebody listens there", async () => {
  const [held, free] = [await freePort(), await freePort()];
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(held, "127.0.0.1", resolve));
  await Promise.all([held, free].map((port) => mkdir(join(runs, String(port)))));
  await removeEndedRuns(runs);
  expect(await readdir(runs)).toEqual([String(held)]);
  await new Promise((resolve) => server.close(resolve));
});

test("what is nobody's run stays, and where nothing is, nothing fails", async () => {
  await Promise.all(["notes", "8888-x", "8888-1-2"].map((name) => mkdir(join(runs, name))));
  await writeFile(join(runs, ".DS_Store"), "");
  await removeEndedRuns(runs);
  expect(await readdir(runs)).toHaveLength(4);
  expect(await removeEndedRuns(join(runs, "missing"))).toEqual([]);
});

/** Starts a process that other processes take for `npm run dev`: its command line ends with that script. */
async function startRun(port: number): Promise<ChildProcess> {
  const script = `
    const { makeRunFolder } = await import(${JSON.stringify(MODULE)});
    const { writeFileSync } = await import("node:fs");
    writeFileSync(await makeRunFolder(${JSON.stringify(runs)}, ${port}) + "/secret", "");
    process.stdin.resume().once("end", () => process.exit());
    console.log("running");`;
  const run = spawn(process.execPath, ["--input-type=module", "-e", script, "scripts/dev.ts"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  processes.push(run);
  await once(run.stdout!, "data");
  return run;
}
