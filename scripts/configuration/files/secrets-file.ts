import { z } from "zod";
import { isPlaceholder } from "../../../server/provider/placeholder.ts";
import { describeSchemaIssue, type Issue, notAnObjectIssue, pathOf } from "../issues.ts";
import { findNearest } from "../nearest.ts";
import { CLIENT_SECRET_ADVICE, validateClientSecret } from "../service/client-secret.ts";
import { secretsFile, servicesFile } from "./file-names.ts";
import { isObject } from "./json-file.ts";
import { collidingKeyIssues, idOf, inheritedNameIssues, keyIssue } from "./keys.ts";
import { signingKeyMember, signingKeyText } from "./signing-key-member.ts";

/** Reads `.secret.json`: client secrets by the ids of their services, and the keys of ID tokens. */

export type Secrets = Record<string, string>;

const secretEntrySchema = z.strictObject({ client_secret: z.string() });

/** @param keys of `services.json`; a secret for any other service is an issue */
export function parseSecrets(secrets: unknown, keys: string[]): { byId: Secrets; signingKey: string; issues: Issue[] } {
  if (secrets === undefined) return { byId: {}, signingKey: "", issues: [] };
  const example = '{ "Github": { "client_secret": "…" } }';
  if (!isObject(secrets)) return { byId: {}, signingKey: "", issues: [notAnObjectIssue(secretsFile, example)] };

  const names = Object.keys(secrets).filter((name) => name !== signingKeyMember);
  const parsed = names.map((name) => parseSecret(name, secrets[name], keys));
  const found = parsed.flatMap(({ id, secret }) => (id === undefined || secret === undefined ? [] : [[id, secret]]));
  return {
    byId: Object.fromEntries(found),
    signingKey: signingKeyText(secrets),
    issues: [...collidingKeyIssues(secretsFile, names), ...parsed.flatMap(({ issues }) => issues)],
  };
}

function parseSecret(name: string, value: unknown, keys: string[]): { id?: string; secret?: string; issues: Issue[] } {
  const reserved = keyIssue(secretsFile, name);
  if (reserved) return { issues: [reserved] };

  const inherited = inheritedNameIssues(pathOf(secretsFile, [name]), value);
  if (inherited.length > 0) return { issues: inherited };

  const advice = `Write ${JSON.stringify(name)}: { "client_secret": "…" }.`;
  const result = secretEntrySchema.safeParse(value);
  if (!result.success) return { issues: result.error.issues.map((issue) => secretEntryIssue(name, issue, advice)) };

  const secret = result.data.client_secret;
  if (isPlaceholder(secret)) return { issues: [] };

  const path = pathOf(secretsFile, [name, "client_secret"]);
  const id = idOf(name);
  if (!keys.some((key) => idOf(key) === id)) return { issues: [unknownServiceIssue(name, keys)] };
  const message = validateClientSecret(secret);
  if (message === undefined) return { id, secret, issues: [] };
  return { issues: [{ path, message, advice: CLIENT_SECRET_ADVICE }] };
}

function secretEntryIssue(name: string, issue: z.core.$ZodIssue, advice: string): Issue {
  const path = pathOf(secretsFile, [name, ...issue.path]);
  if (issue.code !== "unrecognized_keys") return { path, message: describeSchemaIssue(issue), advice };
  return { path, message: `"${issue.keys.join('", "')}" is not a known key: only "client_secret" is`, advice };
}

function unknownServiceIssue(name: string, keys: string[]): Issue {
  const nearest = findNearest(name, keys);
  return {
    path: pathOf(secretsFile, [name]),
    message: `${servicesFile} has no service "${name}"`,
    advice: nearest ? `Did you mean "${nearest}"?` : `Add "${name}" to ${servicesFile}, or delete it here.`,
  };
}
