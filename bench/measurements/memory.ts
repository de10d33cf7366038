import { startHost } from "../setup/host.ts";
import type { Subject, TestBed } from "../setup/subjects.ts";

/** The memory that a process holds after a thousand calls and a garbage collection. */

export interface MemoryFigures {
  rssBytes: number[];
  heapUsedBytes: number[];
}

export type MemoryResult = Record<string, MemoryFigures>;

export const CALLS = 1_000;

export function memorySubjects({ own, floor }: TestBed): Subject[] {
  return [floor.login, own.authorize, floor.exchange, own.token];
}

export async function measureMemory(
  stage: TestBed,
  subjects: Subject[],
  processes: number,
  onRound: (round: number) => void,
): Promise<MemoryResult> {
  const result: MemoryResult = Object.fromEntries(
    subjects.map(({ name }) => [name, { rssBytes: [], heapUsedBytes: [] }]),
  );
  for (let round = 1; round <= processes; round += 1) {
    onRound(round);
    for (const subject of subjects) {
      const host = await startHost({ child: stage.child("host"), file: subject.file, env: stage.env });
      const { reply, memory } = await host.call(await subject.prepare(), CALLS);
      await host.stop();
      if (!subject.isRight(reply))
        throw new Error(`"${subject.name}" gave a wrong answer: ${reply.status} ${reply.body}`);
      result[subject.name]!.rssBytes.push(memory.rssBytes);
      result[subject.name]!.heapUsedBytes.push(memory.heapUsedBytes);
    }
  }
  return result;
}
