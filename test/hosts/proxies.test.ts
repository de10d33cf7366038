import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROJECT } from "../../scripts/files/project.ts";
import { freePort } from "../../scripts/network/free-port.ts";
import { configurationFor, type Reply, type Send, sendWith } from "../load/loaded-provider.ts";
import { newLogin, prepareLogin } from "../load/logins.ts";
import { SlowService } from "../load/slow-service.ts";
import { buildOne, HOSTS, type RunningHost } from "./hosts.ts";

/** The configurations for nginx and Caddy that docs/hosts.md prints, in front of the server for Node. */

/** What differs on the computer of a test: names, ports, and where files are. */
interface Place {
  folder: string;
  /** Of the server in front, for https and http. */
  ports: [number, number];
  /** Of the provider. */
  upstream: number;
}

interface ProxyUnderTest {
  name: string;
  packages: string;
  /** Writes what the docs print, and says how to run it. */
  configure(place: Place): string[];
  /** Debian's Caddy has no module for limits. */
  limits: boolean;
}

const DOCS = readFileSync(join(PROJECT, "docs/hosts.md"), "utf8");
const NAME = "localhost";
/** A local build takes its services on plain http. So the provider's address has no certificate; the one in front has. */
const ADDRESS = `http://${NAME}`;
const CANARY = "canary-of-the-code";

function printed(language: string): string {
  return new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(DOCS)![1]!.replaceAll("auth.example.com", NAME);
}

/** @throws {Error} if the docs have become different, so that a test would run something else */
function replaceAll(block: string, replacements: [string, string][]): string {
  return replacements.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`The docs no longer say: ${from}`);
    return result.replaceAll(from, to);
  }, block);
}

const PROXIES: ProxyUnderTest[] = [
  { name: "nginx", packages: "nginx-light openssl", limits: true, configure: configureNginx },
  { name: "caddy", packages: "caddy", limits: false, configure: configureCaddy },
];

function configureNginx({ folder, ports: [https, http], upstream }: Place): string[] {
  const [certificate, key] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  const subject = ["-subj", `/CN=${NAME}`, "-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", "-x509", "-nodes", "-newkey", "rsa:2048", ...subject], { stdio: "ignore" });
  const block = replaceAll(printed("nginx"), [
    ["listen 443 ssl;", `listen 127.0.0.1:${https} ssl;`],
    ["listen 80;", `listen 127.0.0.1:${http};`],
    [`/etc/ssl/${NAME}.pem`, certificate],
    [`/etc/ssl/${NAME}.key`, key],
    ["/var/log/nginx/error.log", join(folder, "error.log")],
    ["127.0.0.1:8888", `127.0.0.1:${upstream}`],
  ]);
  const file = join(folder, "nginx.conf");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((each) => `${each}_temp_path ${folder};`);
  writeFileSync(file, `daemon off; pid ${folder}/pid; user root; events {} http { ${temporary.join(" ")}\n${block}\n}`);
  return ["nginx", "-e", "stderr", "-c", file];
}

function configureCaddy({ folder, ports: [https, http], upstream }: Place): string[] {
  const own = `{\n\tadmin off\n\tskip_install_trust\n\thttps_port ${https}\n\thttp_port ${http}\n\tstorage file_system ${folder}\n`;
  const block = replaceAll(printed("caddyfile"), [
    [/^\t\trate_limit \{.*?^\t\t\}\n/ms.exec(printed("caddyfile"))![0], ""],
    ["127.0.0.1:8888", `127.0.0.1:${upstream}`],
  ]);
  const file = join(folder, "Caddyfile");
  writeFileSync(file, block.replace(/^\{\n/, own));
  return ["caddy", "run", "--config", file, "--adapter", "caddyfile"];
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ["version"], { stdio: "ignore" }).error === undefined;
}

describe.each(PROXIES)("$name, as docs/hosts.md configures it", ({ name, packages, limits, configure }) => {
  const isMissing = !packages.split(" ").every((each) => isInstalled(each.split("-")[0]!));
  if (isMissing) console.log(`${name} is not installed, so its tests are skipped: apt-get install ${packages}`);
  const service = new SlowService(0);
  const output: string[] = [];
  let folder: string;
  let provider: RunningHost;
  let proxy: ChildProcess;
  let ended: Promise<unknown>;
  let ports: [number, number];

  beforeAll(async () => {
    if (isMissing) return;
    await service.start();
    const upstream = await freePort();
    const directory = await buildOne("node", configurationFor(service.origin), ADDRESS);
    const node = HOSTS.find((host) => host.name === "node")!;
    provider = await node.start({ directory, port: upstream, env: { URL: ADDRESS } });
    folder = mkdtempSync(join(tmpdir(), `${name}-`));
    ports = [await freePort(), await freePort()];
    const [program, ...args] = configure({ folder, ports, upstream });
    proxy = spawn(program!, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, HOME: folder } });
    ended = once(proxy, "close");
    for (const stream of [proxy.stdout!, proxy.stderr!]) stream.on("data", (chunk) => output.push(String(chunk)));
  });
  afterAll(async () => {
    if (isMissing) return;
    proxy.kill("SIGTERM");
    await Promise.all([ended, provider.stop(), service.stop()]);
  });

  /** As a browser would that finds the name here. */
  async function send(path: string, { method = "GET", headers = {}, body = "" }: Send = {}): Promise<Reply> {
    return await new Promise((resolve, reject) => {
      const outgoing = request(
        {
          port: ports[0],
          host: "127.0.0.1",
          servername: NAME,
          rejectUnauthorized: false,
          agent: false,
          method,
          path,
          headers: { host: NAME, ...headers },
        },
        (incoming) =>
          text(incoming).then(
            (body) => resolve({ status: incoming.statusCode!, headers: incoming.headers, text: body }),
            reject,
          ),
      );
      outgoing.on("error", reject).end(body);
    });
  }

  async function sendDirectly(path: string, send: Send = {}): Promise<Reply> {
    return await sendWith(false as never, provider.origin + path, {
      ...send,
      headers: { host: NAME, ...send.headers },
    });
  }

  test.skipIf(isMissing)("accepts the configuration, and starts", async () => {
    const isThere = (): Promise<unknown> => send("/health").then(({ status }) => status, String);
    await expect
      .poll(isThere)
      .toBe(200)
      .catch((e) => {
        throw new Error(output.join(""), { cause: e });
      });
  });

  test.skipIf(isMissing).each([0, 1, 2])("lets whole logins through, of dialect %i", async (dialect) => {
    const login = newLogin(`${dialect}`);
    const finish = await prepareLogin(dialect, login, { origin: ADDRESS, send }, service);
    expect(await finish()).toEqual({ recipient: login.app, accessToken: `token-of-${login.user}` });
  });

  test
    .skipIf(isMissing)
    .each<[string, Send?]>([
      ["/"],
      ["/confirm"],
      ["/auth.js"],
      ["/services.json"],
      ["/no-such-page"],
      ["//confirm"],
      ["/token/d%65mo", { method: "POST" }],
      ["/callback?code=x&state=y"],
      ["/?code=a&state=b"],
      ["/callback/demo?code=x&state=y", { headers: { cookie: `a=${"x".repeat(12_000)}` } }],
      ["/services.json", { headers: { "x-forwarded-host": "evil.example", "x-forwarded-proto": "http" } }],
      ["/token/demo", { method: "POST", body: "x".repeat(17_000) }],
    ])("[A66] changes nothing in the answer to %s", async (path, options) => {
    const [through, direct] = [await send(path, options), await sendDirectly(path, options)];
    const own = ["server", "alt-svc", "date", "connection", "keep-alive", "transfer-encoding", "content-length"];
    const rest = ({ headers }: Reply) =>
      Object.fromEntries(Object.entries(headers).filter(([key]) => !own.includes(key)));
    expect([through.status, rest(through)]).toEqual([direct.status, rest(direct)]);
    expect(through.text === direct.text).toBe(true);
  });

  test.skipIf(isMissing)("HEAD is GET without a body", async () => {
    const [head, whole] = [await send("/confirm", { method: "HEAD" as never }), await send("/confirm")];
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(head.headers["content-security-policy"]).toBe(whole.headers["content-security-policy"]);
  });

  test.skipIf(isMissing)("[A16] under another name there is nothing", async () => {
    for (const host of ["evil.example", `${NAME}.evil.example`]) {
      const { text, headers } = await send("/confirm", { headers: { host } });
      expect([text.length < 60, headers["set-cookie"]]).toEqual([true, undefined]);
    }
  });

  test.skipIf(isMissing)("a body that is far too large does not reach the provider", async () => {
    const before = provider.output.length;
    const { status } = await send("/token/demo", { method: "POST", body: "x".repeat(100_000) });
    // Caddy 2.6 blames the provider for what it does not pass on.
    expect([413, 502]).toContain(status);
    expect(provider.output.slice(before).filter((line) => !line.includes('"status":413'))).toEqual([]);
  });

  test.skipIf(isMissing || !limits)(
    "[A46] counts the address of the connection, whatever a client claims",
    async () => {
      const claims = Array.from({ length: 100 }, (_, index) => ({
        headers: { "x-forwarded-for": `192.0.2.${index}`, "x-real-ip": `192.0.2.${index}` },
      }));
      const answers = await Promise.all(claims.map((claim) => send(`/services.json?code=${CANARY}`, claim)));
      const statuses = new Set(answers.map(({ status }) => status));
      expect(statuses).toEqual(new Set([200, 429]));
    },
  );

  test.skipIf(isMissing)("[A35] logs no address, not even that of a request that fails", async () => {
    await provider.stop();
    const refused = (): Promise<number> => send(`/callback/demo?code=${CANARY}&state=x`).then(({ status }) => status);
    await expect.poll(refused).toBe(502);
    // At its end, it has written everything.
    proxy.kill("SIGTERM");
    await ended;
    const file = name === "nginx" ? readFileSync(join(folder, "error.log"), "utf8") : "";
    expect(output.join("") + file).not.toContain(CANARY);
  });
});
