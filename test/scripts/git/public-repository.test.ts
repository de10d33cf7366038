import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { visibilityByGit } from "../../../scripts/git/public-repository.ts";
import { startLocalServer } from "../../tools/local-server.ts";
import { GIT_ENVIRONMENT, write } from "../../tools/repositories.ts";

Object.assign(process.env, GIT_ENVIRONMENT);

const directory = await mkdtemp(join(tmpdir(), "public-repository-"));

describe("whether everybody can read a repository", () => {
  const packet = (text: string): string => (text.length + 4).toString(16).padStart(4, "0") + text;
  const advertisement =
    `${packet("# service=git-upload-pack\n")}0000` + `${packet(`${"1".repeat(40)} refs/heads/main\0 agent=git\n`)}0000`;

  test("[A10] asks as a stranger: no credentials of the owner go along", async () => {
    const asked: (string | undefined)[] = [];
    const { origin, stop } = await startLocalServer((request, response) => {
      asked.push(request.headers.authorization);
      const isPublic = request.url?.startsWith("/public.git/") || request.headers.authorization !== undefined;
      response.writeHead(isPublic ? 200 : 401, {
        "Content-Type": "application/x-git-upload-pack-advertisement",
        "WWW-Authenticate": 'Basic realm="git"',
      });
      response.end(isPublic ? advertisement : "");
    });
    const home = join(directory, "home");
    await write(home, ".netrc", "machine 127.0.0.1 login owner password secret\n");
    await write(home, "askpass", "#!/bin/sh\necho secret\n");
    await chmod(join(home, "askpass"), 0o755);
    const rewriting = `[url "ssh://owner@127.0.0.1/"]\n\tinsteadOf = ${origin}/\n`;
    await write(
      home,
      "gitconfig",
      `${rewriting}[credential]\n\thelper = "!printf 'username=owner\\npassword=secret\\n'"\n`,
    );
    const [open, closed] = [`${origin}/public.git`, `${origin}/private.git`];

    for (const doors of [
      { HOME: home },
      { GIT_ASKPASS: join(home, "askpass") },
      { SSH_ASKPASS: join(home, "askpass") },
      { GIT_CONFIG_GLOBAL: join(home, "gitconfig") },
      { GIT_CONFIG_NOSYSTEM: "0", GIT_CONFIG_SYSTEM: join(home, "gitconfig") },
      { GIT_CONFIG_PARAMETERS: "'http.extraHeader'='Authorization: Basic eDp5'" },
      { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "http.extraHeader", GIT_CONFIG_VALUE_0: "Authorization: Basic eDp5" },
    ]) {
      for (const [name, value] of Object.entries(doors)) vi.stubEnv(name, value);
      expect(await visibilityByGit(open)).toBe("public");
      expect(await visibilityByGit(closed)).toBe("private");
      expect(await visibilityByGit(closed.replace("http://", "http://owner:secret@"))).toBe("private");
      vi.unstubAllEnvs();
    }
    expect(new Set(asked)).toEqual(new Set([undefined]));
    await stop();
  });

  test("finds its way out by the owner's own settings", async () => {
    const asked: (string | undefined)[] = [];
    const { origin, stop } = await startLocalServer((request, response) => {
      asked.push(request.url);
      response.writeHead(404).end();
    });
    await write(directory, "proxy-gitconfig", `[http "http://git.invalid"]\n\tproxy = ${origin}\n`);
    vi.stubEnv("GIT_CONFIG_GLOBAL", join(directory, "proxy-gitconfig"));

    expect(await visibilityByGit("http://git.invalid/x.git")).toBe("private");
    expect(asked).toEqual(["http://git.invalid/x.git/info/refs?service=git-upload-pack"]);
    vi.unstubAllEnvs();
    await stop();
  });

  test("a folder on this computer is nothing that strangers can reach", async () => {
    expect(await visibilityByGit(directory)).toBe("private");
    expect(await visibilityByGit(`file://${directory}`)).toBe("private");
  });

  test("[A10] no answer is no answer: a host that is not there, a proxy that fails, a server in trouble", async () => {
    expect(await visibilityByGit("https://nobody.invalid/x.git")).toBe("unknown");
    expect(await visibilityByGit("git@nobody.invalid:x.git")).toBe("unknown");
    const { origin, stop } = await startLocalServer((_request, response) => response.writeHead(503).end());
    expect(await visibilityByGit(`${origin}/x.git`)).toBe("unknown");
    // The server does not speak TLS.
    expect(await visibilityByGit(`${origin.replace("http:", "https:")}/x.git`)).toBe("unknown");
    vi.stubEnv("https_proxy", origin);
    expect(await visibilityByGit("https://git.invalid/x.git")).toBe("unknown");
    vi.unstubAllEnvs();
    await stop();
  });

  test.each([401, 403, 404])("%i is a no", async (status) => {
    const { origin, stop } = await startLocalServer((_request, response) => {
      response.writeHead(status, { "WWW-Authenticate": 'Basic realm="git"' }).end();
    });
    expect(await visibilityByGit(`${origin}/x.git`)).toBe("private");
    await stop();
  });
});
