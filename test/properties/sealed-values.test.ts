import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { OfferedService, Provider } from "../../server/provider/provider.ts";
import { unseal } from "../../server/sealing/seal.ts";
import type { SealedKind } from "../../server/sealing/transaction.ts";
import { boundJar, RUNS, sealOne, serviceOf } from "../attacks/tools.ts";
import { testProvider } from "../tools/harness.ts";

const KINDS: SealedKind[] = ["request", "state", "ticket", "code", "refresh", "nonce"];
const SERVICES = ["github", "other"];
/** Every provider uses the same key for everything, so that only the key derivation separates the values. */
const SEALING_KEY = "pT4vZ-k8Qm2Xw9LrYc0hNd7BsGf3JaEuKi6oRt1yQxV";
const providers = ["https://auth.example", "https://staging.auth.example"].map((URL) =>
  testProvider({ env: { URL, SEALING_KEY } }),
);

interface Purpose {
  kind: SealedKind;
  service: string;
  provider: Provider;
}

const purpose = fc.record({
  kind: fc.constantFrom(...KINDS),
  service: fc.constantFrom(...SERVICES),
  provider: fc.constantFrom(...providers),
});

const { browser } = boundJar();
const everyPurpose: Purpose[] = providers.flatMap((provider) =>
  SERVICES.flatMap((service) => KINDS.map((kind) => ({ kind, service, provider }))),
);
let sealed: Map<string, string>;

beforeAll(() => {
  sealed = new Map(everyPurpose.map((purpose) => [nameOf(purpose), sealFor(purpose)]));
});

function sealFor({ kind, service, provider }: Purpose): string {
  return sealOne(kind, provider, { service, browser });
}

function nameOf({ kind, service, provider }: Purpose): string {
  return `${kind} ${service} ${provider.origin}`;
}

function sealedFor(purpose: Purpose): string {
  return sealed.get(nameOf(purpose))!;
}

function opens(value: string, { kind, service, provider }: Purpose): boolean {
  const offered: OfferedService = serviceOf(provider, service);
  return unseal(kind, value, { provider, service: offered }) !== undefined;
}

/** The five parts of a JWE (RFC 7516 §7.1). The second one is empty. */
function partsOf(value: string): string[] {
  return value.split(".");
}

describe("[A26] a sealed value", () => {
  test("opens for exactly the kind, the service and the provider that it was sealed for", () => {
    fc.assert(
      fc.property(purpose, purpose, (madeFor, usedAs) => {
        expect(opens(sealedFor(madeFor), usedAs)).toBe(nameOf(madeFor) === nameOf(usedAs));
      }),
      RUNS,
    );
  });

  test("does not open when a part of it comes from another one, whichever they were made for", () => {
    fc.assert(
      fc.property(purpose, purpose, fc.constantFrom(0, 2, 3, 4), (madeFor, other, index) => {
        fc.pre(nameOf(madeFor) !== nameOf(other));
        const [own, foreign] = [partsOf(sealedFor(madeFor)), partsOf(sealedFor(other))];
        const mixed = own.with(index, foreign[index]!).join(".");
        // Two values of the same kind have the same header.
        fc.pre(mixed !== sealedFor(madeFor));
        expect(opens(mixed, madeFor)).toBe(false);
        expect(opens(mixed, other)).toBe(false);
      }),
      RUNS,
    );
  });
});

describe.each(KINDS)("[A27] a sealed %s", (kind) => {
  const madeFor: Purpose = { kind, service: "github", provider: providers[0]! };

  test("does not open with any single bit of any part flipped", () => {
    const parts = partsOf(sealedFor(madeFor));
    for (const [index, part] of parts.entries()) {
      const bytes = Buffer.from(part, "base64url");
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const flipped = bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7)));
        const value = parts.with(index, Buffer.from(flipped).toString("base64url")).join(".");
        if (opens(value, madeFor)) expect.unreachable(`part ${index}, bit ${bit}`);
      }
    }
  });

  test("does not open with any part shorter or longer by any number of bytes", () => {
    const parts = partsOf(sealedFor(madeFor));
    for (const [index, part] of parts.entries()) {
      const bytes = Buffer.from(part, "base64url");
      const shorter = Array.from({ length: bytes.length }, (_, length) => bytes.subarray(0, length));
      const longer = [1, 2, 4, 12, 16].map((more) => Buffer.concat([bytes, Buffer.alloc(more)]));
      for (const changed of [...shorter, ...longer]) {
        const value = parts.with(index, changed.toString("base64url")).join(".");
        if (opens(value, madeFor)) expect.unreachable(`part ${index} of ${changed.length} bytes`);
      }
    }
  });

  test("does not open with its parts in another order, or with more or fewer of them", () => {
    const parts = partsOf(sealedFor(madeFor));
    const places = fc.array(fc.nat({ max: parts.length - 1 }), { maxLength: 8 });
    fc.assert(
      fc.property(places, (order) => {
        const value = order.map((place) => parts[place]).join(".");
        fc.pre(value !== parts.join("."));
        expect(opens(value, madeFor)).toBe(false);
      }),
      RUNS,
    );
  });
});
