import type { PreparedLogin } from "./login.ts";

/** Prepares the next login before the click. Each login has its own state and verifier. */
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
      // The click tries again and reports the error.
      () => {
        if (this.#next === next) this.reset();
      },
    );
  }

  /** @returns no promise if the login is ready: a window can then be opened without an `await` */
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
