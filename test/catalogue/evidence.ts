import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { loadCatalogue } from "../../catalogue/load.ts";
import type { ServiceRecord } from "../../catalogue/schema.ts";
import { isStarted } from "../../scripts/terminal/command-line.ts";

/**
 * `node test/catalogue/evidence.ts` installs the newest lists of services from npm into a temporary folder, and says what
 * has changed in them since the last time: services of ours that have moved, and services that we don't have. With
 * `--accept`, it writes down today's state as the last time.
 *
 * The libraries that are code are compared by `cross-check.test.ts`, which a newer version in test/clients makes fail.
 */

const LISTS = ["@nangohq/providers", "grant"] as const;
type List = (typeof LISTS)[number];

const lastTime = fileURLToPath(new URL("./evidence.json", import.meta.url));

/** Names of our services in the lists, where they are not our id. */
const NAMES: Record<List, Record<string, string>> = {
  "@nangohq/providers": { x: "twitter-v2", atlassian: "jira", mediawiki: "", forgejo: "", codeberg: "" },
  grant: { x: "twitter2", openstreetmap: "openstreetmap2" },
};

/** Both endpoints of each service, separated by a space. */
export type Endpoints = Record<string, string>;

export interface Evidence {
  date: string;
  versions: Record<string, string>;
  /** The services that we have, by our ids. */
  ours: Record<string, Endpoints>;
  /** The names of all others. */
  others: Record<string, string[]>;
}

export function compareEvidence(last: Evidence, now: Evidence, records: Map<string, ServiceRecord>): string[] {
  return Object.keys(now.ours).flatMap((list) => [
    ...movedSince(list, last.ours[list] ?? {}, now.ours[list]!, records),
    ...unknownNames(now.others[list], last.others[list]).map((name) => `${list}: new service ${name}`),
    ...unknownNames(last.others[list], namesIn(now, list)).map((name) => `${list}: no longer has ${name}`),
  ]);
}

/** A service may have become one of ours. */
function namesIn({ ours, others }: Evidence, list: string): string[] {
  return [...Object.keys(ours[list] ?? {}), ...(others[list] ?? [])];
}

function movedSince(list: string, last: Endpoints, now: Endpoints, records: Map<string, ServiceRecord>): string[] {
  const moved = Object.keys(now).filter((id) => last[id] !== undefined && last[id] !== now[id]);
  return moved.map((id) => {
    const { authorization_endpoint, token_endpoint } = records.get(id)!;
    return `${list}: ${id} has moved\n  from ${last[id]}\n  to   ${now[id]}\n  ours ${authorization_endpoint} ${token_endpoint}`;
  });
}

function unknownNames(names: string[] = [], known: string[] = []): string[] {
  return names.filter((name) => !known.includes(name));
}

/** Divides a list into services that we have and others. */
export function sortList(list: List, entries: Endpoints, ids: string[]): { ours: Endpoints; others: string[] } {
  const nameOf = (id: string): string => NAMES[list][id] ?? id;
  const known = ids.filter((id) => Object.hasOwn(entries, nameOf(id)));
  const names = new Set(known.map(nameOf));
  return {
    ours: Object.fromEntries(known.map((id) => [id, entries[nameOf(id)]!])),
    others: Object.keys(entries)
      .filter((name) => !names.has(name))
      .sort(),
  };
}

// --------------------------------------------------------------------------------------------------- the lists on npm

interface GrantEntry {
  oauth: number;
  authorize_url: string;
  access_url: string;
}

interface NangoProvider {
  auth_mode: string;
  authorization_url?: string;
  token_url?: string | object;
}

function readGrant(folder: string): Endpoints {
  const entries = JSON.parse(readFileSync(join(folder, "grant/config/oauth.json"), "utf8")) as Record<
    string,
    GrantEntry
  >;
  const usable = Object.entries(entries).filter(([, { oauth }]) => oauth === 2);
  return Object.fromEntries(
    usable.map(([name, { authorize_url, access_url }]) => [name, `${authorize_url} ${access_url}`]),
  );
}

async function readNango(folder: string): Promise<Endpoints> {
  const entry = pathToFileURL(join(folder, "@nangohq/providers/dist/index.js")).href;
  const { getProviders } = (await import(entry)) as { getProviders: () => Record<string, NangoProvider> };
  const usable = Object.entries(getProviders()).filter(
    ([, { auth_mode: mode, authorization_url: url }]) => mode === "OAUTH2" && url !== undefined,
  );
  return Object.fromEntries(
    usable.map(([name, { authorization_url, token_url }]) => [name, `${authorization_url} ${String(token_url)}`]),
  );
}

async function readLists(): Promise<Evidence> {
  const directory = mkdtempSync(join(tmpdir(), "evidence-"));
  try {
    const newest = LISTS.map((name) => `${name}@latest`);
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefix", directory];
    execFileSync("npm", ["install", ...flags, ...newest], { stdio: "inherit" });
    const folder = join(directory, "node_modules");
    return await evidenceIn(folder);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function evidenceIn(folder: string): Promise<Evidence> {
  const ids = [...loadCatalogue().keys()];
  const entries: Record<List, Endpoints> = { "@nangohq/providers": await readNango(folder), grant: readGrant(folder) };
  const sorted = LISTS.map((list) => [list, sortList(list, entries[list], ids)] as const);
  return {
    date: new Date().toISOString().slice(0, 10),
    versions: Object.fromEntries(LISTS.map((list) => [list, versionOf(folder, list)])),
    ours: Object.fromEntries(sorted.map(([list, { ours }]) => [list, ours])),
    others: Object.fromEntries(sorted.map(([list, { others }]) => [list, others])),
  };
}

function versionOf(folder: string, list: List): string {
  return (JSON.parse(readFileSync(join(folder, list, "package.json"), "utf8")) as { version: string }).version;
}

if (isStarted(import.meta.url)) {
  const last = JSON.parse(readFileSync(lastTime, "utf8")) as Evidence;
  const now = await readLists();
  const news = compareEvidence(last, now, loadCatalogue());
  console.log(`\nSince ${last.date}:\n\n${news.join("\n") || "nothing has changed."}`);
  if (process.argv.includes("--accept")) writeFileSync(lastTime, `${JSON.stringify(now, null, 2)}\n`);
}
