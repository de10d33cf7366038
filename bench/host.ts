import { fork } from "node:child_process";
import type { StdioOptions } from "node:child_process";
import { once } from "node:events";
import type { Call } from "./call.ts";
import type { Batch, Order } from "./children/host.ts";

/** A process of its own with one function in it, which is called from here. */
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
}

export async function startHost({ child, file, env }: HostOptions): Promise<Host> {
  // What the functions log goes nowhere.
  const stdio: StdioOptions = ["ignore", "ignore", "inherit", "ipc"];
  const hosted = fork(child, [file], { env, stdio, execArgv: ["--expose-gc", "--no-deprecation"] });
  await next(hosted);
  return {
    async call(call, times = 1) {
      hosted.send({ call, times } satisfies Order);
      return (await next(hosted)) as Batch;
    },
    async stop() {
      if (hosted.exitCode !== null || hosted.signalCode !== null) return;
      hosted.kill();
      await once(hosted, "exit");
    },
  };
}

/** The next message, or why there will be none. */
async function next(hosted: ReturnType<typeof fork>): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`A process of the benchmark ended with exit code ${code}.`));
    hosted.once("exit", onExit);
    hosted.once("message", (message) => {
      hosted.off("exit", onExit);
      resolve(message);
    });
  });
}
