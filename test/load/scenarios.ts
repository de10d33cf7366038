import type { HostileRequest } from "./hostile.ts";
import { hostileRequests } from "./hostile.ts";
import type { Memory } from "./loaded-provider.ts";
import { LoadedProvider } from "./loaded-provider.ts";
import { newLogin, prepareLogin } from "./logins.ts";
import { SlowService } from "./slow-service.ts";

/** The measurements, and a sentence for each fault. There should be no faults. */
export interface Result {
  faults: string[];
  before: Memory;
  after: Memory;
}

/** The provider keeps only a few derived keys per instance. Growth above this limit is a leak. */
const MAX_GROWTH_BYTES = 1_000_000;

export interface LoginLoad {
  logins: number;
  /** How long the service takes for each token request. */
  serviceDelayMs: number;
  /** The minimum number of logins that wait for the service at the same time. */
  atOnce?: number;
}

export interface LoginResult extends Result {
  /** The most logins that waited for the service at the same time. */
  peak: number;
  seconds: number;
  /** From the last request of a login to its answer, the service's delay included. */
  latenciesMs: number[];
}

/** Runs all logins at once. Each stops before its call to the service, and then all make that call together. */
export async function loadWithLogins({ logins, serviceDelayMs, atOnce = 1 }: LoginLoad): Promise<LoginResult> {
  return await withProvider(serviceDelayMs, async (provider, service) => {
    service.atOnce = atOnce;
    // The warm-up creates what is created once per instance, and the buffers of the HTTP server, before measuring.
    await logInAtOnce(logins, "warm-up", provider, service);
    service.peak = 0;
    const before = await provider.memory();
    const startedAt = performance.now();
    const { faults, latenciesMs } = await logInAtOnce(logins, "measured", provider, service);
    const seconds = (performance.now() - startedAt) / 1_000;
    const after = await provider.memory();
    return { faults: [...faults, ...growth(before, after)], before, after, peak: service.peak, seconds, latenciesMs };
  });
}

export interface AttackLoad {
  seconds: number;
  /** The offered load, as a multiple of the provider's measured capacity. */
  factor: number;
  /** How long to measure the capacity. */
  calibrationSeconds: number;
}

export interface AttackResult extends Result {
  capacityPerSecond: number;
  offered: number;
  answered: number;
  /** Kinds of requests that never received an answer. */
  unanswered: string[];
  latenciesMs: number[];
  /** Latencies of the good logins afterwards. */
  loginLatenciesMs: number[];
}

/** The most requests in flight. Requests above this limit are dropped, as on the platform. */
const MAX_IN_FLIGHT = 256;
const CALIBRATION_IN_FLIGHT = 32;
const LOGINS_AFTERWARDS = 30;
const TICK_MS = 5;

/** Sends hostile requests at a multiple of the capacity, then runs good logins. */
export async function loadWithAttack({ seconds, factor, calibrationSeconds }: AttackLoad): Promise<AttackResult> {
  return await withProvider(0, async (provider, service) => {
    await logInAtOnce(LOGINS_AFTERWARDS, "warm-up", provider, service);
    const requests = await hostileRequests(provider);
    const calibration = new Attack(provider, requests);
    await calibration.asFastAsAnswered(calibrationSeconds);
    const capacityPerSecond = calibration.answered / calibrationSeconds;

    const before = await provider.memory();
    const attack = new Attack(provider, requests);
    await attack.atRate(capacityPerSecond * factor, seconds);
    const { faults, latenciesMs } = await logInAtOnce(LOGINS_AFTERWARDS, "afterwards", provider, service);
    const after = await provider.memory();
    return {
      faults: [...calibration.faults, ...attack.faults, ...faults, ...growth(before, after)],
      unanswered: requests.map(({ name }) => name).filter((name) => !attack.answeredKinds.has(name)),
      before,
      after,
      capacityPerSecond,
      offered: attack.offered,
      answered: attack.answered,
      latenciesMs: attack.latenciesMs,
      loginLatenciesMs: latenciesMs,
    };
  });
}

async function withProvider<T>(
  serviceDelayMs: number,
  run: (provider: LoadedProvider, service: SlowService) => Promise<T>,
): Promise<T> {
  const service = new SlowService(serviceDelayMs);
  await service.start();
  try {
    const provider = await LoadedProvider.start(service.origin);
    try {
      return await run(provider, service);
    } finally {
      await provider.stop();
    }
  } finally {
    await service.stop();
  }
}

async function logInAtOnce(
  count: number,
  round: string,
  provider: LoadedProvider,
  service: SlowService,
): Promise<{ faults: string[]; latenciesMs: number[] }> {
  const logins = Array.from({ length: count }, (_, index) => newLogin(`${round}-${index}`));
  const prepared = await Promise.all(
    logins.map((login, index) => prepareLogin(index, login, provider, service).catch(asError)),
  );
  const latenciesMs: number[] = [];
  const faults = await Promise.all(
    prepared.map(async (finish, index) => {
      const { user, app } = logins[index]!;
      if (finish instanceof Error) return [`${user} was lost on the way: ${finish.message}`];
      const startedAt = performance.now();
      const outcome = await finish().catch(asError);
      latenciesMs.push(performance.now() - startedAt);
      if (outcome instanceof Error) return [`${user} was lost: ${outcome.message}`];
      const { recipient, accessToken } = outcome;
      if (recipient === app && accessToken === `token-of-${user}`) return [];
      return [`${app} expected the token of ${user}; ${recipient} got ${accessToken}`];
    }),
  );
  return { faults: faults.flat(), latenciesMs };
}

class Attack {
  readonly faults: string[] = [];
  readonly latenciesMs: number[] = [];
  offered = 0;
  answered = 0;
  readonly answeredKinds = new Set<string>();
  private inFlight = 0;
  private readonly provider: LoadedProvider;
  private readonly requests: HostileRequest[];

  constructor(provider: LoadedProvider, requests: HostileRequest[]) {
    this.provider = provider;
    this.requests = requests;
  }

  /** Closed loop: sends the next request when an answer arrives. */
  async asFastAsAnswered(seconds: number): Promise<void> {
    const end = performance.now() + seconds * 1_000;
    const loop = async (): Promise<void> => {
      while (performance.now() < end) await this.sendNext();
    };
    await Promise.all(Array.from({ length: CALIBRATION_IN_FLIGHT }, loop));
  }

  /** Open loop: sends at this rate without waiting for answers. */
  async atRate(perSecond: number, seconds: number): Promise<void> {
    const startedAt = performance.now();
    const sending: Promise<void>[] = [];
    // Counts requests instead of time, so that a client that was delayed catches up.
    while (this.offered < seconds * perSecond) {
      const elapsed = Math.min((performance.now() - startedAt) / 1_000, seconds);
      while (this.offered < elapsed * perSecond) {
        if (this.inFlight < MAX_IN_FLIGHT) sending.push(this.sendNext());
        else this.offered += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    await Promise.all(sending);
  }

  private async sendNext(): Promise<void> {
    const { name, pathAndQuery, send, status } = this.requests[this.offered++ % this.requests.length]!;
    this.inFlight += 1;
    const startedAt = performance.now();
    const reply = await this.provider.send(pathAndQuery, send).catch(asError);
    this.inFlight -= 1;
    if (reply instanceof Error) return void this.complain(`${name}: ${reply.message}`);
    this.answered += 1;
    this.answeredKinds.add(name);
    this.latenciesMs.push(performance.now() - startedAt);
    if (reply.status !== status) this.complain(`${name}: status ${reply.status} in place of ${status}`);
    if (reply.text.includes("token-of-")) this.complain(`${name}: somebody's token`);
  }

  /** Records each sentence only once, because thousands of requests are alike. */
  private complain(fault: string): void {
    if (!this.faults.includes(fault)) this.faults.push(fault);
  }
}

function growth(before: Memory, after: Memory): string[] {
  const bytes = after.heapBytes - before.heapBytes;
  return bytes > MAX_GROWTH_BYTES ? [`the provider kept ${bytes} bytes`] : [];
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
