import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { main } from "../../../scripts/attack.ts";
import { testProvider } from "../../tools/harness.ts";
import { PATIENCE_MS } from "../../tools/patience.ts";
import { fetchedUrls, spyOnFetch } from "../tools.ts";
import { BREAKAGES } from "./breakages.ts";
import { CALLED, startLocalSite } from "./local-site.ts";

const providerAt = (origin: string) => testProvider({ env: { URL: origin } });

let site: Awaited<ReturnType<typeof startLocalSite>> | undefined;
beforeEach(() => (site = undefined));
afterEach(async () => {
  await site?.stop();
  vi.restoreAllMocks();
});

async function attack(...argv: string[]): Promise<{ status: number; output: string; pauses: Set<number> }> {
  const lines: string[] = [];
  const pauses = new Set<number>();
  const sleep = async (ms: number) => void pauses.add(ms);
  const status = await main({ argv, write: (text) => lines.push(text), sleep, patienceMs: PATIENCE_MS });
  return { status, output: lines.join("\n"), pauses };
}

describe("npm run test:attack", () => {
  test("a sound provider withstands everything, and its services hear of nothing", async () => {
    const fetched = spyOnFetch();
    site = await startLocalSite((origin) => testProvider({ github: { ...CALLED }, env: { URL: origin } }));
    const { status, output } = await attack("--url", site.origin);
    expect(output).not.toContain("FOUND");
    expect(output).toContain("It withstands all of them.");
    expect(status).toBe(0);
    expect(fetched).not.toHaveBeenCalled();
  });

  test("with --all the service hears of a token that nobody has, twice", async () => {
    const fetched = spyOnFetch({ error: "invalid_token" });
    site = await startLocalSite((origin) => testProvider({ github: { ...CALLED }, env: { URL: origin } }));
    for (const row of ["A44", "A54"]) await attack("--url", site.origin, "--all", "--row", row);
    expect(fetchedUrls(fetched)).toEqual([CALLED.revocation.endpoint, CALLED.userinfo.endpoint]);
  });

  test.each(BREAKAGES)("finds %s (%s)", async (_, row, spoil) => {
    site = await startLocalSite(providerAt, spoil);
    const { status, output } = await attack("--url", site.origin, "--json", "--row", row);
    const report = JSON.parse(output) as { ok: boolean; findings: { row: string; request: string; fault: string }[] };
    expect(status).toBe(1);
    expect(report.ok).toBe(false);
    expect(report.findings[0]).toMatchObject({
      row,
      request: expect.stringMatching(/^[A-Z]+ \//),
      fault: expect.any(String),
    });
  });

  test("as people start it: what it found, where, and exit status 1", async () => {
    site = await startLocalSite(providerAt, ({ path }, answer) =>
      path === "/.secret.json" ? Response.json({ client_secret: "x" }) : answer,
    );
    const run = promisify(execFile)(process.execPath, [
      "scripts/attack.ts",
      "--url",
      site.origin,
      "--row",
      "A10",
      "--pause",
      "0",
    ]);
    const { code, stdout } = (await run.catch((error: unknown) => error)) as { code: number; stdout: string };
    expect(code).toBe(1);
    expect(stdout).toMatch(/FOUND +A10 .*\n.*GET \/\.secret\.json\n.*\n.*status 200/);
  });

  test("slows down when the provider asks for it, and goes on", async () => {
    let refusals = 0;
    site = await startLocalSite(providerAt, ({ path }, answer) => {
      if (path !== "/services.json" || refusals > 1) return answer;
      refusals += 1;
      return new Response("", { status: 429, headers: { "retry-after": "7" } });
    });
    const { status, output, pauses } = await attack("--url", site.origin, "--row", "A55");
    expect(output).toContain("waiting for 7 s");
    expect(pauses).toEqual(new Set([600, 7_000]));
    expect(status).toBe(0);
  });

  test("a dropped connection costs one verdict, and nothing of what was found", async () => {
    site = await startLocalSite(providerAt, ({ path }, answer) => {
      if (path === "/.secret.json") return Response.json({ client_secret: "x" });
      return path === "/.env" ? Response.error() : answer;
    });
    const { status, output } = await attack("--url", site.origin, "--row", "A10", "--json");
    expect(status).toBe(1);
    expect(JSON.parse(output)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^1 of \d+ attacks got no answer/),
      findings: expect.arrayContaining([expect.objectContaining({ row: "A10", request: "GET /.secret.json" })]),
      unanswered: [expect.stringContaining("GET /.env got no answer")],
    });
  });

  test.each([
    ["a connection that drops", () => Response.error(), "no answer"],
    ["too many requests, however long it waits", () => new Response("", { status: 429 }), "still too many requests"],
  ])("is no proof of anything: %s", async (_, refuse, said) => {
    site = await startLocalSite(providerAt, ({ path }, answer) => (path === "/.env" ? refuse() : answer));
    const { status, output } = await attack("--url", site.origin, "--row", "A10");
    expect(output).toMatch(/NO ANSWER +A10/);
    expect(output).toContain(said);
    expect(output).not.toContain("withstands");
    expect(status).toBe(2);
  });

  test("a provider that has stopped answering is left alone, and what was not tried is said", async () => {
    const isAimedAt = (path: string) => /^\/(authorize|services)/.test(path);
    site = await startLocalSite(providerAt, ({ path }, answer) => (isAimedAt(path) ? answer : Response.error()));
    const { status, output } = await attack("--url", site.origin, "--row", "A10", "--json");
    const { attacks, findings, unanswered } = JSON.parse(output) as {
      attacks: number;
      findings: [];
      unanswered: string[];
    };
    expect(status).toBe(2);
    expect(findings).toEqual([]);
    expect(unanswered).toHaveLength(attacks);
    expect(unanswered.filter((reason) => !reason.includes("not sent"))).toHaveLength(3);
  });

  test("where nothing could be tried, --json says so in JSON", async () => {
    const { status, output } = await attack("--url", "http://127.0.0.1:1", "--json");
    expect(JSON.parse(output)).toEqual({ ok: false, error: expect.stringContaining("no answer"), findings: [] });
    expect(status).toBe(2);
  });

  test.each([
    ["no address", [], "--url"],
    ["no origin", ["--url", "https://auth.example/x"], "--url"],
    ["http on another computer", ["--url", "http://auth.example"], "--url"],
    ["an app that is none", ["--url", "https://auth.example", "--app", "x"], "--app"],
    ["a pause that is none", ["--url", "https://auth.example", "--pause", "x"], "--pause"],
    ["an option that does not exist", ["--force"], "--force"],
    ["nobody at that address", ["--url", "http://127.0.0.1:1"], "no answer"],
  ])("with %s: says so, with exit status 2", async (_, argv, named) => {
    const { status, output } = await attack(...argv);
    expect(status).toBe(2);
    expect(output).toContain(named);
  });

  test("where no login runs: says so, with exit status 2", async () => {
    site = await startLocalSite(providerAt, () => Response.json({ error: "server_error" }, { status: 503 }));
    const { status, output } = await attack("--url", site.origin);
    expect(output).toContain("no login runs at this address");
    expect(status).toBe(2);
  });

  test("a service or a row that does not exist: says which ones do", async () => {
    site = await startLocalSite(providerAt);
    expect(await attack("--url", site.origin, "--service", "nobody")).toMatchObject({
      status: 2,
      output: expect.stringContaining("github, other"),
    });
    expect(await attack("--url", site.origin, "--row", "A99")).toMatchObject({
      status: 2,
      output: expect.stringContaining("A99"),
    });
  });

  test("with --help: what it does, what it costs, and what its exit status means", async () => {
    const { status, output } = await attack("--help");
    expect(status).toBe(0);
    for (const said of ["--url", "--all", "--pause", "--json", "yours", "Exit status"]) expect(output).toContain(said);
  });
});
