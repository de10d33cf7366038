import type { ChildProcess, StdioOptions } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import type { Batch, Order } from "../children/host.ts";
import type { Call } from "./call.ts";

/** A separate process that runs one function. This process tells it when to call the function. */
export interface Host {
  call(call: Call, times?: number): Promise<Batch>;
  stop(): Promise<void>;
}

export interface HostOptions {
  /** The built `children/host.ts`. */
  child: string;
  /** The function's file. */
  file: string;
  env: Record<string, string>;
  /** The Node executable for the process. Default: the current one. */
  node?: string | undefined;
}

export async function startHost({ child, file, env, node = process.execPath }: HostOptions): Promise<Host> {
  // Discards what the functions log.
  const stdio: StdioOptions = ["ignore", "ignore", "inherit", "ipc"];
  const hosted = fork(child, [file], { env, stdio, execPath: node, execArgv: ["--expose-gc", "--no-deprecation"] });
  await nextMessage(hosted);
  return {
    async call(call, times = 1) {
      hosted.send({ call, times } satisfies Order);
      return (await nextMessage(hosted)) as Batch;
    },
    async stop() {
      if (hasEnded(hosted)) return;
      hosted.kill();
      await once(hosted, "exit");
    },
  };
}

/** Waits for the next message of a process. Rejects if the process ends first. */
export async function nextMessage(child: ChildProcess): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    const onExit = (code: number | null): void =>
      reject(new Error(`The process ended with exit code ${code}, and no answer.`));
    if (hasEnded(child)) return onExit(child.exitCode);
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message);
    });
  });
}

export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
