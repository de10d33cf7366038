import { fork } from "node:child_process";
import type { CallReport } from "../children/login.ts";
import type { Call } from "../setup/call.ts";
import { nextMessage } from "../setup/host.ts";
import type { LoginSubject, TestBed } from "../setup/subjects.ts";

/** A whole login when nothing runs: all calls of one login, in one fresh process. */

export interface LoginFigures {
  /** All CPU time of the process. */
  cpuMs: number[];
  /** The time of all calls together, with the start of the process. */
  waitMs: number[];
}

/** By the name of the subject. */
export type LoginResult = Record<string, LoginFigures>;

/** Measures every subject once per round, so that other load on the machine affects all of them equally. */
export async function measureLogins(
  stage: TestBed,
  subjects: LoginSubject[],
  runs: number,
  onRound: (round: number) => void,
): Promise<LoginResult> {
  const result: LoginResult = Object.fromEntries(subjects.map(({ name }) => [name, { cpuMs: [], waitMs: [] }]));
  // The first round does not count: it reads files from disk that later rounds find in the system's cache.
  for (let round = 0; round <= runs; round += 1) {
    onRound(round);
    for (const subject of subjects) {
      const { cpuMs, waitMs } = await logInOnce(stage, subject);
      if (round === 0) continue;
      result[subject.name]!.cpuMs.push(cpuMs);
      result[subject.name]!.waitMs.push(waitMs);
    }
  }
  return result;
}

async function logInOnce(
  stage: TestBed,
  { wrapped: { entryPoint, route }, logIn }: LoginSubject,
): Promise<{ cpuMs: number; waitMs: number }> {
  const child = fork(stage.child("login"), [entryPoint, route], {
    env: stage.env,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const total = { cpuMs: 0, waitMs: 0 };
  await logIn(async (call: Call) => {
    child.send(call);
    const { reply, waitMs, cpuMs } = (await nextMessage(child)) as CallReport;
    total.waitMs += waitMs;
    total.cpuMs = cpuMs;
    return reply;
  });
  child.kill();
  return total;
}
