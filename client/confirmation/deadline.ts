const maximumTimerMs = 2 ** 31 - 1;

/** @param deadlineMs by this computer's clock, in milliseconds since 1970 */
export function isPast(deadlineMs: number): boolean {
  return Date.now() >= deadlineMs;
}

/** Calls `then` at the deadline, and again whenever the page becomes visible after it. */
export function atDeadline(deadlineMs: number, then: () => void): void {
  setTimeout(then, Math.min(deadlineMs - Date.now(), maximumTimerMs));
  // Timers stand still while a computer sleeps.
  document.addEventListener("visibilitychange", () => isPast(deadlineMs) && then());
}
