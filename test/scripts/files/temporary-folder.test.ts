import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { ask } from "../../../scripts/git/repository-command.ts";

const module = (path: string): string => JSON.stringify(new URL(`../../../scripts/${path}`, import.meta.url).href);

describe.skipIf(process.platform === "win32")(
  "[A10] a command that is interrupted leaves nothing in temporary places",
  () => {
    test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
      "%s: no folder, and no prepared file with a secret",
      async (signal) => {
        const folder = await mkdtemp(join(tmpdir(), "interrupted-"));
        const program = `
      import { writeFileSync } from "node:fs";
      import { makeTemporaryFolder } from ${module("files/temporary-folder.ts")};
      import { prepareFile } from ${module("json/edit-json.ts")};
      const { folder } = await makeTemporaryFolder("secret-");
      writeFileSync(folder + "/.secret.json", "{}");
      await prepareFile(process.env.TMPDIR + "/.secret.json", "{}");
      console.log("ready");
      setInterval(() => {}, 1e6);
    `;
        const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
          env: { ...process.env, TMPDIR: folder },
          stdio: ["ignore", "pipe", "inherit"],
        });
        await once(child.stdout, "data");
        expect(await readdir(folder)).toHaveLength(2);
        child.kill(signal);
        expect(await once(child, "exit")).toEqual([expect.any(Number), null]);
        expect(await readdir(folder)).toEqual([]);
      },
    );

    test("once its folder is gone, a signal ends the process as before", async () => {
      const program = `
      import { makeTemporaryFolder } from ${module("files/temporary-folder.ts")};
      await (await makeTemporaryFolder("gone-")).remove();
      console.log(["SIGINT", "exit"].map((name) => process.listenerCount(name)).join());
    `;
      const child = spawn(process.execPath, ["--input-type=module", "--eval", program]);
      const [output] = (await once(child.stdout, "data")) as [Buffer];
      expect(output.toString().trim()).toBe("0,0");
    });
  },
);

describe("a question", () => {
  const answering = (keys: string, isTerminal: boolean): Promise<string> => {
    const input = new PassThrough();
    const output = Object.assign(new PassThrough(), isTerminal ? { isTTY: true, columns: 80 } : {});
    const answer = ask("Merge?", input, output);
    if (keys === "") input.end();
    else input.write(keys);
    return answer;
  };

  test.each([
    ["Ctrl-C", "\u0003", true],
    ["Ctrl-D", "\u0004", true],
    ["the end of the input", "", false],
  ])("%s is an answer: the command ends with a sentence", async (_name, keys, isTerminal) => {
    await expect(answering(keys, isTerminal)).rejects.toThrow("The question was not answered.");
  });

  test("the answer is what was typed, without spaces around it", async () => {
    expect(await answering(" y \n", false)).toBe("y");
    expect(await answering("\n", false)).toBe("");
  });
});
