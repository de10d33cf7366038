import { type ChildProcess, spawn } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PROJECT } from "../../scripts/files/project.ts";
import { freePort } from "../tools/site.ts";

/** The README's first command: everything on this computer, with nothing registered. */

let dev: ChildProcess;
let ended: Promise<number | null>;
let output = "";

beforeAll(async () => {
  const port = String(await freePort());
  dev = spawn(process.execPath, ["scripts/dev.ts", "--port", port], {
    cwd: PROJECT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  ended = new Promise((resolve) => dev.once("close", resolve));
  await new Promise<void>((resolve) => {
    const read = (text: Buffer): void => {
      output += text;
      if (output.includes("Press Ctrl-C to stop.")) resolve();
    };
    dev.stdout!.on("data", read);
    dev.stderr!.on("data", read);
    void ended.then(() => resolve());
  });
});

afterAll(async () => {
  dev.kill();
  await ended;
});

test("npm run dev starts a demo app, the provider and a demo service, and ends when it is told to", async () => {
  const [app, provider, service] = ["Demo app", "Auth provider", "Demo service"].map(addressOf);
  expect(await (await fetch(app!)).text()).toContain("Log in");
  expect(await (await fetch(`${provider}/services.json`)).json()).toMatchObject({
    Demo: { issuer: `${provider}/demo` },
  });
  expect((await fetch(service!)).status).toBe(200);

  dev.kill("SIGINT");
  expect(await ended).toBe(0);
  await expect(fetch(app!)).rejects.toThrow();
});

function addressOf(name: string): string {
  return new RegExp(`${name} +(http:\\S+)`).exec(output)?.[1] ?? expect.fail(`No address of the ${name}:\n${output}`);
}
