import {
  clientIdVariable,
  clientSecretVariable,
  type Environment,
  previousSecretVariable,
  readVariable,
} from "./environment.ts";
import { isKeyMaterial, isUsableClientId, isUsableSecret } from "./placeholder.ts";
import type { Service } from "./service.ts";

/** Our credentials at a service. */
export interface Credentials {
  clientId: string;
  clientSecret: string | undefined;
  /** Sealing keys are derived from these: the first one seals, all of them open. Never empty. */
  keyMaterial: string[];
}

/** What a service lacks, so that nobody can log in with it. */
export type Missing = "client ID" | "build for this client ID" | "client secret" | "sealing key";

/**
 * Whether a service can be offered. The build, doctor and the running provider ask this one question, so that a value which
 * one of them rejects is mentioned by the others.
 *
 * @param fromFile the client secret of `.secret.json`. A variable takes precedence, even with a value that cannot be used
 * @param sealingKeys of the owner. Without one, keys are derived from the client secret
 */
export function readCredentials(
  service: Pick<Service, "id" | "clientId" | "otherClientIds" | "tokenEndpointAuthMethod">,
  fromFile: string | undefined,
  sealingKeys: string[],
  env: Environment,
): Credentials | { missing: Missing } {
  const clientId = readVariable(env, clientIdVariable(service.id)) || service.clientId;
  if (!isUsableClientId(clientId)) return { missing: "client ID" };
  if (isOfOtherKind(clientId, service)) return { missing: "build for this client ID" };

  const clientSecret = readVariable(env, clientSecretVariable(service.id)) || fromFile;
  const secretNeeded = service.tokenEndpointAuthMethod !== "none";
  if (secretNeeded && !isUsableSecret(clientSecret)) return { missing: "client secret" };

  const previousSecret = readVariable(env, previousSecretVariable(service.id));
  const keyMaterial =
    sealingKeys.length > 0 || !secretNeeded ? sealingKeys : keyMaterialOf(clientSecret, previousSecret);
  if (keyMaterial.length === 0) return { missing: "sealing key" };

  return { clientId, clientSecret: secretNeeded ? clientSecret : undefined, keyMaterial };
}

/** With the record of another kind of client, the question would say what is not true. */
function isOfOtherKind(clientId: string, { otherClientIds }: Pick<Service, "otherClientIds">): boolean {
  return otherClientIds !== undefined && new RegExp(`^(?:${otherClientIds})$`).test(clientId);
}

/**
 * Without a sealing key, keys are derived from the client secret: whoever knows that one can redeem codes anyway. The
 * previous client secret only opens. For a service without client authentication there is no secret to derive keys from.
 */
function keyMaterialOf(clientSecret: string | undefined, previousSecret: string | undefined): string[] {
  return isKeyMaterial(clientSecret) ? [clientSecret, previousSecret].filter(isKeyMaterial) : [];
}
