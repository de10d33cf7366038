import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";

/** A program notices when its starter ends, even by SIGKILL, and even if a shell between them keeps running. */

const MODULE = new URL("../../../scripts/dev/parent-process.ts", import.meta.url).href;
const WATCHER = `
  const { onParentExit } = await import(${JSON.stringify(MODULE)});
  setInterval(() => {}, 1e9);
  onParentExit(() => { console.log("starter has ended"); process.exit(); });
  console.log("watching");`;
const NODE = JSON.stringify(process.execPath);

const started: ChildProcess[] = [];
afterEach(() => started.splice(0).forEach((each) => each.kill("SIGKILL")));

const SHELLS = {
  "without a shell": `${NODE} --input-type=module -e "$WATCHER"`,
  "behind a shell that stays": `sh -c '${NODE} --input-type=module -e "$WATCHER"; true'`,
};

test.skipIf(process.platform === "win32").each(Object.entries(SHELLS))("%s", async (_name, command) => {
  // The outer shell is the starter. The "true" at the end prevents it from replacing itself with the command.
  const starter = spawn("sh", [], { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, WATCHER } });
  started.push(starter);
  starter.stdin.write(`${command}; true\n`);
  let output = "";
  starter.stdout.on("data", (data) => (output += data));
  await expect.poll(() => output).toBe("watching\n");

  starter.kill("SIGKILL");
  await once(starter.stdout, "close");
  expect(output).toBe("watching\nstarter has ended\n");
});
