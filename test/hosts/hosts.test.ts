import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { headersFor, parseHeaders } from "../../scripts/build/headers-file.ts";
import { CANARY, pkcePair } from "../tools/harness.ts";
import { PATIENCE_MS } from "../tools/patience.ts";
import { copyProject, type ProjectCopy } from "../tools/project-copy.ts";
import { freePort } from "../tools/site.ts";
import { startTokenServer } from "../tools/token-server.ts";

/** The servers in docs/hosts.md. Each runs as its own process in a copy of the project, with a full login over HTTP. */

const APP = "https://app.example";

const HOSTS = [
  { name: "Node", command: [process.execPath], file: "node.ts", runs: true },
  { name: "Deno", command: ["deno", "run", "--allow-all"], file: "deno.ts", runs: isInstalled("deno") },
  { name: "Bun", command: ["bun"], file: "bun.ts", runs: isInstalled("bun") },
];

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.each(HOSTS)("docs/hosts.md: under $name", ({ command, file, runs }) => {
  let copy: ProjectCopy;
  let tokens: Awaited<ReturnType<typeof startTokenServer>>;
  let server: ChildProcess;
  let origin: string;
  const output: string[] = [];

  beforeAll(async () => {
    if (!runs) return;
    copy = await copyProject();
    // Build before the local service is configured, because only a local development server accepts such a service.
    const built = await copy.run("node", ["scripts/build.ts"]);
    expect(built.status, built.output).toBe(0);
    tokens = await startTokenServer();
    tokens.answerWith({ json: { access_token: CANARY.accessToken, token_type: "bearer" } });
    await configure(copy.directory, tokens.endpoint);

    const port = await freePort();
    origin = `http://localhost:${port}`;
    const env = { ...process.env, URL: origin, PORT: String(port) };
    const [program, ...args] = command;
    server = spawn(program!, [...args, `hosts/${file}`], { cwd: copy.directory, env });
    for (const stream of [server.stdout!, server.stderr!]) stream.on("data", (text) => output.push(String(text)));
    await untilItAnswers(origin, output);
  });

  afterAll(async () => {
    server?.kill("SIGKILL");
    await tokens?.stop();
  });

  test.runIf(runs)("a login, from the app's request to its access token", async () => {
    const { verifier, challenge } = pkcePair();
    const redirectUri = `${APP}/callback`;
    const request = new URLSearchParams({
      client_id: `${APP}/`,
      redirect_uri: redirectUri,
      response_type: "code",
      code_challenge: challenge,
      code_challenge_method: "S256",
    });

    const started = await get(`${origin}/authorize/demo?${request}`, { referer: `${APP}/` });
    const toService = new URL(started.headers.get("location")!);
    expect(toService.searchParams.get("redirect_uri")).toBe(`${origin}/callback/demo`);

    const cookie = started.headers
      .getSetCookie()
      .map((set) => set.split(";", 1)[0])
      .join("; ");
    const answer = new URLSearchParams({ code: CANARY.serviceCode, state: toService.searchParams.get("state")! });
    const returned = await get(`${origin}/callback/demo?${answer}`, { cookie });
    const confirmation = new URL(returned.headers.get("location")!);
    const page = await get(confirmation.href);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");

    const question = JSON.parse(Buffer.from(confirmation.hash.slice(1), "base64url").toString());
    const decided = await fetch(`${origin}/decision`, {
      method: "POST",
      headers: { origin, cookie, "content-type": "application/json", "sec-fetch-site": "same-origin" },
      body: JSON.stringify({ ...question, origin: APP, service: "demo", decision: "yes", opener: false }),
    });
    const { location } = (await decided.json()) as { location: string };
    const code = new URL(location).searchParams.get("code")!;

    const grant = { grant_type: "authorization_code", client_id: `${APP}/`, redirect_uri: redirectUri };
    const body = new URLSearchParams({ ...grant, code, code_verifier: verifier });
    const redeemed = await fetch(`${origin}/token/demo`, { method: "POST", body, headers: { origin: APP } });
    expect(await redeemed.json()).toMatchObject({ access_token: CANARY.accessToken });
    for (const canary of Object.values(CANARY)) expect(output.join("")).not.toContain(canary);
  });

  test.runIf(runs)("pages carry the headers that the build has written", async () => {
    const rules = parseHeaders(await readFile(join(copy.directory, "dist/public/_headers"), "utf8"));
    for (const path of ["/", "/confirm", "/auth.d.ts", "/no-such-page"]) {
      const answer = await get(origin + path);
      expect(answer.status, path).toBe(path === "/no-such-page" ? 404 : 200);
      for (const [name, value] of Object.entries(headersFor(rules, path)))
        expect(answer.headers.get(name), `${name} of ${path}`).toBe(value);
    }
  });

  test.runIf(runs)("the root leads Madata's answers on, with every parameter", async () => {
    const answer = await get(`${origin}/?code=a&state=b&iss=c`);
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/callback?code=a&state=b&iss=c"]);
    expect((await get(`${origin}/?code=a`)).status).toBe(200);
  });

  test
    .runIf(runs)
    .each([
      "/_headers",
      "/.secret.json",
      "/../.secret.json",
      "/%2e%2e/.secret.json",
      "/..%2f.secret.json",
      "/package.json",
    ])("[A10] %s is not served", async (path) => expect((await get(origin + path)).status).toBe(404));

  test.runIf(runs)("[A16] under another name nothing is served", async () => {
    const elsewhere = origin.replace("localhost", "127.0.0.1");
    for (const path of ["/", "/services.json"]) expect((await get(elsewhere + path)).status).toBe(421);
  });
});

/** Configures a service on this computer. Its client secret is in `.secret.json`. */
async function configure(directory: string, tokenEndpoint: string): Promise<void> {
  const authorizationEndpoint = tokenEndpoint.replace("/token", "/authorize");
  const demo = { client_id: "demo", authorization_endpoint: authorizationEndpoint, token_endpoint: tokenEndpoint };
  await writeFile(join(directory, "services.json"), JSON.stringify({ Demo: demo }));
  await writeFile(join(directory, ".secret.json"), JSON.stringify({ Demo: { client_secret: CANARY.clientSecret } }));
}

async function untilItAnswers(origin: string, output: string[]): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await fetch(origin).catch(() => undefined))) {
    if (Date.now() > deadline) throw new Error(`The server does not answer:\n${output.join("")}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function get(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { headers, redirect: "manual" });
}
