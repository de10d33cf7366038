import { parseSigningKeys, type SigningKey } from "../../server/provider/signing-key.ts";
import type { DeployedSite } from "./deployed-site.ts";

/** What a published provider says about the keys that its ID tokens are signed with. */
export interface PublishedKeys {
  keys: SigningKey[];
  /** The list contains a key that anybody can sign with. */
  containsPrivateKey: boolean;
}

/**
 * Reads the list of the first service that has one. All services of a provider have the same keys.
 *
 * @returns `undefined` if no service has a list
 * @throws {SiteUnreachableError}
 */
export async function publishedKeys(site: DeployedSite): Promise<PublishedKeys | undefined> {
  for (const id of await serviceIds(site)) {
    const { status, text } = await site.get(`/${id}/jwks.json`);
    if (status === 200) return parseList(text);
  }
  return undefined;
}

async function serviceIds(site: DeployedSite): Promise<string[]> {
  const { text } = await site.get("/services.json");
  const services = Object.values(parsed(text) ?? {}).map((service) => (service as { id?: unknown } | null)?.id);
  return services.filter((id) => typeof id === "string" && /^[a-z0-9-]+$/.test(id)) as string[];
}

function parseList(text: string): PublishedKeys {
  const list = (parsed(text) as { keys?: unknown } | undefined)?.keys;
  const jwks = Array.isArray(list) ? (list as unknown[]) : [];
  // Each for itself: alone, a public key is not one that could sign.
  const keys = jwks.flatMap((jwk) => parseSigningKeys(JSON.stringify(jwk)).keys);
  return { keys, containsPrivateKey: jwks.some(hasPrivateMember) };
}

/** RFC 7518 §6: what only the owner of a key may know. Each helps to sign, also in a key that cannot be read here. */
export const PRIVATE_KEY_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

function hasPrivateMember(jwk: unknown): boolean {
  return typeof jwk === "object" && jwk !== null && PRIVATE_KEY_MEMBERS.some((name) => Object.hasOwn(jwk, name));
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
