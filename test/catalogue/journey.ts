import { expect, vi } from "vitest";
import { loadCatalogue } from "../../catalogue/load.ts";
import type { ServiceRecord } from "../../catalogue/schema.ts";
import { defaultVariables, exampleVariables, fillVariables } from "../../catalogue/variables.ts";
import { resolveConfiguration } from "../../scripts/configuration/configuration.ts";
import type { OfferedService, Provider } from "../../server/provider/provider.ts";
import { createProvider } from "../../server/provider/provider.ts";
import type { Service } from "../../server/provider/service.ts";
import { unseal } from "../../server/sealing/seal.ts";
import { revokeGrant } from "../../server/upstream/revocation.ts";
import type { Question } from "../../shared/page-messages.ts";
import { dpopProof, newDpopKey, refreshWith } from "../attacks/refresh-tools.ts";
import {
  authorizationRequest,
  call,
  codeIn,
  decide,
  GOOD,
  Jar,
  PROVIDER,
  pkcePair,
  readFragment,
  redeem,
} from "../tools/harness.ts";
import { ServiceSimulator } from "../tools/service-simulator.ts";

/** Credentials with characters that encodings often get wrong (RFC 6749 appendix B). */
const CREDENTIALS = {
  clientId: "client-0123456789",
  clientSecret: "s3cret+/=:&%-9fK2mQ7xTz-Lw4RbN8vHd",
  apiKey: "public-key-0123456789",
};
const SEALING_KEY = "pT4vZ-k8Qm2Xw9LrYc0hNd7BsGf3JaEuKi6oRt1yQxV";

/** The records with their variables filled in. The value is the usual host, or the example if there is none. */
export function filledRecords(): Map<string, ServiceRecord> {
  const filled = [...loadCatalogue()].map(
    ([id, record]) =>
      [id, fillVariables(record, { ...exampleVariables(record), ...defaultVariables(record) })] as const,
  );
  return new Map(filled);
}

/** Every service of the catalogue, configured in `services.json` as an owner would. */
export function configuredServices(): Map<string, Service> {
  const services: Record<string, unknown> = {};
  const secrets: Record<string, unknown> = {};
  for (const record of loadCatalogue().values()) {
    const needed = Object.entries(record.url_variables ?? {}).filter(([, variable]) => variable.default === undefined);
    const variables = Object.fromEntries(needed.map(([name, { example }]) => [name, example]));
    services[record.key] = { client_id: CREDENTIALS.clientId, api_key: CREDENTIALS.apiKey, variables };
    if (record.token_endpoint_auth_method !== "none") secrets[record.key] = { client_secret: CREDENTIALS.clientSecret };
  }
  const env = { SEALING_KEY };
  const { configuration, issues } = resolveConfiguration({
    services,
    secrets,
    env,
    production: true,
    localDevelopment: false,
  });
  expect(issues).toEqual([]);
  return new Map(configuration.services.map((service) => [service.id, service]));
}

export async function startSimulator(records: Map<string, ServiceRecord>): Promise<ServiceSimulator> {
  const simulator = new ServiceSimulator([...records.values()], CREDENTIALS);
  const base = await simulator.start();
  const { fetch } = globalThis;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const { host, pathname, search, protocol } = new URL(String(input));
    expect(protocol).toBe("https:");
    return await fetch(`${base}/${host}${pathname}${search}`, init);
  });
  return simulator;
}

/** Whether each stage succeeded. `undefined`: the service does not have this stage. */
export interface Journey {
  login: boolean;
  profile?: boolean;
  refresh?: boolean;
  revocation?: boolean;
  grantRevocation?: boolean;
  /** Why stages failed. */
  refusals: string[];
  tokens: Record<string, unknown>;
  claims: Record<string, unknown>;
}

/** Two scopes, so that the separator shows, if the service has two. A made-up scope where none must be sent. */
function scopesToAsk(record: ServiceRecord): string[] {
  if (record.authorization_parameter_names?.scope === null) return ["anything"];
  const known = [...new Set([...record.default_scopes, ...Object.keys(record.scope_descriptions ?? {})])];
  return known.slice(0, Math.max(2, record.default_scopes.length));
}

/**
 * Login, profile, refresh and revocation, through the real endpoints, as an honest app uses them.
 *
 * @param only the single stage to run after the login
 */
export async function travel(
  service: Service,
  record: ServiceRecord,
  simulator: ServiceSimulator,
  only?: keyof Journey,
): Promise<Journey> {
  const provider = createProvider(
    { services: [service], secrets: { [service.id]: CREDENTIALS.clientSecret }, localDevelopment: false },
    { URL: PROVIDER, SEALING_KEY },
  );
  const first = simulator.refusals.length;
  const journey: Journey = { login: false, refusals: [], tokens: {}, claims: {} };
  const key = await newDpopKey();
  const prove = async (): Promise<string> =>
    await dpopProof(key, { claims: { htu: `${PROVIDER}/token/${service.id}` } });
  const logInOnce = async () => await logIn(provider, service, record, simulator, key.thumbprint, await prove());
  const tokens = await logInOnce();
  journey.login = tokens !== undefined && simulator.isAlive(String(tokens.access_token));
  if (tokens && journey.login) {
    journey.tokens = tokens;
    const offered = provider.services.get(service.id)!;
    const has = (stage: keyof Journey, capability: unknown): boolean =>
      Boolean(capability) && (only === undefined || only === stage);
    if (has("profile", service.userinfo)) Object.assign(journey, await readProfile(provider, service, tokens));
    if (has("refresh", service.refreshTokens !== "none")) {
      journey.refresh = await canRefresh(provider, service, tokens, simulator, prove);
    }
    if (has("revocation", service.revocation))
      journey.revocation = await canRevoke(provider, offered, tokens, simulator);
    // This uses a second login of the same user, because the first one's token may already be revoked.
    if (has("grantRevocation", service.grantRevocation)) {
      journey.grantRevocation = await canEndGrant(provider, offered, (await logInOnce())!, simulator);
    }
  }
  journey.refusals = simulator.refusals.slice(first);
  return journey;
}

async function logIn(
  provider: Provider,
  service: Service,
  record: ServiceRecord,
  simulator: ServiceSimulator,
  thumbprint: string,
  proof: string,
): Promise<Record<string, unknown> | undefined> {
  const jar = new Jar();
  const { verifier, challenge } = pkcePair();
  const asked = scopesToAsk(record);
  const query = authorizationRequest(challenge, { dpop_jkt: thumbprint, scope: asked.join(" ") || undefined });
  const referer = { jar, headers: { referer: `${GOOD}/` } };
  const started = await call("authorize", provider, `/authorize/${service.id}?${query}`, referer);
  expect(started.status, await started.clone().text()).toBe(302);

  let answer: Record<string, string>;
  try {
    answer = simulator.authorize(record, started.headers.get("location")!, asked);
  } catch (error) {
    simulator.refusals.push((error as Error).message);
    return undefined;
  }
  const returned = await call("callback", provider, `/callback/${service.id}?${new URLSearchParams(answer)}`, { jar });
  expect(returned.status, await returned.clone().text()).toBe(303);
  const decided = await decide(provider, readFragment<Question>(returned), jar);
  expect(decided.status, await decided.clone().text()).toBe(200);
  const code = codeIn((await decided.json()) as { location?: string });
  const to = { service: service.id, headers: { dpop: proof } };
  const response = await redeem(provider, { code, code_verifier: verifier }, to);
  const tokens = (await response.json()) as Record<string, unknown>;
  if (response.status === 200) return tokens;
  simulator.refusals.push(`${tokens.error}: ${tokens.error_description}`);
  return undefined;
}

async function readProfile(
  provider: Provider,
  { id }: Service,
  tokens: Record<string, unknown>,
): Promise<Partial<Journey>> {
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const response = await call("userinfo", provider, `/userinfo/${id}`, { headers });
  return { profile: response.status === 200, claims: (await response.json()) as Record<string, unknown> };
}

/** Refreshes twice, each time with the newest refresh token. After a rotation, the old one no longer works. */
async function canRefresh(
  provider: Provider,
  service: Service,
  tokens: Record<string, unknown>,
  simulator: ServiceSimulator,
  prove: () => Promise<string>,
): Promise<boolean> {
  let current = tokens;
  for (let round = 0; round < 2; round++) {
    const parameters = { refresh_token: String(current.refresh_token) };
    const response = await refreshWith(provider, parameters, { proof: await prove(), service: service.id });
    const next = (await response.json()) as Record<string, unknown>;
    if (response.status !== 200 || !simulator.isAlive(String(next.access_token))) return false;
    current = next;
  }
  Object.assign(tokens, { refresh_token: current.refresh_token });
  return true;
}

async function canRevoke(
  provider: Provider,
  service: OfferedService,
  tokens: Record<string, unknown>,
  simulator: ServiceSimulator,
): Promise<boolean> {
  const ofRefreshTokens = service.revocation?.tokenKind === "refresh_token";
  const token = tokens[ofRefreshTokens ? "refresh_token" : "access_token"];
  if (typeof token !== "string") return false;
  const ended = ofRefreshTokens ? refreshTokenOf(provider, service, tokens) : token;
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const body = new URLSearchParams({ token }).toString();
  const response = await call("revoke", provider, `/revoke/${service.id}`, { method: "POST", headers, body });
  return response.status === 200 && !simulator.isAlive(ended) && !simulator.isRefreshTokenAlive(ended);
}

async function canEndGrant(
  provider: Provider,
  service: OfferedService,
  tokens: Record<string, unknown>,
  simulator: ServiceSimulator,
): Promise<boolean> {
  const token = String(tokens.access_token);
  const kind = service.grantRevocation?.tokenKind;
  const ending = kind === "refresh_token" ? refreshTokenOf(provider, service, tokens) : token;
  await revokeGrant(service, ending, kind).catch(() => undefined);
  return !simulator.isAlive(token);
}

/** The service's own refresh token, which apps never see. */
function refreshTokenOf(provider: Provider, service: OfferedService, tokens: Record<string, unknown>): string {
  const opened = unseal("refresh", String(tokens.refresh_token), { provider, service });
  return opened!.content.refreshToken;
}
