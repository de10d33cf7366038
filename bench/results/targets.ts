/**
 * What this project promises about its speed and size. Times are ratios to a floor measured in the same run, so that a
 * promise means the same on every machine.
 */

import type { ColdResult } from "../measurements/cold.ts";
import type { LoginResult } from "../measurements/login.ts";
import type { MemoryResult } from "../measurements/memory.ts";
import { CALLS } from "../measurements/memory.ts";
import type { SigningResult } from "../measurements/signing.ts";
import type { Sizes } from "../measurements/sizes.ts";
import type { WarmResult } from "../measurements/warm.ts";
import { SERVICE_AWAY_MS, withServiceAway } from "../measurements/warm.ts";
import { median } from "./statistics.ts";

/** All measurements. A section that was not requested is absent. */
export interface Measured {
  sizes?: Sizes;
  signing?: SigningResult;
  login?: LoginResult;
  cold?: ColdResult;
  warm?: WarmResult;
  memory?: MemoryResult;
}

export type Section = keyof Measured;

export interface Target {
  section: Section;
  promise: string;
  limit: number;
  unit: "×" | "ms" | "bytes";
  /** Every value that the promise covers. The largest one decides. */
  values(measured: Measured): Record<string, number>;
}

const KILOBYTE = 1_024;

export const targets: Target[] = [
  {
    section: "sizes",
    promise: "the function with four services, minified and compressed",
    limit: 32 * KILOBYTE,
    unit: "bytes",
    values: ({ sizes }) => mapValues(sizes?.functions ?? {}, ({ gzip }) => gzip),
  },
  {
    section: "sizes",
    promise: "the confirmation page, compressed",
    limit: 11 * KILOBYTE,
    unit: "bytes",
    values: ({ sizes }) => (sizes ? { "/confirm": sizes.pages["/confirm"]!.gzip } : {}),
  },
  {
    section: "signing",
    promise: "signing an ID token with RSA and 2,048 bits, CPU",
    limit: 2,
    unit: "ms",
    values: ({ signing }) => (signing ? { RS256: median(signing.RS256!.signMs) } : {}),
  },
  {
    section: "login",
    promise: "whole login when nothing runs: CPU of all its calls, to that of the crypto floor",
    limit: 1.25,
    unit: "×",
    values: ({ login }) => {
      const [own, floor] = [login?.["this provider"], login?.["crypto floor"]];
      return own && floor ? { "this provider": median(own.cpuMs) / median(floor.cpuMs) } : {};
    },
  },
  {
    section: "cold",
    promise: "cold login: CPU of a first call, to the crypto floor behind the same wrapper",
    limit: 1.15,
    unit: "×",
    values: ({ cold }) => ratiosTo(cold, "crypto floor, login, wrapped", ["authorize"]),
  },
  {
    section: "cold",
    promise: "the cold steps between, to the same floor",
    limit: 1.15,
    unit: "×",
    values: ({ cold }) => ratiosTo(cold, "crypto floor, login, wrapped", ["callback", "decision"]),
  },
  {
    section: "cold",
    promise: "cold exchange: CPU of a first call, to the crypto floor behind the same wrapper",
    limit: 1.15,
    unit: "×",
    values: ({ cold }) => ratiosTo(cold, "crypto floor, exchange, wrapped", ["token"]),
  },
  {
    section: "cold",
    promise: "import of our own file, CPU",
    limit: 8,
    unit: "ms",
    values: ({ cold }) =>
      mapValues(pick(cold ?? {}, ["authorize", "callback", "decision", "token"]), (each) => median(each.importMs)),
  },
  {
    section: "warm",
    promise: "warm login, median, to the crypto floor",
    limit: 4,
    unit: "×",
    values: ({ warm }) =>
      warm ? { authorize: median(warm.authorize!.us) / median(warm["crypto floor, login"]!.us) } : {},
  },
  {
    section: "warm",
    promise: "warm exchange, median, to a bare fetch exchange",
    limit: 1.15,
    unit: "×",
    values: ({ warm }) => (warm ? { token: median(warm.token!.us) / median(warm["bare fetch exchange"]!.us) } : {}),
  },
  {
    section: "warm",
    promise: `the same, service ${SERVICE_AWAY_MS} ms away`,
    limit: 1.15,
    unit: "×",
    values: ({ warm }) => {
      const [token, bare] = ["token", "bare fetch exchange"].map((name) => warm?.[withServiceAway(name)]);
      return token && bare ? { token: median(token.us) / median(bare.us) } : {};
    },
  },
  {
    section: "memory",
    promise: `resident memory after ${CALLS.toLocaleString("en-GB")} calls, to the crypto floor`,
    limit: 1.1,
    unit: "×",
    values: ({ memory }) =>
      memory
        ? {
            authorize: median(memory.authorize!.rssBytes) / median(memory["crypto floor, login"]!.rssBytes),
            token: median(memory.token!.rssBytes) / median(memory["crypto floor, exchange"]!.rssBytes),
          }
        : {},
  },
];

export interface TargetResult {
  target: Target;
  /** The worst value that the promise covers. It decides the verdict. */
  worst: { name: string; value: number };
  met: boolean;
}

/** One verdict for each target that has measurements. */
export function checkTargets(measured: Measured, section?: Section): TargetResult[] {
  return targets.flatMap((target) => {
    if (section !== undefined && target.section !== section) return [];
    const [worst] = Object.entries(target.values(measured)).sort(([, left], [, right]) => right - left);
    if (!worst) return [];
    const [name, value] = worst;
    return [{ target, worst: { name, value }, met: value <= target.limit }];
  });
}

function ratiosTo(cold: ColdResult | undefined, floor: string, names: string[]): Record<string, number> {
  const base = cold?.[floor];
  if (!cold || !base) return {};
  return mapValues(pick(cold, names), ({ cpuMs }) => median(cpuMs) / median(base.cpuMs));
}

function pick<Value>(record: Record<string, Value>, names: string[]): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)));
}

function mapValues<From, To>(record: Record<string, From>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
