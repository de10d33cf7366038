import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { OfferedService, Provider } from "../../netlify/oauth/provider.ts";
import { unseal } from "../../netlify/oauth/seal.ts";
import type { SealedKind } from "../../netlify/oauth/seal.ts";
import { boundJar, RUNS, sealOne, serviceOf } from "../attacks/tools.ts";
import { testProvider } from "../tools/harness.ts";

const KINDS: SealedKind[] = ["request", "state", "ticket", "code", "refresh"];
const SERVICES = ["github", "other"];
/** One key for everything at every provider, so that nothing but the derivation keeps them apart. */
const SEALING_KEY = "one-sealing-key-0123456789abcdefghijkl";
const providers = ["https://auth.example", "https://staging.auth.example"].map((URL) => testProvider({ env: { URL, SEALING_KEY } }));

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

beforeAll(async () => {
  const values = everyPurpose.map(async ({ kind, service, provider }) => await sealOne(kind, provider, { service, browser }));
  const names = everyPurpose.map(nameOf);
  sealed = new Map((await Promise.all(values)).map((value, index) => [names[index]!, value]));
});

function nameOf({ kind, service, provider }: Purpose): string {
  return `${kind} ${service} ${provider.origin}`;
}

function sealedFor(purpose: Purpose): string {
  return sealed.get(nameOf(purpose))!;
}

async function opens(value: string, { kind, service, provider }: Purpose): Promise<boolean> {
  const offered: OfferedService = serviceOf(provider, service);
  return (await unseal(kind, value, { provider, service: offered })) !== undefined;
}

/** The five parts of a JWE (RFC 7516 §7.1), the second of them empty. */
function partsOf(value: string): string[] {
  return value.split(".");
}

describe("[A26] a sealed value", () => {
  test("opens for exactly the kind, the service and the provider that it was sealed for", async () => {
    await fc.assert(
      fc.asyncProperty(purpose, purpose, async (madeFor, usedAs) => {
        expect(await opens(sealedFor(madeFor), usedAs)).toBe(nameOf(madeFor) === nameOf(usedAs));
      }),
      RUNS,
    );
  });

  test("does not open when a part of it comes from another one, whichever they were made for", async () => {
    await fc.assert(
      fc.asyncProperty(purpose, purpose, fc.constantFrom(0, 2, 3, 4), async (madeFor, other, index) => {
        fc.pre(nameOf(madeFor) !== nameOf(other));
        const [own, foreign] = [partsOf(sealedFor(madeFor)), partsOf(sealedFor(other))];
        const mixed = own.with(index, foreign[index]!).join(".");
        expect(await opens(mixed, madeFor)).toBe(false);
        expect(await opens(mixed, other)).toBe(false);
      }),
      RUNS,
    );
  });
});

describe.each(KINDS)("[A27] a sealed %s", (kind) => {
  const madeFor: Purpose = { kind, service: "github", provider: providers[0]! };

  test("does not open with any single bit of any part flipped", async () => {
    const parts = partsOf(sealedFor(madeFor));
    for (const [index, part] of parts.entries()) {
      const bytes = Buffer.from(part, "base64url");
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const flipped = bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7)));
        const value = parts.with(index, Buffer.from(flipped).toString("base64url")).join(".");
        if (await opens(value, madeFor)) expect.unreachable(`part ${index}, bit ${bit}`);
      }
    }
  });

  test("does not open with any part shorter or longer by any number of bytes", async () => {
    const parts = partsOf(sealedFor(madeFor));
    for (const [index, part] of parts.entries()) {
      const bytes = Buffer.from(part, "base64url");
      const shorter = Array.from({ length: bytes.length }, (_, length) => bytes.subarray(0, length));
      const longer = [1, 2, 4, 12, 16].map((more) => Buffer.concat([bytes, Buffer.alloc(more)]));
      for (const changed of [...shorter, ...longer]) {
        const value = parts.with(index, changed.toString("base64url")).join(".");
        if (await opens(value, madeFor)) expect.unreachable(`part ${index} of ${changed.length} bytes`);
      }
    }
  });

  test("does not open with its parts in another order, or with more or fewer of them", async () => {
    const parts = partsOf(sealedFor(madeFor));
    const places = fc.array(fc.nat({ max: parts.length - 1 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(places, async (order) => {
        const value = order.map((place) => parts[place]).join(".");
        fc.pre(value !== parts.join("."));
        expect(await opens(value, madeFor)).toBe(false);
      }),
      RUNS,
    );
  });
});
