import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { describePortHolder, holderByLsof, holderByProc } from "../../../scripts/dev/port-holder.ts";
import { isDevelopmentCommand, PROC, PS } from "../../../scripts/dev/processes.ts";
import { freePort, isFree } from "../../../scripts/network/free-port.ts";

/** `npm run dev` names the process that holds its port, because it is easy to overlook an earlier run. */

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

const has = (program: string): boolean => spawnSync(program, ["-v"]).error === undefined;
const HOSTS = { "on all addresses": undefined, "on 127.0.0.1": "127.0.0.1", "on ::1": "::1" };

test.each(Object.entries(HOSTS))("a port that a program holds %s is named with the process", async (_name, host) => {
  const port = await freePort();
  const pid = await startHolder(port, host);
  expect(await isFree(port)).toBe(false);
  expect(describePortHolder(port)).toContain(`Port ${port} is taken by process ${pid} (`);
});

test.runIf(process.platform === "linux").each([
  ["Linux's tables", holderByProc],
  ["lsof", holderByLsof],
])("%s: the process is named, and nobody where nobody listens", async (name, holderOf) => {
  if (name === "lsof" && !has("lsof")) return;
  const port = await freePort();
  expect(holderOf(port)).toBeUndefined();
  const pid = await startHolder(port);
  expect(holderOf(port)).toBe(pid);
});

test.runIf(process.platform === "linux" && has("ps"))("Linux's tables and ps tell the same of a process", () => {
  expect(PROC.parentOf(process.pid)).toBe(process.ppid);
  expect(PS.parentOf(process.pid)).toBe(process.ppid);
  expect(PS.commandOf(process.pid)).toBe(PROC.commandOf(process.pid));
  for (const table of [PROC, PS]) expect(table.commandOf(2 ** 22 + 1)).toBeUndefined();
});

test("a connection that is open on the port is not taken for who listens", async () => {
  const port = await freePort();
  const pid = await startHolder(port);
  const reader = spawn(process.execPath, [
    "-e",
    `require("net").connect(${port}, "127.0.0.1").on("connect", () => console.log("connected"))`,
  ]);
  ends.push(() => reader.kill());
  await once(reader.stdout, "data");
  expect(describePortHolder(port)).toContain(`process ${pid} `);
});

test("what cannot be found out is left out", async () => {
  expect(describePortHolder(await freePort())).toMatch(/^Port \d+ is taken by another program\.$/);
});

test("a command line cannot write over the terminal, and is not printed without end", async () => {
  const port = await freePort();
  await startHolder(port, undefined, "/bin/\u001b[2J\u009b1m\nroot#");
  const sentence = describePortHolder(port);
  expect(sentence).toContain("root# -e");
  expect(sentence).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(sentence.length).toBeLessThan(200);
});

test.each([
  ["node scripts/dev.ts", true],
  ["node scripts/run.cjs scripts/dev.ts", true],
  ["/opt/node --inspect /home/me/my auth/scripts/dev.ts --port 9000", true],
  ["node /p/scripts/netlify/netlify-dev-process.ts dev --functions /p/dist/dev/8888-12/dist/functions", true],
  ["node /p/node_modules/netlify-cli/bin/run.js dev --functions /p/dist/dev/8888/dist/functions", true],
  ["node C:\\p\\scripts\\dev.ts", true],
  ["node /p/node_modules/.bin/netlify dev", false],
  ["node index.dev.ts.js", false],
  ["node my-dev.ts", false],
  ["(node)", false],
  ["", false],
])("%s: is it an earlier npm run dev? %s", (command, expected) => {
  expect(isDevelopmentCommand(command)).toBe(expected);
});

async function startHolder(port: number, host?: string, argv0 = process.execPath): Promise<number> {
  const address = JSON.stringify({ port, host });
  const script = `require("net").createServer().listen(${address}, () => console.log("listening"))`;
  const holder = spawn(process.execPath, ["-e", script, "--", "a".repeat(1_000)], {
    argv0,
    stdio: ["ignore", "pipe", "pipe"],
  });
  ends.push(() => holder.kill("SIGKILL"));
  const failed = text(holder.stderr).then((message) => Promise.reject(new Error(message)));
  failed.catch(() => {});
  await Promise.race([once(holder.stdout, "data"), failed]);
  return holder.pid!;
}
