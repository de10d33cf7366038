import { element } from "../page/dom.ts";
import { isPast } from "./deadline.ts";

/** How long before its deadline the question shows the time that is left. */
export const countdownMs = 120_000;

/** Counts down to the deadline: `1:05`. */
export function countdownElement(deadlineMs: number): HTMLElement {
  const time = element("span", { role: "timer" });
  tick(time, deadlineMs);
  return time;
}

function tick(time: HTMLElement, deadlineMs: number): void {
  time.textContent = minutesUntil(deadlineMs);
  if (!isPast(deadlineMs)) setTimeout(() => tick(time, deadlineMs), 1_000);
}

function minutesUntil(deadlineMs: number): string {
  const seconds = Math.max(0, Math.ceil((deadlineMs - Date.now()) / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
