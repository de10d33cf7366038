/** `npm run bench`: measures the speed and size of this provider, and compares them with the minimum a login needs. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureBrowser } from "./measurements/browser.ts";
import { coldSubjects, measureCold } from "./measurements/cold.ts";
import { measureHosts } from "./measurements/hosts.ts";
import { measureLogins } from "./measurements/login.ts";
import { measureMemory, memorySubjects } from "./measurements/memory.ts";
import { measurePeers } from "./measurements/peers.ts";
import { measureSigning } from "./measurements/signing.ts";
import { measureSizes } from "./measurements/sizes.ts";
import { measureWarm, measureWithServiceAway, QUICK, THOROUGH, warmSubjects } from "./measurements/warm.ts";
import { describeMachine, machineSentence } from "./results/machine.ts";
import type { Results } from "./results/report.ts";
import { sectionsOf, writeSections } from "./results/report.ts";
import { buildProvider } from "./setup/build.ts";
import { startTestBed } from "./setup/subjects.ts";

const HELP = `npm run bench [-- --quick --runs 20 --only sizes,signing,cold,warm,memory --browser --peers --json FILE --write]

Measures this provider's sizes, whole logins and first calls in fresh processes, warm calls and memory. It compares them with a "crypto
floor": handlers that do only what a login cannot do without. Times depend on the machine, so compare the ratios.

  --quick        few runs, for a first impression in less than a minute
  --runs <n>     how often every first call is measured (default: 25, with --quick 5)
  --only <list>  measure only some of: sizes, signing, login, cold, hosts, warm, memory, browser, peers
  --browser      also measure a whole login in Chromium, under netlify dev
  --peers        also measure libraries that do the same; installs them once (bench/peers)
  --json <file>  also write every single measurement to a file
  --write        also write the tables into docs/performance.md
  --help         show this text`;

const PAGE = fileURLToPath(new URL("../docs/performance.md", import.meta.url));
const USUAL = ["sizes", "signing", "login", "cold", "hosts", "warm", "memory"];
const ON_REQUEST = ["browser", "peers"];

interface Options {
  sections: Set<string>;
  quick: boolean;
  /** How often each first call is measured. */
  runs: number;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  console.error("For all options, run: npm run bench -- --help");
  // Ends the process at once, because servers may still be running.
  process.exit(1);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      runs: { type: "string" },
      only: { type: "string" },
      browser: { type: "boolean", default: false },
      peers: { type: "boolean", default: false },
      json: { type: "string" },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);

  const requested = ON_REQUEST.filter((section) => values[section as "browser" | "peers"]);
  const results = await measure({
    sections: new Set([...readSections(values.only), ...requested]),
    quick: values.quick,
    runs: readRuns(values.runs) ?? (values.quick ? 5 : 25),
  });

  const sections = sectionsOf(results);
  for (const [name, text] of Object.entries(sections)) console.log(`\n## ${name}\n\n${text}`);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results)}\n`);
  if (values.write) await writeFile(PAGE, writeSections(await readFile(PAGE, "utf8"), sections));
  if (values.write) console.log("\nWritten to docs/performance.md.");
}

function readSections(value: string | undefined): string[] {
  if (value === undefined) return USUAL;
  const sections = value.split(",");
  const all = [...USUAL, ...ON_REQUEST];
  const unknown = sections.filter((section) => !all.includes(section));
  if (unknown.length > 0) throw new Error(`--only ${unknown.join(",")} is unknown. Choose from ${all.join(", ")}.`);
  return sections;
}

function readRuns(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const runs = Number(value);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${value} is not a number of runs.`);
  return runs;
}

async function measure({ sections, quick, runs }: Options): Promise<Results> {
  const machine = describeMachine();
  console.log(machineSentence(machine));
  const results: Results = { machine };
  const folder = await mkdtemp(join(tmpdir(), "auth-provider-bench-"));
  try {
    if (sections.has("sizes")) {
      progress("Building what is measured for size");
      await buildProvider(join(folder, "sizes"));
      results.sizes = await measureSizes(join(folder, "sizes"));
    }
    if (sections.has("signing")) results.signing = measureSigning(quick ? 50 : 500);
    if (["login", "cold", "hosts", "warm", "memory", "peers"].some((section) => sections.has(section))) {
      await measureOnStage(results, folder, { sections, quick, runs });
    }
    if (sections.has("browser")) {
      results.browser = await measureBrowser(quick ? 2 : 5, (run) => progress(`Login ${run} in Chromium`));
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureOnStage(results: Results, folder: string, { sections, quick, runs }: Options): Promise<void> {
  progress("Building the provider and the floors");
  const stage = await startTestBed(folder);
  try {
    if (sections.has("login")) {
      const { own, withIdToken, floor } = stage.logins;
      results.login = await measureLogins(stage, [floor, own, withIdToken], runs, (round) =>
        progress(`Whole logins, round ${round} of ${runs}`),
      );
    }
    if (sections.has("cold")) {
      results.cold = await measureCold(stage, coldSubjects(stage), runs, (round) =>
        progress(`First calls, round ${round} of ${runs}`),
      );
    }
    if (sections.has("hosts")) {
      results.hosts = await measureHosts(stage, runs, (round) => progress(`Hosts, round ${round} of ${runs}`));
    }
    if (sections.has("warm")) {
      const options = quick ? QUICK : THOROUGH;
      const onRound = (round: number): void => progress(`Warm calls, round ${round} of ${options.rounds}`);
      const atOnce = await measureWarm(stage, warmSubjects(stage), options, onRound);
      results.warm = { ...atOnce, ...(await measureWithServiceAway(stage, options, onRound)) };
    }
    if (sections.has("memory")) {
      const processes = quick ? 2 : 7;
      results.memory = await measureMemory(stage, memorySubjects(stage), processes, (round) =>
        progress(`Memory, round ${round} of ${processes}`),
      );
    }
    if (sections.has("peers")) results.peers = await measurePeers(stage, { runs, quick }, progress);
  } finally {
    await stage.stop();
  }
}

/** In a terminal, each line replaces the one before it. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text} …`);
  else process.stderr.write(`${text} …\n`);
}
