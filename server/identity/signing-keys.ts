import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import type { ProviderSettings } from "../provider/provider.ts";
import type { SigningKey } from "../provider/signing-key.ts";
import { parseSigningKeys } from "../provider/signing-key.ts";

/** The keys of each provider. Reading an RSA key takes longer than signing with it. */
const readKeys = new WeakMap<ProviderSettings, SigningKey[]>();

/**
 * The keys of this provider, the one that signs first. Load this module only where keys are needed: no other request pays
 * for them.
 *
 * @throws {OAuthError} `not_configured`
 */
export function signingKeys(provider: ProviderSettings): SigningKey[] {
  const known = readKeys.get(provider) ?? readSigningKeys(provider.signingKey);
  readKeys.set(provider, known);
  return known;
}

function readSigningKeys(value: string): SigningKey[] {
  const { keys, issues } = parseSigningKeys(value);
  if (issues.length > 0) throw new OAuthError(errors.not_configured);
  return keys;
}
