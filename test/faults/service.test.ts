import dns from "node:dns";
import { createServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { expectRefused } from "../attacks/tools.ts";
import { CANARY, GOOD, Jar } from "../tools/harness.ts";
import { answerJson, BROKEN, ODD, REDIRECTS, SLOW, TOO_LARGE, UNREADABLE } from "./faults.ts";
import { FaultyService, TOKEN_RESPONSE } from "./faulty-service.ts";
import type { Journey } from "./journeys.ts";
import { answersApp, awaitsMessage, JOURNEYS, LOGINS, named, REFRESH, siteAt } from "./journeys.ts";
import { selfSignedCertificate } from "./self-signed.ts";

/**
 * A service that fails in every way that networks and servers can fail. Each journey ends with a clear error within its
 * time limit, the app gets the whole result or nothing, and the next attempt in the same browser works.
 */

type Reason = Parameters<typeof expectRefused>[1];

const service = new FaultyService();
beforeAll(() => service.start());
afterAll(() => service.stop());

/** The time limit that the provider sets for each call. */
let limitsMs: number[];
/** If set, replaces the time limit's timer. */
let limit: AbortController | undefined;
beforeEach(() => {
  limitsMs = [];
  limit = undefined;
  service.recover();
  const startTimer = AbortSignal.timeout.bind(AbortSignal);
  vi.spyOn(AbortSignal, "timeout").mockImplementation((limitMs) => {
    limitsMs.push(limitMs);
    return limit?.signal ?? startTimer(limitMs);
  });
});
afterEach(() => vi.restoreAllMocks());

/** Enough time for some bytes to arrive before the time limit. */
const A_MOMENT_MS = 20;

/**
 * Tests do not wait for the real time limit. It ends shortly after the awaited event begins, in the same way as the
 * platform's timer would end it. This does not depend on the speed of the machine.
 */
function passLimitAMomentAfter(): () => void {
  const controller = (limit = new AbortController());
  return () => void setTimeout(() => controller.abort(new DOMException("too slow", "TimeoutError")), A_MOMENT_MS);
}

/** The journey fails with this error, and the response contains no part of a token. */
async function expectFailure(
  journey: Journey,
  reason: Reason,
  jar = new Jar(),
  origin = service.origin,
): Promise<void> {
  const response = await journey.run(siteAt(origin), jar);
  const text = await response.clone().text();
  expect(text).not.toContain(CANARY.accessToken);
  await expectRefused(response, reason);
  // A window that waits for a message gets one.
  if (awaitsMessage(journey)) expect(JSON.parse(text)).toMatchObject({ answer: { targetOrigin: GOOD } });
  // Without our time limit, the platform would stop the function midway, and the user would see no error.
  expect(limitsMs).not.toEqual([]);
  expect(Math.max(...limitsMs)).toBeLessThanOrEqual(8_000);
}

/** The user tries again. */
async function expectRecovery({ run, brings }: Journey, jar: Jar): Promise<void> {
  limit = undefined;
  service.recover();
  const response = await run(siteAt(service.origin), jar);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  if (brings === "a token") expect(text).toContain(CANARY.accessToken);
}

describe.each(named(JOURNEYS))("%s, at a service that", (_, journey) => {
  test.each(SLOW)("[A46] %s: is given up in time, hung up on, and works the next time", async (_, behaviour) => {
    const jar = new Jar();
    const begun = passLimitAMomentAfter();
    service.behave((exchange) => {
      behaviour(exchange);
      begun();
    });
    await expectFailure(journey, "service_too_slow", jar);
    expect(service.requests).toHaveLength(1);
    await service.hungUp();
    await expectRecovery(journey, jar);
  });

  test.each(BROKEN)(
    "%s: ends at once, asks no second time by itself, and works the next time",
    async (_, behaviour) => {
      const jar = new Jar();
      service.behave(behaviour);
      await expectFailure(journey, "service_unreachable", jar);
      expect(service.requests).toHaveLength(1);
      await expectRecovery(journey, jar);
    },
  );

  test.each(TOO_LARGE)("[A46] sends %s: is hung up on, and works the next time", async (_, behaviour) => {
    const jar = new Jar();
    service.behave(behaviour);
    await expectFailure(journey, "service_unintelligible", jar);
    await service.hungUp();
    await expectRecovery(journey, jar);
  });

  test.each([301, 302, 303, 307, 308])(
    "[A17] redirects with %i: is not followed, and works the next time",
    async (status) => {
      const elsewhere = new FaultyService();
      await elsewhere.start();
      for (const location of [`${elsewhere.origin}/token`, "/token", undefined]) {
        const jar = new Jar();
        service.behave(({ response }) => {
          response.writeHead(status, { connection: "close", ...(location === undefined ? {} : { location }) }).end();
        });
        await expectFailure(journey, "service_unreachable", jar);
        expect(service.requests).toHaveLength(1);
        if (location === undefined) await expectRecovery(journey, jar);
        else service.recover();
      }
      expect(elsewhere.requests).toEqual([]);
      await elsewhere.stop();
    },
  );
});

describe.each(named(JOURNEYS))("%s, where there is no service:", (_, journey) => {
  const servers: Server[] = [];
  afterEach(() => void servers.splice(0).forEach((server) => server.close()));

  async function addressOf(server: Server, scheme: "http" | "https"): Promise<string> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test("nobody listens", async () => {
    const origin = await addressOf(createTcpServer(), "http");
    await new Promise((resolve) => servers[0]!.close(resolve));
    await expectFailure(journey, "service_unreachable", new Jar(), origin);
  });

  test("its certificate is its own word only", async () => {
    let requests = 0;
    const server = createTlsServer(selfSignedCertificate("127.0.0.1"), (socket) =>
      socket.on("data", () => (requests += 1)),
    );
    server.on("tlsClientError", () => undefined);
    await expectFailure(journey, "service_unreachable", new Jar(), await addressOf(server, "https"));
    expect(requests).toBe(0);
  });

  test("it speaks http where https is expected", async () => {
    let requests = 0;
    const origin = await addressOf(
      createServer(() => (requests += 1)),
      "https",
    );
    await expectFailure(journey, "service_unreachable", new Jar(), origin);
    expect(requests).toBe(0);
  });

  test("it hangs up in the TLS handshake", async () => {
    const server = createTcpServer(
      (socket) => void socket.on("error", () => undefined).once("data", () => socket.end()),
    );
    const origin = await addressOf(server, "https");
    await expectFailure(journey, "service_unreachable", new Jar(), origin);
  });

  test("it says nothing in the TLS handshake", async () => {
    const begun = passLimitAMomentAfter();
    const server = createTcpServer((socket) => void socket.on("error", () => undefined).once("data", begun));
    const origin = await addressOf(server, "https");
    await expectFailure(journey, "service_too_slow", new Jar(), origin);
  });

  test("its name does not exist", async () => {
    const notFound = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    answerLookup((callback) => callback(notFound));
    await expectFailure(journey, "service_unreachable", new Jar(), "https://service.invalid");
  });

  test("nobody says whether its name exists", async () => {
    answerLookup(passLimitAMomentAfter());
    await expectFailure(journey, "service_too_slow", new Jar(), "https://service.invalid");
  });
});

/** Replaces the DNS resolver. A real one may take seconds to report that a name does not exist. */
function answerLookup(answer: (callback: (error: Error) => void) => void): void {
  vi.spyOn(dns, "lookup").mockImplementation(((_name: string, _options: object, callback: (error: Error) => void) => {
    answer(callback);
  }) as unknown as typeof dns.lookup);
}

describe.each(named([...LOGINS, REFRESH]))("%s, at a service whose token response", (_, journey) => {
  test.each(REDIRECTS)(
    "[A17][A52] has the status %s: brings no token, and works the next time",
    async (_, behaviour) => {
      const jar = new Jar();
      service.behave(behaviour);
      await expectFailure(journey, "service_unreachable", jar);
      await expectRecovery(journey, jar);
    },
  );

  test.each(UNREADABLE)("[A52] is %s: brings no token, and works the next time", async (_, behaviour) => {
    const jar = new Jar();
    service.behave(behaviour);
    await expectFailure(journey, "service_unintelligible", jar);
    await expectRecovery(journey, jar);
  });

  test.each(ODD)("%s: brings the whole token", async (_, behaviour) => {
    service.behave(behaviour);
    const response = await journey.run(siteAt(service.origin), new Jar());
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(new RegExp(`\\b${TOKEN_RESPONSE.access_token}\\b`));
  });
});

describe.each(named(JOURNEYS.filter(answersApp)))(
  "[A52] %s, at a service that says how long its token lives:",
  (_, journey) => {
    test.each<[unknown, number | undefined]>([
      [3_600, 3_600],
      ["3600", 3_600],
      ["3600.5", 3_600],
      [1e15, 1e15],
      [0, undefined],
      [-3_600, undefined],
      ["-3600", undefined],
      [1e300, undefined],
      ["1e300", undefined],
      ["NaN", undefined],
      ["an hour", undefined],
      ["3600 s", undefined],
      ["", undefined],
      [" ", undefined],
      [true, undefined],
      [[3_600], undefined],
      [{ seconds: 3_600 }, undefined],
      [null, undefined],
    ])("%j is %j seconds", async (expiresIn, seconds) => {
      service.behave(answerJson({ ...TOKEN_RESPONSE, expires_in: expiresIn }));
      const response = await journey.run(siteAt(service.origin), new Jar());
      const { access_token: accessToken, expires_in: passedOn } = (await response.json()) as Record<string, unknown>;
      expect({ accessToken, passedOn }).toEqual({ accessToken: CANARY.accessToken, passedOn: seconds });
    });

    test.each<[string, unknown, string]>([
      ["a list", ["read:user"], "read:user"],
      ["a list with something else in it", ["read:user", 7, null, ["repo"]], "read:user"],
      ["an empty list", [], ""],
      ["a number", 7, "read:user"],
      ["true", true, "read:user"],
      ["an object", { scope: "repo" }, "read:user"],
    ])("and which scopes it has in the form of %s", async (_, scope, expected) => {
      service.behave(answerJson({ ...TOKEN_RESPONSE, scope }));
      const response = await journey.run(siteAt(service.origin), new Jar());
      const body = (await response.json()) as Record<string, unknown>;
      expect({ status: response.status, scope: body.scope ?? "" }).toEqual({ status: 200, scope: expected });
    });
  },
);
