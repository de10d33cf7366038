import type { PreparedLogin } from "./login.ts";

/** Keeps the next login ready, so that a click finds it. Each login has its own state and verifier. */
export class Preparation {
  readonly #make: () => Promise<PreparedLogin>;
  #next: Promise<PreparedLogin> | undefined;
  #ready: PreparedLogin | undefined;

  constructor(make: () => Promise<PreparedLogin>) {
    this.#make = make;
  }

  start(): void {
    if (this.#next !== undefined) return;
    const next = this.#make();
    this.#next = next;
    next.then(
      (ready) => {
        if (this.#next === next) this.#ready = ready;
      },
      // The click tries again, and reports.
      () => {
        if (this.#next === next) this.reset();
      },
    );
  }

  /** @returns the login itself if it is ready: then a window can be opened without any `await` */
  take(): PreparedLogin | Promise<PreparedLogin> {
    const taken = this.#ready ?? this.#next ?? this.#make();
    this.reset();
    this.start();
    return taken;
  }

  reset(): void {
    this.#next = undefined;
    this.#ready = undefined;
  }
}
