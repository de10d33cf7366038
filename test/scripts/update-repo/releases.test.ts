import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { gitIn } from "../../../scripts/git/git.ts";
import { checkSignature } from "../../../scripts/update-repo/signature.ts";
import { commitAll, everyByte, git, publish, RELEASES, type Release, write } from "../../tools/repositories.ts";
import { bench, copyLinked, type Linked, linkedCopy, update } from "./linked-copy.ts";

const SIGNERS = ".template-signers";

/** The publisher's key, and an attacker's. */
let [key, wrongKey] = ["", ""];

beforeAll(() => {
  [key, wrongKey] = ["key", "wrong"].map((name) => {
    const path = bench.path(name);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path]);
    return path;
  }) as [string, string];
});

/** A line of ssh-keygen's allowed signers. */
function signer(path: string, options = 'namespaces="git"'): string {
  const [type, blob] = readFileSync(`${path}.pub`, "utf8").split(" ");
  return `release@example.com ${options} ${type} ${blob}\n`;
}

type Publisher = Pick<Linked, "template">;

const commitOf = ({ template }: Publisher, release: Release): string => template.commits[RELEASES[release] - 1] ?? "";

function sign(copy: Publisher, name: string, commit: string, withKey = key, ...args: string[]): Promise<string> {
  const settings = ["-c", "gpg.format=ssh", "-c", `user.signingkey=${withKey}.pub`];
  return git(copy.template.directory, ...settings, "tag", "--sign", "--message", name, ...args, name, commit);
}

/** A copy at release 1.0.0 whose owner trusts the publisher's key, unless told otherwise. */
async function trustingCopy(signers = signer(key)): Promise<Linked> {
  const trusting = await bench.once(`trusting ${signers}`, async () => {
    const copy = await linkedCopy();
    await write(copy.directory, SIGNERS, signers);
    await commitAll(copy.directory, "Whom I trust");
    return copy;
  });
  return copyLinked(trusting);
}

async function refuses({ directory }: Linked, reason: RegExp, args: string[] = []): Promise<void> {
  const before = await everyByte(directory);
  const { exitCode, output } = await update(directory, args);
  expect([exitCode, output]).toEqual([1, expect.stringMatching(reason)]);
  expect(await everyByte(directory)).toEqual(before);
}

const takes = async ({ directory }: Linked, text: string | RegExp, args: string[] = []): Promise<void> => {
  const { exitCode, output } = await update(directory, ["--dry-run", ...args]);
  expect([exitCode, output]).toEqual([
    0,
    typeof text === "string" ? expect.stringContaining(text) : expect.stringMatching(text),
  ]);
};

const message = ({ directory }: Linked): Promise<string> => git(directory, "log", "-1", "--format=%B");

describe("[A56] an update takes the newest release", () => {
  test("the highest version of the branch, whose signature is shown and recorded; --edge takes the newest commit", async () => {
    const copy = await trustingCopy();
    await sign(copy, "v1.9.0", commitOf(copy, "1.1.0"));
    await sign(copy, "v1.10.0", commitOf(copy, "1.2.0"));
    await sign(copy, "v2.0.0-rc.1", commitOf(copy, "2.0.0"));
    const elsewhere = await git(
      copy.template.directory,
      "commit-tree",
      "-m",
      "Aside",
      `${commitOf(copy, "1.1.0")}^{tree}`,
    );
    await sign(copy, "v9.0.0", elsewhere);

    const { exitCode, output } = await update(copy.directory, ["--no-push"]);

    const who = /signed by (release@example\.com \(ED25519 key SHA256:\S+\))/.exec(output)?.[1];
    expect([exitCode, output]).toEqual([
      0,
      expect.stringContaining(`Release v1.10.0. Verified: it is signed by ${who}`),
    ]);
    expect(await message(copy)).toBe(
      `Update from the template\n\nTemplate-Commit: ${commitOf(copy, "1.2.0")}\nTemplate-Release: v1.10.0\nTemplate-Signed-By: ${who}`,
    );
    expect(await git(copy.directory, "tag")).toBe("");
    expect((await update(copy.directory)).output).toContain("Nothing new");

    const edge = await update(copy.directory, ["--edge", "--no-push"]);
    expect(edge.output).toContain(
      "This takes the newest commit of the template's branch main. No signature was checked.",
    );
    expect(await message(copy)).toBe(
      `Update from the template\n\nTemplate-Commit: ${commitOf(copy, "2.0.0")}\nTemplate-Unverified: --edge`,
    );
    expect((await update(copy.directory)).output).toContain("Nothing new");
  });

  test("where the copy knows no signer yet, and where the template has no release yet, it says so in one line", async () => {
    const copy = await trustingCopy("# Nobody yet.\n\n");
    await takes(copy, "because it has no releases yet. No signature was checked.\n");
    await git(copy.template.directory, "tag", "v1.1.0", commitOf(copy, "1.1.0"));
    await takes(copy, `Release v1.1.0. Its signature was not checked, because your ${SIGNERS} names nobody.\n`);
  });
});

describe("[A56] a release that is not signed by whom the owner's present commit allows is refused", () => {
  const refused = (name: string, make: (copy: Publisher) => Promise<unknown>, reason: RegExp, signers?: string) =>
    test(name, async () => {
      const copy = await trustingCopy(signers);
      await make(copy);
      await refuses(
        copy,
        new RegExp(`${/newest release, v1\.1\.0, cannot be trusted:\n\n {2}- v1\.1\.0: /.source}${reason.source}`),
      );
    });
  /** What is wrong is one reason to refuse, as above, so this needs no copy. */
  const forged = (name: string, make: (copy: Publisher) => Promise<unknown>, reason: RegExp, signers?: () => string) =>
    test(name, async () => {
      const template = await bench.template("2.0.0");
      await make({ template });
      const verdict = await checkSignature(gitIn(template.directory), "refs/tags/v1.1.0", signers?.() ?? signer(key));
      expect(verdict).toEqual({ problem: expect.stringMatching(reason) });
    });
  const at = (copy: Publisher): string => commitOf(copy, "1.1.0");

  refused("a plain tag", (copy) => git(copy.template.directory, "tag", "v1.1.0", at(copy)), /it is not signed/);
  refused(
    "another key, which the release itself allows",
    async (copy) => {
      const line = signer(wrongKey);
      publish(copy.template, (files) => (files[SIGNERS] = line));
      await sign(copy, "v1.1.0", "main", wrongKey);
    },
    /it is signed by the ED25519 key/,
  );
  refused(
    "the signed tag of another version",
    async (copy) => {
      await sign(copy, "v1.0.0", commitOf(copy, "1.0.0"));
      // In the branch's history, so that only the name is wrong.
      await sign(copy, "v0.9.0", at(copy));
      await git(copy.template.directory, "update-ref", "refs/tags/v1.1.0", "refs/tags/v0.9.0");
    },
    /it is signed as v0\.9\.0/,
  );
  refused(
    "signers that ssh-keygen cannot read",
    (copy) => sign(copy, "v1.1.0", at(copy)),
    /it is signed by the ED25519 key/,
    "nonsense\n",
  );
  forged(
    "an annotated tag",
    (copy) => git(copy.template.directory, "tag", "--annotate", "--message", "x", "v1.1.0", at(copy)),
    /it has no SSH signature/,
  );
  forged(
    "another key",
    (copy) => sign(copy, "v1.1.0", at(copy), wrongKey),
    new RegExp(`it is signed by the ED25519 key SHA256:\\S+, which ${SIGNERS} did not allow`),
  );
  forged(
    "a key whose time is over",
    (copy) => sign(copy, "v1.1.0", at(copy)),
    /it is signed by the ED25519 key/,
    () => signer(key, 'valid-before="20200101"'),
  );
  forged(
    "a key whose time has not come",
    (copy) => sign(copy, "v1.1.0", at(copy)),
    /it is signed by the ED25519 key/,
    () => signer(key, 'valid-after="29990101"'),
  );
  forged(
    "a key for something else",
    (copy) => sign(copy, "v1.1.0", at(copy)),
    /its signature is not valid/,
    () => signer(key, 'namespaces="file"'),
  );
  forged(
    "a signature that was moved to another commit",
    async (copy) => {
      await sign(copy, "v1.1.0", commitOf(copy, "1.0.0"));
      const text = await git(copy.template.directory, "cat-file", "tag", "v1.1.0");
      const moved = text.replace(/^object .*/, `object ${at(copy)}`);
      const made = execFileSync("git", ["hash-object", "-t", "tag", "-w", "--stdin"], {
        cwd: copy.template.directory,
        input: `${moved}\n`,
      });
      await write(copy.template.directory, "refs/tags/v1.1.0", made.toString());
    },
    /its signature is not valid/,
  );

  test("a missing ssh-keygen", async () => {
    const copy = await trustingCopy();
    await sign(copy, "v1.1.0", commitOf(copy, "1.1.0"));
    const [programs, path] = [bench.path("programs"), process.env.PATH];
    await write(programs, "nothing", "");
    await symlink(execFileSync("which", ["git"]).toString().trim(), `${programs}/git`);
    process.env.PATH = programs;
    await refuses(copy, /it could not be checked, because ssh-keygen is missing/).finally(() => {
      process.env.PATH = path;
    });
  });

  test("no release at all, as if all were taken away; --edge is the owner's own decision", async () => {
    const copy = await trustingCopy();
    await refuses(copy, /no release, but your \.template-signers demands a signed one[\s\S]*--edge/);
    await takes(copy, "No signature was checked.", ["--edge"]);
  });

  test("--unverified takes it, which is recorded", async () => {
    const copy = await trustingCopy();
    await git(copy.template.directory, "tag", "v3.0.0", "main");
    const { exitCode, output } = await update(copy.directory, ["--unverified", "--no-push"]);
    expect([exitCode, output]).toEqual([
      0,
      expect.stringContaining("Release v3.0.0, which you take although:\n\n  - v3.0.0: it is not signed.\n"),
    ]);
    expect(await message(copy)).toMatch(
      /\nTemplate-Release: v3\.0\.0\nTemplate-Unverified: v3\.0\.0: it is not signed\.$/,
    );
  });
});

describe("[A56] what was published stays as it was", () => {
  async function updated(): Promise<Linked> {
    return copyLinked(
      await bench.once("updated by a release", async () => {
        const copy = await trustingCopy();
        await sign(copy, "v1.2.0", commitOf(copy, "1.2.0"));
        expect((await update(copy.directory, ["--no-push"])).exitCode).toBe(0);
        return copy;
      }),
    );
  }

  test("a release that has moved since the copy took it is refused, even if the publisher signed it", async () => {
    const copy = await updated();
    await sign(copy, "v1.2.0", commitOf(copy, "2.0.0"), key, "--force");
    await refuses(
      copy,
      /v1\.2\.0 was moved, from [0-9a-f]{7}, which your copy has, to [0-9a-f]{7}\. A release never changes/,
    );
  });

  test("an older version on a newer commit is refused", async () => {
    const copy = await updated();
    await git(copy.template.directory, "tag", "--delete", "v1.2.0");
    await sign(copy, "v1.1.9", commitOf(copy, "2.0.0"));
    await refuses(copy, /v1\.1\.9 is older than v1\.2\.0, which your copy has/);
  });

  test("releases that are all gone do not make the newest commit one, even where nobody has to sign", async () => {
    const copy = await updated();
    await write(copy.directory, SIGNERS, "");
    await commitAll(copy.directory, "I trust nobody");
    await git(copy.template.directory, "tag", "--delete", "v1.2.0");
    await copy.template.release("2.0.0");
    await refuses(copy, /The template has no release, but your copy has v1\.2\.0/);
  });

  test("a higher version on an older commit is nothing new", async () => {
    const copy = await updated();
    await sign(copy, "v9.0.0", commitOf(copy, "1.1.0"));
    await takes(copy, "Nothing new");
  });
});

test("[A56] new signers that a release brings are named before the owner agrees", async () => {
  const copy = await trustingCopy();
  const [own, added] = [signer(key), signer(wrongKey)];
  publish(copy.template, (files) => (files[SIGNERS] = `${own}${added}`));
  await sign(copy, "v3.0.0", "main");
  await git(copy.directory, "rm", "--quiet", SIGNERS);
  await git(copy.directory, "commit", "--quiet", "--message", "I trust nobody");
  await takes(copy, `may sign later releases (${SIGNERS}):\n\n  - new: ${own.trim()}\n  - new: ${added.trim()}\n`);
});

test("[A56] the command in docs/releasing.md makes a release that copies take", async () => {
  const copy = await trustingCopy();
  const clone = bench.path("maintainer");
  await git(bench.directory, "clone", "--quiet", copy.template.directory, clone);
  await git(clone, "config", "gpg.format", "ssh");
  await git(clone, "config", "user.signingkey", `${key}.pub`);
  execFileSync("npm", ["version", "minor", "--sign-git-tag", "--message", "Release %s"], { cwd: clone });
  await git(clone, "push", "--quiet", "--atomic", "origin", "main", "v2.1.0");
  await takes(copy, "Release v2.1.0. Verified: it is signed by release@example.com");
});
