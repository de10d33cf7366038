import type { Assumptions } from "./costs.ts";

/**
 * The busiest hour, login by login: people arrive at random (a Poisson process), and each login calls four functions with
 * pauses in which a person reads, and the page wakes the last two. Tells how many functions run at once, how many people
 * wait for one to start, and whom the rate limits turn away.
 */

export interface Traffic {
  loginsPerDay: number;
  /** How many times busier the busiest hour is than the average one. */
  peakFactor: number;
  /** Of all logins, those that come from one and the same address: an office, a school, a mobile network. */
  shared: number;
}

export interface Timing extends Pick<Assumptions, "firstMs" | "furtherMs" | "serviceMs"> {
  /** How long the platform keeps a function that nobody calls. */
  idleSeconds: number;
}

export interface BusiestHour {
  logins: number;
  /** Most logins begun in one minute: what a service's limit per client id is to be compared with. */
  loginsInBusiestMinute: number;
  /** Most calls under way at one moment. */
  concurrent: number;
  /** Of all calls that a person waits for, those that had to start a process. */
  coldShare: number;
  /** Logins that a rate limit turned away, at whichever step. */
  refused: number;
}

/** In the order of a login. */
const FUNCTIONS = ["authorize", "callback", "confirm", "token"] as const;

type FunctionName = (typeof FUNCTIONS)[number];

/** The `config` of those functions in `netlify/functions` that have one: calls in a window, by address. */
export const RATE_LIMITS: Partial<Record<FunctionName, number>> = { confirm: 120, token: 120 };
export const RATE_LIMIT_WINDOW_SECONDS = 60;

/** How long people take at the service, and at our question once it may be answered; on average. */
const AT_SERVICE_SECONDS = 10;
const READING_SECONDS = 3;
/** Until our page has loaded, and wakes the functions that come next; and from there until Yes may be pressed. */
const PAGE_SECONDS = 0.3;
const GATE_SECONDS = 1;
const APP_SECONDS = 0.3;

const HOUR_SECONDS = 3_600;

interface Login {
  atSeconds: number;
  /** From the address that many share. */
  shared: boolean;
  /** When it calls each function. */
  times: Record<FunctionName, number>;
  /** When the page wakes what comes after it. */
  wakesAtSeconds: number;
}

interface Call {
  login: Login;
  atSeconds: number;
  /** Nobody waits for it, and nothing depends on it. */
  wakes: boolean;
}

/** The page asks for these as soon as it has loaded. */
const WOKEN: readonly FunctionName[] = ["confirm", "token"];

/** @param random numbers from 0 to below 1 */
export function simulateBusiestHour(
  { loginsPerDay, peakFactor, shared }: Traffic,
  timing: Timing,
  random: () => number,
): BusiestHour {
  const perSecond = (loginsPerDay / (24 * HOUR_SECONDS)) * peakFactor;
  // The hour before is simulated as well, so that the one that counts finds functions as warm as they would be.
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
    // Whoever was turned away at one step never gets to the next.
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

/** Numbers that are the same in every run with the same seed (mulberry32). */
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

/** The calls that pass a sliding window, which only those meet who share an address. */
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

/** Gives each call an instance that is free and has not been taken away yet, or a new one. */
function run(calls: Call[], { firstMs, furtherMs, idleSeconds }: Timing, waitSeconds: number): Run[] {
  /** When each instance was, or will be, free. */
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
