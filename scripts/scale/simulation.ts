import { config } from "../../netlify/provider.ts";
import type { Assumptions } from "./costs.ts";

/**
 * Simulates the busiest hour, login by login. Users arrive at random (a Poisson process). Each login calls the function
 * four times, with pauses while the user reads. The result says how many functions run at once, how many calls wait for a
 * cold start, and how many logins the rate limit rejects.
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
  /** The share of calls that wait for a cold start. */
  coldShare: number;
  /** Logins that the rate limit rejected, at any step. */
  refused: number;
}

/** How long users spend at the service, and on our question once it can be answered, on average. */
const AT_SERVICE_SECONDS = 10;
const READING_SECONDS = 3;
/** The time until our page has loaded, and from then until Yes can be pressed. */
const PAGE_SECONDS = 0.3;
const GATE_SECONDS = 1;
const APP_SECONDS = 0.3;

const HOUR_SECONDS = 3_600;

interface Login {
  atSeconds: number;
  /** Whether it comes from the shared IP address. */
  shared: boolean;
}

interface Call {
  login: Login;
  atSeconds: number;
  /** Whether it exchanges the code, which is also the login's last call. */
  exchanges: boolean;
}

/** @param random Returns numbers from 0 to below 1. */
export function simulateBusiestHour(
  { loginsPerDay, peakFactor, shared }: Traffic,
  timing: Timing,
  random: () => number,
): BusiestHour {
  const perSecond = (loginsPerDay / (24 * HOUR_SECONDS)) * peakFactor;
  // The hour before is simulated too, so that the measured hour starts with a realistic number of warm functions.
  const logins = arrivals(perSecond, 2 * HOUR_SECONDS, random).map((atSeconds) => ({
    atSeconds,
    shared: random() < shared,
  }));
  const calls = logins.flatMap((login) => callsOf(login, random));
  calls.sort((left, right) => left.atSeconds - right.atSeconds);

  const accepted = limitRate(calls);
  const runs = run(accepted, timing).filter(isInSecondHour);
  const counted = logins.filter(isInSecondHour).map(({ atSeconds }) => atSeconds);
  const completed = accepted.filter(({ exchanges, login }) => exchanges && isInSecondHour(login));
  return {
    logins: counted.length,
    loginsInBusiestMinute: mostInWindow(counted, 60),
    concurrent: mostAtOnce(runs),
    coldShare: runs.length === 0 ? 0 : runs.filter(({ cold }) => cold).length / runs.length,
    refused: counted.length - completed.length,
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

/** The calls of the authorize, callback, decision and token endpoints. */
function callsOf(login: Login, random: () => number): Call[] {
  const callback = login.atSeconds + pause(AT_SERVICE_SECONDS, random);
  const decision = callback + PAGE_SECONDS + GATE_SECONDS + pause(READING_SECONDS, random);
  const times = [login.atSeconds, callback, decision, decision + APP_SECONDS];
  return times.map((atSeconds, index) => ({ login, atSeconds, exchanges: index === times.length - 1 }));
}

/**
 * The calls that a sliding-window limit accepts. Only logins from the shared address can exceed it, and a login that was
 * rejected at one step does not reach the next.
 */
function limitRate(calls: Call[]): Call[] {
  const { windowLimit, windowSize } = config.rateLimit;
  const recent: number[] = [];
  const rejected = new Set<Login>();
  return calls.filter(({ login, atSeconds }) => {
    if (!login.shared) return true;
    if (rejected.has(login)) return false;
    while (recent.length > 0 && recent[0]! <= atSeconds - windowSize) recent.shift();
    if (recent.length >= windowLimit) rejected.add(login);
    else recent.push(atSeconds);
    return !rejected.has(login);
  });
}

interface Run extends Call {
  seconds: number;
  cold: boolean;
}

/** Assigns each call a free instance that the platform still keeps, or else a new one. */
function run(calls: Call[], { firstMs, furtherMs, serviceMs, idleSeconds }: Timing): Run[] {
  /** When each instance became free or will become free. */
  let freeAt: number[] = [];
  return calls.map((call) => {
    freeAt = freeAt.filter((time) => time > call.atSeconds - idleSeconds);
    const free = freeAt.findIndex((time) => time <= call.atSeconds);
    const cold = free < 0;
    const seconds = ((cold ? firstMs : furtherMs) + (call.exchanges ? serviceMs : 0)) / 1_000;
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
