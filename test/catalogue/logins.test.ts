import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Service } from "../../server/provider/service.ts";
import type { ServiceSimulator } from "../tools/service-simulator.ts";
import { expectedClaims } from "../tools/service-simulator.ts";
import type { Journey } from "./journey.ts";
import { configuredServices, filledRecords, startSimulator, travel } from "./journey.ts";

const records = filledRecords();
const services = configuredServices();

let simulator: ServiceSimulator;
beforeEach(async () => void (simulator = await startSimulator(records)));
afterEach(async () => {
  vi.restoreAllMocks();
  await simulator.stop();
});

const table: Record<string, Record<string, boolean>> = {};

describe("every service of the catalogue", () => {
  test.each([...records])("%s: login, profile, refresh and revocation, whatever it has of them", async (id, record) => {
    const service = services.get(id)!;
    const { refusals, tokens, claims, ...stages } = await travel(service, record, simulator);
    table[id] = stages as unknown as Record<string, boolean>;
    expect(refusals).toEqual([]);
    expect(Object.entries(stages).filter(([, worked]) => worked !== true)).toEqual([]);

    expect(Object.keys(stages)).toEqual([
      "login",
      ...(record.userinfo_endpoint ? ["profile"] : []),
      ...(record.refresh_tokens === "none" ? [] : ["refresh"]),
      ...(record.revocation_endpoint ? ["revocation"] : []),
      ...(record.grant_revocation_endpoint ? ["grantRevocation"] : []),
    ]);
    expect(tokens).toMatchObject({ token_type: expect.stringMatching(/^bearer$/i), expires_in: 3_600 });
    if (record.userinfo_endpoint) {
      const expected = expectedClaims(record);
      expect(claims).toEqual("sub" in expected ? { ...expected, id: expected.sub } : expected);
    }
  });

  test("the table in docs/services-reference.md tells what was tried here", async ({ skip }) => {
    skip(Object.keys(table).length < records.size, "only some of the services were tried");
    // To update it: npx vitest run test/catalogue/logins.test.ts -u && node scripts/docs/services-reference.ts
    await expect(`${JSON.stringify(table, null, 2)}\n`).toMatchFileSnapshot("logins.json");
  });
});

/** One deviation from the record. `undefined`: it makes no difference for this service. */
type Change = (service: Service) => Partial<Service> | undefined;

const differently: [string, keyof Journey, Change][] = [
  [
    "the secret in another place",
    "login",
    ({ tokenEndpointAuthMethod: method }) => ({
      tokenEndpointAuthMethod: method === "client_secret_basic" ? "client_secret_post" : "client_secret_basic",
    }),
  ],
  [
    "PKCE the other way",
    "login",
    ({ codeChallengeMethod: method }) => ({ codeChallengeMethod: method === "none" ? "S256" : "none" }),
  ],
  [
    "another challenge method",
    "login",
    ({ codeChallengeMethod: method }) =>
      method === "none" ? undefined : { codeChallengeMethod: method === "plain" ? "S256" : "plain" },
  ],
  [
    "another scope separator",
    "login",
    ({ id, scopeSeparator }) => (hasTwoScopes(id) ? { scopeSeparator: scopeSeparator === "," ? " " : "," } : undefined),
  ],
  [
    "no constant parameters",
    "login",
    ({ authorizationParameters }) => (isEmpty(authorizationParameters) ? undefined : { authorizationParameters: {} }),
  ],
  ["one parameter more", "login", () => ({ authorizationParameters: { superfluous: "1" } })],
  ["one token parameter more", "login", () => ({ tokenParameters: { superfluous: "1" } })],
  [
    "the standard names of parameters",
    "login",
    ({ authorizationParameterNames: names }) => names && { authorizationParameterNames: {} },
  ],
  ["a plain token request", "login", ({ tokenRequest }) => tokenRequest && { tokenRequest: {} }],
  [
    "no constant token parameters",
    "login",
    ({ tokenParameters }) => (isEmpty(tokenParameters) ? undefined : { tokenParameters: {} }),
  ],
  [
    "no offline parameters and scopes",
    "refresh",
    ({ offlineParameters, offlineScopes, refreshTokens }) =>
      refreshTokens === "none" || (isEmpty(offlineParameters) && offlineScopes.length === 0)
        ? undefined
        : { offlineParameters: {}, offlineScopes: [] },
  ],
  ["a plain refresh", "refresh", ({ refreshRequest }) => refreshRequest && { refreshRequest: {} }],
  [
    "another revocation method",
    "revocation",
    ({ revocation }) =>
      revocation && { revocation: { ...revocation, method: revocation.method === "POST" ? "DELETE" : "POST" } },
  ],
  [
    "another authentication at the revocation endpoint",
    "revocation",
    ({ revocation }) =>
      revocation && {
        revocation: { ...revocation, authMethod: revocation.authMethod === "bearer" ? "none" : "bearer" },
      },
  ],
  [
    "the revocation's token under another name",
    "revocation",
    ({ revocation }) =>
      revocation && revocation.body !== "empty"
        ? { revocation: { ...revocation, tokenParameter: "other" } }
        : undefined,
  ],
  [
    "another authentication when ending the grant",
    "grantRevocation",
    ({ grantRevocation }) =>
      grantRevocation && {
        grantRevocation: {
          ...grantRevocation,
          authMethod: grantRevocation.authMethod === "bearer" ? "none" : "bearer",
        },
      },
  ],
  [
    "another method at the profile",
    "profile",
    ({ userinfo }) =>
      userinfo && {
        userinfo: {
          ...userinfo,
          method: userinfo.method === "GET" ? "POST" : "GET",
          body: "form",
          parameters: { x: "1" },
        },
      },
  ],
  [
    "no headers at the profile",
    "profile",
    ({ userinfo }) => (userinfo && !isEmpty(userinfo.headers) ? { userinfo: { ...userinfo, headers: {} } } : undefined),
  ],
  [
    "another scheme at the profile",
    "profile",
    ({ userinfo }) =>
      userinfo && userinfo.tokenParameter === undefined
        ? { userinfo: { ...userinfo, scheme: userinfo.scheme === "token" ? "other" : "token" } }
        : undefined,
  ],
];

describe("the simulator refuses whoever does not follow the record", () => {
  test.each(differently)("%s", async (_, stage, change) => {
    const affected = [...records].flatMap(([id, record]) => {
      const changed = change(services.get(id)!);
      return changed ? [{ id, record, service: { ...services.get(id)!, ...changed } }] : [];
    });
    expect(affected.length).toBeGreaterThan(0);
    for (const { id, record, service } of affected) {
      const journey = await travel(service, record, simulator, stage);
      expect(journey[stage], `${id} let it pass`).toBe(false);
    }
  });
});

function hasTwoScopes(id: string): boolean {
  const record = records.get(id)!;
  const known = new Set([...record.default_scopes, ...Object.keys(record.scope_descriptions ?? {})]);
  return record.authorization_parameter_names?.scope !== null && known.size > 1;
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
