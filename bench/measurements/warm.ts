import type { Host } from "../setup/host.ts";
import { startHost } from "../setup/host.ts";
import type { Subject, TestBed } from "../setup/subjects.ts";

/**
 * Calls a warm process, one call after the other. An instance of a function serves one request at a time, so calls per
 * second are the capacity of one instance.
 */

export interface WarmFigures {
  /** One per call, in microseconds. */
  us: number[];
}

export type WarmResult = Record<string, WarmFigures>;

export interface WarmOptions {
  warmUpCalls: number;
  callsPerRound: number;
  rounds: number;
}

export const THOROUGH: WarmOptions = { warmUpCalls: 2_000, callsPerRound: 250, rounds: 20 };
export const QUICK: WarmOptions = { warmUpCalls: 500, callsPerRound: 200, rounds: 4 };

/** Less than the latency of any service on another computer. */
export const SERVICE_AWAY_MS = 10;
const CALLS_TO_SERVICE_AWAY = 15;

export function warmSubjects({ own, floor }: TestBed): Subject[] {
  return [floor.login, own.authorize, floor.fetch, floor.exchange, own.token];
}

/** The same exchanges with a service that answers after a delay, as every real service does. */
export function subjectsWithServiceAway({ own, floor }: TestBed): Subject[] {
  return [floor.fetch, own.token].map((subject) => ({ ...subject, name: withServiceAway(subject.name) }));
}

export function withServiceAway(name: string): string {
  return `${name}, service ${SERVICE_AWAY_MS} ms away`;
}

export async function measureWithServiceAway(
  stage: TestBed,
  { rounds }: WarmOptions,
  onRound: (round: number) => void,
): Promise<WarmResult> {
  stage.service.answerAfter(SERVICE_AWAY_MS);
  const options = { warmUpCalls: CALLS_TO_SERVICE_AWAY, callsPerRound: CALLS_TO_SERVICE_AWAY, rounds };
  try {
    return await measureWarm(stage, subjectsWithServiceAway(stage), options, onRound);
  } finally {
    stage.service.answerAfter(0);
  }
}

export async function measureWarm(
  stage: TestBed,
  subjects: Subject[],
  { warmUpCalls, callsPerRound, rounds }: WarmOptions,
  onRound: (round: number) => void,
): Promise<WarmResult> {
  const hosts = new Map<Subject, Host>();
  try {
    for (const subject of subjects) {
      const host = await startHost({ child: stage.child("host"), file: subject.file, env: stage.env });
      hosts.set(subject, host);
      await host.call(await subject.prepare(), warmUpCalls);
    }
    const result: WarmResult = Object.fromEntries(subjects.map(({ name }) => [name, { us: [] }]));
    for (let round = 1; round <= rounds; round += 1) {
      onRound(round);
      for (const [subject, host] of hosts) {
        const { reply, us } = await host.call(await subject.prepare(), callsPerRound);
        if (!subject.isRight(reply))
          throw new Error(`"${subject.name}" gave a wrong answer: ${reply.status} ${reply.body}`);
        result[subject.name]!.us.push(...us);
      }
    }
    return result;
  } finally {
    await Promise.all([...hosts.values()].map((host) => host.stop()));
  }
}

/** The capacity of one instance: calls per second of time spent in calls. */
export function callsPerSecond({ us }: WarmFigures): number {
  return (us.length * 1_000_000) / us.reduce((sum, each) => sum + each, 0);
}
