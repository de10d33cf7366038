import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ColdStart } from "../children/report.ts";
import type { Subject, TestBed } from "../setup/subjects.ts";

/** First calls in fresh processes, which users wait for at nearly every step of a login. */

export interface ColdFigures {
  cpuMs: number[];
  wallMs: number[];
  importMs: number[];
}

/** By the name of the contestant. */
export type ColdResult = Record<string, ColdFigures>;

/** One thing to start in a fresh process, again and again. */
export interface ColdSubject {
  name: string;
  /** A program from `children/` and its arguments. */
  command(): Promise<string[]>;
  isRight(start: ColdStart): boolean;
}

export function coldSubjects(stage: TestBed): ColdSubject[] {
  const { own, floor } = stage;
  return [
    { name: "node", command: () => Promise.resolve([stage.child("node")]), isRight: () => true },
    bare(stage, floor.login),
    bare(stage, floor.exchange),
    wrapped(stage, floor.nothing, "the wrapper alone"),
    wrapped(stage, floor.login, `${floor.login.name}, wrapped`),
    wrapped(stage, own.authorize),
    wrapped(stage, own.callback),
    wrapped(stage, own.decision),
    wrapped(stage, floor.exchange, `${floor.exchange.name}, wrapped`),
    wrapped(stage, own.token),
  ];
}

/** Calls the function directly, without a wrapper. */
export function bare(stage: TestBed, subject: Subject): ColdSubject {
  return {
    name: subject.name,
    command: async () => [stage.child("bare"), subject.file, JSON.stringify(await subject.prepare())],
    isRight: ({ reply }) => reply !== undefined && subject.isRight(reply),
  };
}

/** Calls the function in Netlify's wrapper, with a Lambda event. */
export function wrapped(stage: TestBed, subject: Subject, name = subject.name): ColdSubject {
  const { entryPoint, file, route } = subject.wrapped;
  return {
    name,
    command: async () => [stage.child("wrapped"), entryPoint, file, route, JSON.stringify(await subject.prepare())],
    isRight: ({ reply }) => reply !== undefined && subject.isRight(reply),
  };
}

/** Runs every contestant once per round, so that other load on the machine affects all of them equally. */
export async function measureCold(
  stage: TestBed,
  all: ColdSubject[],
  runs: number,
  onRound: (round: number) => void,
): Promise<ColdResult> {
  const result: ColdResult = Object.fromEntries(all.map(({ name }) => [name, { cpuMs: [], wallMs: [], importMs: [] }]));
  // The first round does not count: it reads files from disk that later rounds find in the system's cache.
  for (let round = 0; round <= runs; round += 1) {
    onRound(round);
    for (const contestant of all) {
      const { cpuMs, wallMs, importMs } = await startOnce(stage, contestant);
      if (round === 0) continue;
      result[contestant.name]!.cpuMs.push(cpuMs);
      result[contestant.name]!.wallMs.push(wallMs);
      result[contestant.name]!.importMs.push(importMs);
    }
  }
  return result;
}

async function startOnce({ folder, env }: TestBed, contestant: ColdSubject): Promise<ColdStart> {
  const command = await contestant.command();
  // Output goes to a file. Lambda's runtime writes logs immediately, and a pipe would take time to load and wait for.
  const output = join(folder, "output.txt");
  const file = await open(output, "w");
  const child = spawn(process.execPath, command, { env, stdio: ["ignore", file.fd, file.fd] });
  const [exitCode] = (await once(child, "exit")) as [number | null];
  await file.close();

  const text = await readFile(output, "utf8");
  if (exitCode !== 0) throw new Error(`"${contestant.name}" ended with exit code ${exitCode}:\n${text}`);
  const start = JSON.parse(text.trimEnd().split("\n").at(-1)!) as ColdStart;
  if (!contestant.isRight(start)) throw new Error(`"${contestant.name}" gave a wrong answer:\n${text}`);
  return start;
}
