import { cpus, loadavg } from "node:os";

/** Where and when the measurements were made. */
export interface Machine {
  date: string;
  node: string;
  processor: string;
  cores: number;
  /** For the minute before the measurements. Well above 0 means that other programs were running too. */
  load: number;
}

export function describeMachine(now = new Date()): Machine {
  const processors = cpus();
  return {
    date: now.toISOString().slice(0, 10),
    node: process.version,
    processor: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    load: loadavg()[0] ?? 0,
  };
}

export function machineSentence({ date, node, processor, cores, load }: Machine): string {
  return `${date}, Node ${node.slice(1)}, ${cores} cores of ${processor}, load ${load.toFixed(1)} before the start.`;
}
