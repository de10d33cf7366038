import { execFile } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { readConfiguration } from "../../../scripts/configuration/configuration.ts";
import { PROJECT } from "../../../scripts/files/project.ts";
import { findSecrets } from "../../../scripts/secrets/secret-scan.ts";
import type { ProjectCopy } from "../../tools/project-copy.ts";
import { copyProject } from "../../tools/project-copy.ts";

const SECRET = "canary-client-secret-0123456789abcdef";

const run = promisify(execFile);

let copy: ProjectCopy;

beforeAll(async () => {
  copy = await copyProject();
});

async function configure(services: unknown, secrets?: unknown): Promise<void> {
  await writeFile(
    join(copy.directory, "services.json"),
    typeof services === "string" ? services : JSON.stringify(services),
  );
  if (secrets === undefined) await rm(join(copy.directory, ".secret.json"), { force: true });
  else await writeFile(join(copy.directory, ".secret.json"), JSON.stringify(secrets));
}

describe("what Netlify's build makes of a fresh copy", () => {
  interface ManifestFunction {
    name: string;
    routes: { pattern: string; methods: string[]; prefer_static?: boolean }[];
    trafficRules?: { action: { type: string; config: { rateLimitConfig: unknown; aggregate: unknown } } };
    bundler: string;
    runtimeVersion: string;
  }

  test("`netlify build --offline` passes, and routes, methods and rate limits are the ones we want", async () => {
    const { status, output } = await copy.run("netlify", ["build", "--offline"]);
    expect(status, output).toBe(0);

    const manifest = JSON.parse(await readFile(join(copy.directory, ".netlify/functions/manifest.json"), "utf8")) as {
      functions: ManifestFunction[];
    };
    const built = manifest.functions
      .map(({ name, routes, trafficRules }) => ({
        name,
        routes: routes.map(({ pattern, methods }) => `${methods.join(",") || "any"} ${pattern}`),
        limit: trafficRules?.action.config,
      }))
      .sort((left, right) => left.name.localeCompare(right.name));

    // One function, so that a login waits for one start. The routes name no method, so that requests with a wrong method
    // reach our code, which answers 405 with Allow. No path is also that of a static page, which the function would hide.
    expect(built).toEqual([
      {
        name: "provider",
        routes: [
          "any /authorize/:service",
          "any /auth",
          "any /oauth/authorize",
          "any /login/oauth/authorize",
          "any /:service/oauth/authorize",
          "any /:service/login/oauth/authorize",
          "any /callback/:service",
          "any /callback",
          "any /decision",
          "any /token/:service",
          "any /:service/oauth/token",
          "any /:service/login/oauth/access_token",
          "any /userinfo/:service",
          "any /revoke/:service",
          "any /services.json",
          "any /.well-known/oauth-authorization-server/:service",
          "any /:service/.well-known/openid-configuration",
          "any /:service/jwks.json",
          "any /:service/auth",
          "any /authorize/:service/oauth/authorize",
          "any /authorize/:service/login/oauth/authorize",
        ],
        limit: {
          rateLimitConfig: { algorithm: "sliding_window", windowLimit: 360, windowSize: 60 },
          aggregate: { keys: [{ type: "ip" }, { type: "domain" }] },
        },
      },
    ]);
    expect(await readFile(join(copy.directory, "netlify.toml"), "utf8")).not.toContain("rate_limit");
  });

  test("a function's folder holds endpoints and nothing else, and all of them become one function", async () => {
    const sources = await readdir(join(copy.directory, "netlify/functions"));
    const endpoints = [
      "authorize",
      "callback",
      "cms-mistake",
      "decision",
      "jwks",
      "metadata",
      "revoke",
      "services",
      "token",
      "userinfo",
    ];
    expect(sources.sort()).toEqual(endpoints.map((name) => `${name}.ts`));
    expect(await readdir(join(copy.directory, "dist/functions"))).toEqual(["provider.mjs"]);
  });
});

describe("a function that the owner has added", () => {
  const SOURCE =
    "declare const CONFIGURATION: { services: object[] };\n" +
    "export default () => Response.json(CONFIGURATION.services);\n" +
    'export const config = { path: "/statistics" };\n';

  async function buildWith(name: string): Promise<{ status: number | null; output: string }> {
    const file = join(copy.directory, `netlify/functions/${name}.ts`);
    await writeFile(file, SOURCE);
    const result = await copy.run("node", ["scripts/build.ts"]);
    await rm(file);
    return result;
  }

  test("stays a function of its own, with the whole configuration", async () => {
    const { status, output } = await buildWith("statistics");
    expect(status, output).toBe(0);
    const functions = join(copy.directory, "dist/functions");
    expect((await readdir(functions)).sort()).toEqual(["provider.mjs", "statistics.mjs"]);
    const { default: run, config } = (await import(join(functions, "statistics.mjs"))) as {
      default: () => Response;
      config: { path: string };
    };
    expect(config).toEqual({ path: "/statistics" });
    expect(await run().json()).toContainEqual(expect.objectContaining({ id: "github", userinfo: expect.anything() }));
    expect(await readFile(join(functions, "provider.mjs"), "utf8")).not.toContain("/statistics");
  });

  test("[A61] cannot take the place of the provider", async () => {
    const { status, output } = await buildWith("provider");
    expect(status).toBe(1);
    expect(output).toContain("netlify/functions/provider.ts needs another name");
    expect(output).not.toMatch(/^\s+at /m);
  });
});

describe("what is published", () => {
  test("loses no headers of the owner's: a file of them stops the build, which says where they belong", async () => {
    const file = join(copy.directory, "public/_headers");
    await writeFile(file, "/*\n  X-Of-The-Owner: 1\n");
    const { status, output } = await copy.run("node", ["scripts/build.ts"]);
    expect(await readFile(file, "utf8")).toContain("X-Of-The-Owner");
    await rm(file);
    expect(status).toBe(1);
    expect(output).toContain("Write your headers into netlify.toml, under [[headers]].");
    expect(output).not.toMatch(/^\s+at /m);
  });

  test("is made from sources that the build leaves as they are", async () => {
    const { stdout } = await run("git", ["ls-files", "public"], { cwd: PROJECT });
    const files = await readdir(join(copy.directory, "public"));
    expect(files.map((file) => `public/${file}`).sort()).toEqual(stdout.trim().split("\n").sort());
  });
});

describe("secrets and builds", () => {
  beforeAll(async () => {
    await configure({ Github: { client_id: "client-of-github" } }, { Github: { client_secret: SECRET } });
  });

  test("[A10] a production build has the secret in its function and in no published file, of which an older build has left none", async () => {
    await writeFile(join(copy.directory, "dist/public/left-over.js"), "");
    const { status, output } = await copy.run("node", ["scripts/build.ts"], { CONTEXT: "production" });
    expect(status, output).toBe(0);
    expect(output).not.toContain(SECRET);
    expect(await findSecrets(join(copy.directory, "dist/functions"), [SECRET])).toContain("provider.mjs");
    expect(await findSecrets(join(copy.directory, "dist/public"), [SECRET])).toEqual([]);

    const files = await readdir(join(copy.directory, "dist/public"));
    expect(files).not.toContain("left-over.js");
    expect(files).toEqual(
      expect.arrayContaining(["_headers", "auth.d.ts", "auth.js", "confirm.html", "favicon.svg", "icons", "languages"]),
    );
  });

  test("[A11] a preview build carries no secret at all", async () => {
    const { status, output } = await copy.run("node", ["scripts/build.ts"], { CONTEXT: "deploy-preview" });
    expect(status, output).toBe(0);
    expect(await findSecrets(join(copy.directory, "dist"), [SECRET])).toEqual([]);
  });

  test("[A11] nor is there one in the configuration of any other build", async () => {
    for (const CONTEXT of ["deploy-preview", "branch-deploy", "dev", "", undefined]) {
      const env = CONTEXT === undefined ? {} : { CONTEXT };
      const { configuration } = await readConfiguration({ directory: copy.directory, env });
      expect(configuration.services).toHaveLength(1);
      expect(JSON.stringify(configuration), CONTEXT).not.toContain(SECRET);
    }
  });

  test("[A10] a secret in a published file, however it is spelled, stops the build", async () => {
    const spellings = [SECRET, Buffer.from(SECRET).toString("base64"), Buffer.from(SECRET).toString("hex")];
    // Previews are public too.
    for (const CONTEXT of ["production", "deploy-preview"]) {
      const files = spellings.map((_, index) => `left-over-${index}.txt`);
      for (const [index, file] of files.entries()) {
        await writeFile(join(copy.directory, "public", file), `something ${spellings[index]} something`);
      }
      const { status, output } = await copy.run("node", ["scripts/build.ts"], { CONTEXT });
      expect(status, CONTEXT).toBe(1);
      for (const file of files) expect(output).toContain(`dist/public/${file}`);
      for (const spelling of spellings) expect(output).not.toContain(spelling);
      for (const file of files) await rm(join(copy.directory, "public", file));
    }
  });
});

describe("a build that cannot be right", () => {
  test("[A50] stops with every fault, each with its path, the reason and what to type", async () => {
    await configure({
      Github: { client_id: 7 },
      Gitlab: { client_id: "client-of-gitlab", token_endpoint: "http://gitlab.example/token" },
      Other: { client_id: "client-of-other", tokenendpoint: "https://other.example/token" },
    });
    const { status, output } = await copy.run("node", ["scripts/build.ts"], { CONTEXT: "production" });
    expect(status).toBe(1);
    expect(output).toContain("Github.client_id");
    expect(output).toContain("Gitlab.token_endpoint");
    expect(output).toContain("tokenendpoint");
    expect(output).toContain("token_endpoint");
    expect(output).not.toMatch(/^\s+at /m);
  });

  test("says where services.json stops being JSON", async () => {
    await configure('{\n  "Github": { "client_id": "x", }\n}');
    const { status, output } = await copy.run("node", ["scripts/build.ts"], { CONTEXT: "production" });
    expect(status).toBe(1);
    expect(output).toMatch(/services\.json.*2/s);
    expect(output).not.toMatch(/^\s+at /m);
  });
});
