import { z } from "zod";
import { isPlaceholder } from "../../../server/provider/placeholder.ts";
import { type Fault, notAnObject, pathOf, reasonOf } from "../issues.ts";
import { nearestOf } from "../nearest.ts";
import { faultOfClientSecret, HOW_TO_MEND_A_SECRET } from "../service/client-secret.ts";
import { secretsFile, servicesFile } from "./file-names.ts";
import { isObject } from "./json-file.ts";
import { faultOfKey, faultsOfCollidingKeys, faultsOfInheritedNames, idOf } from "./keys.ts";

/** What `.secret.json` says: client secrets, by the ids of their services. */

export type Secrets = Record<string, string>;

const secretEntrySchema = z.strictObject({ client_secret: z.string() });

/** @param keys of `services.json`: a secret of anything else is a mistake */
export function parseSecrets(secrets: unknown, keys: string[]): { byId: Secrets; faults: Fault[] } {
  if (secrets === undefined) return { byId: {}, faults: [] };
  const example = '{ "Github": { "client_secret": "…" } }';
  if (!isObject(secrets)) return { byId: {}, faults: [notAnObject(secretsFile, example)] };

  const names = Object.keys(secrets);
  const parsed = names.map((name) => parseSecret(name, secrets[name], keys));
  const found = parsed.flatMap(({ id, secret }) => (id === undefined || secret === undefined ? [] : [[id, secret]]));
  return {
    byId: Object.fromEntries(found),
    faults: [...faultsOfCollidingKeys(secretsFile, names), ...parsed.flatMap(({ faults }) => faults)],
  };
}

function parseSecret(name: string, value: unknown, keys: string[]): { id?: string; secret?: string; faults: Fault[] } {
  const reserved = faultOfKey(secretsFile, name);
  if (reserved) return { faults: [reserved] };

  const inherited = faultsOfInheritedNames(pathOf(secretsFile, [name]), value);
  if (inherited.length > 0) return { faults: inherited };

  const advice = `Write ${JSON.stringify(name)}: { "client_secret": "…" }.`;
  const result = secretEntrySchema.safeParse(value);
  if (!result.success) return { faults: result.error.issues.map((issue) => faultOfSecret(name, issue, advice)) };

  const secret = result.data.client_secret;
  if (isPlaceholder(secret)) return { faults: [] };

  const path = pathOf(secretsFile, [name, "client_secret"]);
  const id = idOf(name);
  if (!keys.some((key) => idOf(key) === id)) return { faults: [faultOfUnknownSecret(name, keys)] };
  const reason = faultOfClientSecret(secret);
  if (reason === undefined) return { id, secret, faults: [] };
  return { faults: [{ path, reason, advice: HOW_TO_MEND_A_SECRET }] };
}

function faultOfSecret(name: string, issue: z.core.$ZodIssue, advice: string): Fault {
  const path = pathOf(secretsFile, [name, ...issue.path]);
  if (issue.code !== "unrecognized_keys") return { path, reason: reasonOf(issue), advice };
  return { path, reason: `"${issue.keys.join('", "')}" is not a known key: only "client_secret" is`, advice };
}

function faultOfUnknownSecret(name: string, keys: string[]): Fault {
  const nearest = nearestOf(name, keys);
  return {
    path: pathOf(secretsFile, [name]),
    reason: `${servicesFile} has no service "${name}"`,
    advice: nearest ? `Did you mean "${nearest}"?` : `Add "${name}" to ${servicesFile}, or delete it here.`,
  };
}
