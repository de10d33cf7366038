import type { SigningKey } from "../provider/signing-key.ts";
import { parseSigningKeys } from "../provider/signing-key.ts";

/** The owner of some keys: a provider. */
interface KeyOwner {
  signingKey: string;
}

/** The keys of each provider. Reading an RSA key takes longer than signing with it. */
const readKeys = new WeakMap<KeyOwner, SigningKey[]>();

/**
 * The keys of this provider, the one that signs first; none if one of them cannot be used. Load this module only where keys
 * are needed: no other request pays for them. It imports nothing that other requests need, because the bundler would then
 * load that later as well.
 */
export function signingKeys(owner: KeyOwner): SigningKey[] {
  const known = readKeys.get(owner) ?? readSigningKeys(owner.signingKey);
  readKeys.set(owner, known);
  return known;
}

function readSigningKeys(value: string): SigningKey[] {
  const { keys, issues } = parseSigningKeys(value);
  return issues.length > 0 ? [] : keys;
}
