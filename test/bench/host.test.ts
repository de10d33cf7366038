import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { nextMessage } from "../../bench/setup/host.ts";

const start = (program: string) =>
  spawn(process.execPath, ["-e", program], { stdio: ["ignore", "ignore", "ignore", "ipc"] });

test("what a process says is handed on", async () => {
  const child = start("process.on('message', () => undefined); process.send(1)");
  expect(await nextMessage(child)).toBe(1);
  child.kill();
});

test("a process that ends without a word is waited for no longer, neither then nor later", async () => {
  const child = start("process.exit(3)");
  await expect(nextMessage(child)).rejects.toThrow("exit code 3");
  await expect(nextMessage(child)).rejects.toThrow("exit code 3");
});
