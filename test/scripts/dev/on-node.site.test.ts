import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT } from "../../../scripts/files/project.ts";
import { expectLoopbackOnly, processTree } from "../../tools/process-tree.ts";
import { copyProject, type ProjectCopy } from "../../tools/project-copy.ts";
import { freePort } from "../../tools/site.ts";

/** `npm run dev` in a slim copy, which has no `netlify dev`. */

test("npm run dev serves the provider on Node where netlify dev is not installed, to this computer only", async () => {
  const copy = await copyProject();
  await leaveOut(copy, "netlify-cli");
  const port = await freePort();
  const dev = spawn(process.execPath, ["scripts/dev.ts", "--port", String(port)], { cwd: copy.directory });
  const ended = once(dev, "close");
  let output = "";
  await new Promise<void>((resolve) => {
    const read = (text: Buffer): void => {
      output += text;
      if (output.includes("Press Ctrl-C to stop.")) resolve();
    };
    for (const stream of [dev.stdout, dev.stderr]) stream.on("data", read);
    void ended.then(() => resolve());
  });

  expect(output).toContain("Starting the provider on Node");
  const provider = `http://localhost:${port}`;
  expect(await (await fetch(`${provider}/services.json`)).json()).toMatchObject({
    Demo: { issuer: `${provider}/demo` },
  });
  expect((await fetch(`${provider}/confirm`)).headers.get("content-security-policy")).toContain("default-src 'none'");
  if (process.platform === "linux") await expectLoopbackOnly(processTree(dev.pid!), 3);

  dev.kill("SIGINT");
  expect(await ended).toEqual([0, null]);
  await expect(fetch(provider)).rejects.toThrow();
  expect(await readdir(join(copy.directory, "dist/dev"))).toEqual([]);
});

/** The packages are links, so one of them can be missing. */
async function leaveOut({ directory }: ProjectCopy, name: string): Promise<void> {
  const [from, to] = [join(PROJECT, "node_modules"), join(directory, "node_modules")];
  await unlink(to);
  await mkdir(to);
  for (const entry of await readdir(from)) if (entry !== name) await symlink(join(from, entry), join(to, entry));
}
