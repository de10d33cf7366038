import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { editJson, editLine, everythingOf, type Files, git, publish, read, write } from "../../tools/repositories.ts";
import { conflictsIn, editIntoConflict, linkedCopy, update } from "./linked-copy.ts";

const filesOf = (directory: string, ...paths: string[]): Promise<string> => git(directory, "ls-files", ...paths);
/** What the update says about removed files, in its one line. */
const saidOf = (output: string): string[] => output.match(/^What you removed stays removed.*$/gm) ?? [];
const change = (files: Files, path: string): string => (files[path] = `${files[path]}One more line.\n`);

describe("what the owner removed stays removed", () => {
  /** The owner removes a file that the template renames, one that it changes, and a whole folder. */
  async function removeMuch(folder: string): Promise<void> {
    await rm(join(folder, "server/upstream/exchange.ts"));
    await rm(join(folder, "public/confirm.html"));
    await rm(join(folder, "docs"), { recursive: true });
  }

  test("a file that the template changes or renames, and a folder that it adds to: no conflict, one line", async () => {
    const { directory, template } = await linkedCopy(removeMuch);
    publish(template, (files) => {
      change(files, "docs/setup.md");
      files["docs/new.md"] = "New.\n";
      files["docs/deep/er/new.md"] = "New.\n";
      files["public/new.html"] = "New.\n";
    });

    const { exitCode, output } = await update(directory);

    expect(exitCode).toBe(0);
    expect(output).toContain("The merge has no conflicts.");
    expect(saidOf(output)).toEqual([
      "What you removed stays removed: the template has changed or added 5 files there (docs/deep/er/new.md, docs/new.md, docs/setup.md, …).",
    ]);
    expect(await filesOf(directory, "docs", "server/upstream", "public")).toBe(
      "public/favicon.svg\npublic/index.html\npublic/new.html\npublic/styles/main.css",
    );
    expect(await git(directory, "status", "--porcelain", "--ignored")).toBe("");
    expect((await update(directory)).output).toContain("Nothing new");
  });

  test("at the next update, too", async () => {
    const { directory, template } = await linkedCopy(removeMuch, { now: "1.1.0" });
    expect((await update(directory)).exitCode).toBe(0);
    await template.release("2.0.0");
    publish(template, (files) => {
      change(files, "server/upstream/redeem.ts");
      files["docs/new.md"] = "New.\n";
    });

    const { exitCode, output } = await update(directory);

    expect([exitCode, saidOf(output)]).toEqual([0, [expect.stringContaining("2 files there (docs/new.md, server/")]]);
    expect(await filesOf(directory, "docs", "server/upstream", "public/confirm.html")).toBe("");
  });

  test("a folder that the template renames is still the removed one", async () => {
    const { directory, template } = await linkedCopy(removeMuch);
    publish(template, (files) => {
      files["guide/setup.md"] = files["docs/setup.md"] ?? "";
      delete files["docs/setup.md"];
      files["guide/new.md"] = "New.\n";
    });
    expect((await update(directory)).exitCode).toBe(0);
    expect(await filesOf(directory, "guide", "docs")).toBe("");
  });

  test("but a new file comes into a folder of which something is left, or that was moved", async () => {
    const { directory, template } = await linkedCopy(async (folder) => {
      await rm(join(folder, "netlify/functions/authorize.ts"));
      await write(folder, "handbook/setup.md", await read(folder, "docs/setup.md"));
      await rm(join(folder, "docs"), { recursive: true });
    });
    publish(template, (files) => {
      files["netlify/functions/new.ts"] = "// New\n";
      files["docs/new.md"] = "New.\n";
    });
    await update(directory);
    // git asks whether the new file belongs to the moved folder.
    expect(await conflictsIn(directory)).toEqual(["handbook/new.md"]);
    expect(await filesOf(directory, "netlify/functions")).toBe(
      "netlify/functions/callback.ts\nnetlify/functions/new.ts\nnetlify/functions/token.ts",
    );
  });

  test("a file that was removed and written anew is the owner's, and merged as any other", async () => {
    const { directory } = await linkedCopy(async (folder) => {
      await git(folder, "rm", "--quiet", "public/confirm.html");
      await git(folder, "commit", "--quiet", "--message", "Removed");
      const text = await git(folder, "show", "HEAD^:public/confirm.html");
      await write(folder, "public/confirm.html", `${text}\nThe owner's last line.\n`);
    });
    expect((await update(directory)).exitCode).toBe(0);
    expect(await read(directory, "public/confirm.html")).toMatch(/Focus\.[\s\S]*The owner's last line\.\n$/);
  });

  test("what took the place of a folder is kept, as are files there that git does not know", async () => {
    const { directory, template } = await linkedCopy(async (folder) => {
      await removeMuch(folder);
      await write(folder, "docs", "A file of the owner's.\n");
      await write(folder, ".gitignore", "node_modules/\n*.log\nconfirm.html\nserver/upstream/\n");
    });
    await write(directory, "public/confirm.html", "Mine, and ignored.\n");
    await write(directory, "server/upstream/redeem.ts", "Mine, and ignored.\n");
    publish(template, (files) => change(files, "docs/setup.md"));
    expect((await update(directory)).exitCode).toBe(0);
    expect(await read(directory, "docs")).toBe("A file of the owner's.\n");
    expect(await read(directory, "public/confirm.html")).toBe("Mine, and ignored.\n");
    expect(await read(directory, "server/upstream/redeem.ts")).toBe("Mine, and ignored.\n");
  });

  test("a file that others need is named: one that the update imports, and one that a setting names", async () => {
    const { directory, template } = await linkedCopy(async (folder) => {
      await rm(join(folder, "server/request/pkce.ts"));
      await rm(join(folder, "netlify/functions/callback.ts"));
    });
    publish(template, (files) => {
      files["server/new.ts"] = 'import { pkce } from "./request/pkce.ts";\n';
      files["netlify.toml"] = '[functions]\n  file = "netlify/functions/callback.ts"\n';
      files["README.md"] += "See server/request/pkce.ts.\n";
    });
    const { output } = await update(directory, ["--dry-run"]);
    expect(output).toContain(
      "You removed these files, but others of your copy need them:\n\n" +
        "  - netlify/functions/callback.ts (netlify.toml)\n  - server/request/pkce.ts (server/new.ts)\n\n",
    );
  });

  test("lines of package.json stay removed, and the template's others arrive", async () => {
    const { directory, template } = await linkedCopy(async (folder) => {
      await editJson(folder, "package.json", ["scripts"], { "update-repo": "node scripts/update-repo.ts" });
      await editJson(folder, "package.json", ["dependencies"], { jose: "^6.0.0" });
    });
    publish(template, (files) => {
      const manifest = JSON.parse(files["package.json"] ?? "{}");
      manifest.scripts.build = "node scripts/build.ts";
      files["package.json"] = `${JSON.stringify(manifest, null, 2)}\n`;
    });
    expect((await update(directory)).exitCode).toBe(0);
    const { scripts, dependencies } = JSON.parse(await read(directory, "package.json"));
    expect(Object.keys(scripts)).toEqual(["update-repo", "build"]);
    expect(dependencies).toEqual({ jose: "^6.2.0" });
  });
});

describe("the printed commands work", () => {
  test("for a file that the template removed, one that both renamed, and one with markers", async () => {
    const { directory, template } = await linkedCopy(async (folder) => {
      await editIntoConflict(folder);
      await git(folder, "mv", "LICENSE", "LICENSE.txt");
    });
    publish(template, (files) => {
      files.COPYING = files.LICENSE ?? "";
      delete files.LICENSE;
    });

    const { exitCode, output } = await update(directory);

    expect([exitCode, await conflictsIn(directory)]).toEqual([
      1,
      ["COPYING", "LICENSE.txt", "README.md", "docs/old-notes.md"],
    ]);
    await editLine(directory, "README.md", 1, "Decided.");
    await write(directory, "README.md", (await read(directory, "README.md")).replace(/^<{7}[\s\S]*^>{7}.*$/m, "Mine."));
    const commands = [...output.matchAll(/(?:\d\. |the file: )(git (?:add|rm) .+)$/gm)].map(([, command]) => command);
    expect(commands).toHaveLength(4);
    for (const command of commands) await git(directory, ...(command ?? "").split(" ").slice(1));
    expect((await update(directory, ["--continue"])).exitCode).toBe(0);
    expect(await git(directory, "status", "--porcelain")).toBe("");
  });

  test("git merge --abort goes back, and the next update starts anew", async () => {
    const { directory } = await linkedCopy(editIntoConflict);
    const before = await everythingOf(directory);
    await update(directory);
    await git(directory, "merge", "--abort");
    expect({ ...(await everythingOf(directory)), refs: "" }).toEqual({ ...before, refs: "" });
    expect((await update(directory)).output).toContain("You have to resolve conflicts in 2 files");
  });
});
