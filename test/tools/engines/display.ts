import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** A screen that nobody sees. Without a window manager, no window would get the focus. */
export interface Display {
  /** For programs that shall appear there, with a home folder of their own. */
  env: Record<string, string | undefined>;
  home: string;
  stop(): Promise<void>;
}

export async function startDisplay(): Promise<Display> {
  const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const [number] = (await once(screen.stdio[3] as Readable, "data")) as [Buffer];
  const home = await mkdtemp(join(tmpdir(), "engine-"));
  const env = {
    ...process.env,
    DISPLAY: `:${String(number).trim()}`,
    HOME: home,
    GDK_BACKEND: "x11",
    LIBGL_ALWAYS_SOFTWARE: "1",
    NO_AT_BRIDGE: "1",
  };
  const manager = spawn("openbox", [], { env, stdio: "ignore" });
  const stop = async (): Promise<void> => {
    await endProcess(manager);
    await endProcess(screen);
  };
  return { env, home, stop };
}

export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
