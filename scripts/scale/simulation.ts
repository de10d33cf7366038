import type { Assumptions } from "./costs.ts";

/**
 * Simulates the busiest hour, login by login. Users arrive at random (a Poisson process). Each login calls four
 * functions, with pauses while the user reads, and the confirmation page wakes the last two functions in advance. The
 * result says how many functions run at once, how many calls wait for a cold start, and how many logins the rate limits
 * reject.
 */

export interface Traffic {
  loginsPerDay: number;
  /** How many times busier the busiest hour is than the average one. */
  peakFactor: number;
  /** The share of logins that come from the same IP address: an office, a school, a mobile network. */
  shared: number;
}

export interface Timing extends Pick<Assumptions, "firstMs" | "furtherMs" | "serviceMs"> {
  /** How long the platform keeps an idle function. */
  idleSeconds: number;
}

export interface BusiestHour {
  logins: number;
  /** The most logins started in one minute. Compare it with a service's limit per client id. */
  loginsInBusiestMinute: number;
  /** The most calls in progress at the same time. */
  concurrent: number;
  /** The share of cold starts among the calls that a user waits for. */
  coldShare: number;
  /** Logins that a rate limit rejected, at any step. */
  refused: number;
}

/** In the order of a login. */
const FUNCTIONS = ["authorize", "callback", "confirm", "token"] as const;

type FunctionName = (typeof FUNCTIONS)[number];

/** The rate limits in the `config` of functions in `netlify/functions`: calls per window and IP address. */
export const RATE_LIMITS: Partial<Record<FunctionName, number>> = { confirm: 120, token: 120 };
export const RATE_LIMIT_WINDOW_SECONDS = 60;

/** How long users spend at the service, and on our question once it can be answered, on average. */
const AT_SERVICE_SECONDS = 10;
const READING_SECONDS = 3;
/** The time until our page has loaded and wakes the next functions, and from then until Yes can be pressed. */
const PAGE_SECONDS = 0.3;
const GATE_SECONDS = 1;
const APP_SECONDS = 0.3;

const HOUR_SECONDS = 3_600;

interface Login {
  atSeconds: number;
  /** Whether it comes from the shared IP address. */
  shared: boolean;
  /** When it calls each function. */
  times: Record<FunctionName, number>;
  /** When the page wakes the next functions. */
  wakesAtSeconds: number;
}

interface Call {
  login: Login;
  atSeconds: number;
  /** Whether the call only wakes the function. No user waits for it. */
  wakes: boolean;
}

/** The functions that the page wakes as soon as it has loaded. */
const WOKEN: readonly FunctionName[] = ["confirm", "token"];

/** @param random Returns numbers from 0 to below 1. */
export function simulateBusiestHour(
  { loginsPerDay, peakFactor, shared }: Traffic,
  timing: Timing,
  random: () => number,
): BusiestHour {
  const perSecond = (loginsPerDay / (24 * HOUR_SECONDS)) * peakFactor;
  // The hour before is simulated too, so that the measured hour starts with a realistic number of warm functions.
  const logins = arrivals(perSecond, 2 * HOUR_SECONDS, random).map((atSeconds) =>
    newLogin(atSeconds, random() < shared, random),
  );

  let going = logins;
  const runsOf: Run[][] = [];
  for (const name of FUNCTIONS) {
    const calls = going.flatMap((login) => callsOf(login, name));
    calls.sort((left, right) => left.atSeconds - right.atSeconds);
    const accepted = limitRate(calls, RATE_LIMITS[name] ?? Infinity);
    const waitSeconds = name === "token" ? timing.serviceMs / 1_000 : 0;
    runsOf.push(run(accepted, timing, waitSeconds).filter(isInSecondHour));
    // A login that was rejected at one step does not reach the next.
    going = accepted.filter(({ wakes }) => !wakes).map(({ login }) => login);
  }
  const runs = runsOf.flat();
  const waitedFor = runs.filter(({ wakes }) => !wakes);
  const counted = logins.filter(isInSecondHour).map(({ atSeconds }) => atSeconds);
  return {
    logins: counted.length,
    loginsInBusiestMinute: mostInWindow(counted, 60),
    concurrent: mostAtOnce(runs),
    coldShare: waitedFor.length === 0 ? 0 : waitedFor.filter(({ cold }) => cold).length / waitedFor.length,
    refused: counted.length - going.filter(isInSecondHour).length,
  };
}

/** A random number generator that repeats its numbers for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function isInSecondHour({ atSeconds }: { atSeconds: number }): boolean {
  return atSeconds >= HOUR_SECONDS && atSeconds < 2 * HOUR_SECONDS;
}

function arrivals(perSecond: number, untilSeconds: number, random: () => number): number[] {
  const times: number[] = [];
  if (perSecond <= 0) return times;
  for (let time = pause(1 / perSecond, random); time < untilSeconds; time += pause(1 / perSecond, random))
    times.push(time);
  return times;
}

/** Exponentially distributed, as the pauses of a Poisson process are. */
function pause(meanSeconds: number, random: () => number): number {
  return -Math.log(1 - random()) * meanSeconds;
}

function newLogin(atSeconds: number, shared: boolean, random: () => number): Login {
  const callback = atSeconds + pause(AT_SERVICE_SECONDS, random);
  const wakesAtSeconds = callback + PAGE_SECONDS;
  const confirm = wakesAtSeconds + GATE_SECONDS + pause(READING_SECONDS, random);
  const times = { authorize: atSeconds, callback, confirm, token: confirm + APP_SECONDS };
  return { atSeconds, shared, times, wakesAtSeconds };
}

function callsOf(login: Login, name: FunctionName): Call[] {
  const call = { login, atSeconds: login.times[name], wakes: false };
  return WOKEN.includes(name) ? [{ login, atSeconds: login.wakesAtSeconds, wakes: true }, call] : [call];
}

/** The calls that a sliding-window limit accepts. Only logins from the shared address can exceed it. */
function limitRate(calls: Call[], limit: number): Call[] {
  const recent: number[] = [];
  return calls.filter(({ login, atSeconds }) => {
    while (recent.length > 0 && recent[0]! <= atSeconds - RATE_LIMIT_WINDOW_SECONDS) recent.shift();
    if (!login.shared) return true;
    if (recent.length >= limit) return false;
    recent.push(atSeconds);
    return true;
  });
}

interface Run extends Call {
  seconds: number;
  cold: boolean;
}

/** Assigns each call a free instance that the platform still keeps, or else a new one. */
function run(calls: Call[], { firstMs, furtherMs, idleSeconds }: Timing, waitSeconds: number): Run[] {
  /** When each instance became free or will become free. */
  let freeAt: number[] = [];
  return calls.map((call) => {
    freeAt = freeAt.filter((time) => time > call.atSeconds - idleSeconds);
    const free = freeAt.findIndex((time) => time <= call.atSeconds);
    const cold = free < 0;
    const seconds = (cold ? firstMs : furtherMs) / 1_000 + (call.wakes ? 0 : waitSeconds);
    if (!cold) freeAt.splice(free, 1);
    freeAt.push(call.atSeconds + seconds);
    return { ...call, seconds, cold };
  });
}

function mostAtOnce(runs: Run[]): number {
  const changes = runs.flatMap(({ atSeconds, seconds }) => [
    { atSeconds, change: 1 },
    { atSeconds: atSeconds + seconds, change: -1 },
  ]);
  changes.sort((left, right) => left.atSeconds - right.atSeconds || left.change - right.change);
  let now = 0;
  return changes.reduce((most, { change }) => {
    now += change;
    return Math.max(most, now);
  }, 0);
}

function mostInWindow(times: number[], seconds: number): number {
  let first = 0;
  return times.reduce((most, time, index) => {
    while (times[first]! <= time - seconds) first += 1;
    return Math.max(most, index - first + 1);
  }, 0);
}
