import type { ServiceRecord } from "./schema.ts";
import { matchesPattern } from "./variables.ts";

/**
 * Some services register clients of several kinds, which differ in more than a name: in scopes, in refresh tokens, in the
 * pages that owners need. The client ID tells which kind it is of.
 */

type Kinds = Pick<ServiceRecord, "client_kinds">;
export type ClientKind = NonNullable<ServiceRecord["client_kinds"]>[number];

/** `undefined`: the service has only one kind, or the client ID is of none that the record knows. */
export function clientKindOf({ client_kinds: kinds = [] }: Kinds, clientId: string): ClientKind | undefined {
  return kinds.find((kind) => matchesPattern(clientId, kind.client_id));
}

/** The record as it is for a client of this kind. */
export function ofClientKind(record: ServiceRecord, clientId: string): ServiceRecord {
  return { ...record, ...(clientKindOf(record, clientId)?.fields as Partial<ServiceRecord>) };
}

/** The pattern of all client IDs for which the record would be another one than for this client ID. */
export function otherClientIds(record: Kinds, clientId: string): string | undefined {
  const own = clientKindOf(record, clientId)?.fields;
  const others = (record.client_kinds ?? []).filter(({ fields }) => fields !== own);
  return others.map((kind) => kind.client_id).join("|") || undefined;
}
