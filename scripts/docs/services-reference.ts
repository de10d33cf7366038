import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { loadCatalogue } from "../../catalogue/load.ts";
import { entrySchema, type ServiceRecord, serviceRecordSchema } from "../../catalogue/schema.ts";
import { isStarted } from "../terminal/command-line.ts";

/**
 * `node scripts/docs/services-reference.ts` writes docs/services-reference.md: the services of the catalogue, what the
 * tests have tried with each of them, who is left out, and every field of an entry.
 */

const page = fileURLToPath(new URL("../../docs/services-reference.md", import.meta.url));

/** What a whole login in `test/catalogue/logins.test.ts` came to; a stage that a service does not have is missing. */
type Stages = Partial<Record<"login" | "profile" | "refresh" | "revocation" | "grantRevocation", boolean>>;

interface LeftOut {
  name: string;
  reason: string;
}

export function renderReference(): string {
  const catalogue = [...loadCatalogue()].sort(([, one], [, other]) => one.name.localeCompare(other.name, "en"));
  const tried = readJson<Record<string, Stages>>("../../test/catalogue/logins.json");
  const unsupported = readJson<Record<string, LeftOut>>("../../catalogue/unsupported.json");
  return `${[
    "<!-- Written by `node scripts/docs/services-reference.ts`. Edit the catalogue instead. -->",
    "# Services",
    `The catalogue knows ${catalogue.length} services. Each of them needs \`{"client_id": "…"}\` in \`services.json\` and ` +
      "nothing else, except for variables where its row names some. " +
      "Any field can be overridden there, and any other service be described by the same fields.",
    "## The catalogue",
    "Each service has been logged in to, through the provider's own endpoints, at a local server that holds every " +
      "request to the service's record: login (with profile), refresh, and the end of one token or of the whole grant. " +
      "**✓** worked · **–** the service has no such thing, or none is known · **refresh token** only those can be " +
      "ended. *Unverified* fields come from documentation or from one source only. No login at a live service was " +
      "part of these tests.",
    table(
      ["Service", "Key", "Login", "Profile", "Refresh", "Ends a token", "Ends the grant", "Variables", "Unverified"],
      catalogue.map(([id, record]) => rowOf(record, tried[id] ?? {})),
    ),
    "## Codes that are tied to no login",
    ...pkceOf(catalogue.map(([, record]) => record)),
    "## Users without an identifier",
    ...identifiersOf(catalogue.map(([, record]) => record)),
    "## Registering an app",
    ...catalogue.map(([id, record]) => registrationOf(id, record)),
    "## Not supported",
    "Whoever needs code of its own is left out: all differences between services are data.",
    table(
      ["Service", "Why"],
      Object.values(unsupported).map(({ name, reason }) => [name, reason]),
    ),
    "## Fields of an entry",
    "What `services.json` may say about a service.",
    table(["Field", "Meaning", "Example"], fieldsOf(inEntries())),
    "The catalogue's records have these fields as well:",
    table(["Field", "Meaning", "Example"], fieldsOf(onlyInRecords())),
    "",
  ]
    .join("\n\n")
    .trimEnd()}\n`;
}

function rowOf(record: ServiceRecord, stages: Stages): string[] {
  const mark = (worked: boolean | undefined): string => (worked ? "✓" : "–");
  const only = (request: ServiceRecord["revocation_request"]): string => (request?.only ? " refresh token" : "");
  return [
    `[${record.name}](${record.docs_url})`,
    code(record.key),
    mark(stages.login),
    mark(stages.profile),
    mark(stages.refresh),
    mark(stages.revocation) + only(record.revocation_request),
    mark(stages.grantRevocation) + only(record.grant_revocation_request),
    Object.entries(record.url_variables ?? {})
      .map(([name, variable]) => variableOf(name, variable))
      .join(", "),
    (record.unverified ?? []).map(code).join(", "),
  ];
}

function variableOf(name: string, variable: NonNullable<ServiceRecord["url_variables"]>[string]): string {
  if (variable.default === undefined) return `${code(name)} (such as ${code(variable.example)})`;
  return variable.default === "" ? `${code(name)} (empty)` : `${code(name)} (${code(variable.default)})`;
}

/** RFC 9700 §4.5: what stolen codes are good for. */
function pkceOf(records: ServiceRecord[]): string[] {
  const without = records.filter(({ code_challenge_method: method }) => method === "none");
  const sent = records.filter(
    (record) => !without.includes(record) && record.unverified?.includes("code_challenge_method"),
  );
  return [
    "PKCE (RFC 7636) ties the service's code to the login that asked for it. It is not sent to these services, which fail " +
      `on it or are not known to bear it: ${namesOf(without)}. Whoever steals an unused code of theirs can end a login of ` +
      "their own with it, in a browser of their own, and then has the access of the person it was made for.",
    "To these it is sent, but that they compare it has not been confirmed. Where one does not, the same is true of its " +
      `codes: ${namesOf(sent)}.`,
  ];
}

function identifiersOf(records: ServiceRecord[]): string[] {
  const without = records.filter(
    ({ userinfo_endpoint: endpoint, userinfo_claims: claims }) => endpoint && claims && !claims.sub,
  );
  return [
    "`sub` is an identifier that stays one person's for ever. These services tell a name only, which its owner can change " +
      `and somebody else can take: ${namesOf(without)}. There \`userinfo\` answers without \`sub\` and \`id\`; the name is good ` +
      "for showing it, and nobody can be logged in by it.",
    "Where the identifier is made for one OAuth app (Facebook, TikTok and others), the same people have others at another " +
      "provider, and new ones after you have registered anew. At Slack and Salesforce, whose identifiers hold within one " +
      "workspace or organisation, `sub` names that as well.",
  ];
}

function namesOf(records: ServiceRecord[]): string {
  return records.map(({ name }) => name).join(", ");
}

function registrationOf(id: string, record: ServiceRecord): string {
  const lines = [
    `**${record.name}** – ${linkOf(record.console_url)}. Redirect URI: \`YOUR_PROVIDER_URL/callback/${id}\`.`,
    record.redirect_uri_notes,
    record.scope_notes === undefined ? undefined : `Scopes: ${record.scope_notes}`,
    record.notes,
  ];
  return lines
    .filter((line) => line !== undefined)
    .map(escape)
    .join(" ");
}

/** Addresses with a variable or a placeholder lead nowhere. */
function linkOf(url: string): string {
  return /[{}]|YOUR_/.test(url) ? code(url) : `<${url}>`;
}

/** Described where they are required: an optional copy of a field has lost its description. */
function inEntries(): Record<string, z.ZodType> {
  const described: Record<string, z.ZodType> = serviceRecordSchema({ insecureLoopback: false }).shape;
  const fields = Object.entries(entrySchema({ insecureLoopback: false }).shape);
  return Object.fromEntries(fields.map(([name, field]) => [name, described[name] ?? field]));
}

function onlyInRecords(): Record<string, z.ZodType> {
  const known = inEntries();
  const { shape } = serviceRecordSchema({ insecureLoopback: false });
  return Object.fromEntries(Object.entries(shape).filter(([name]) => !(name in known)));
}

function fieldsOf(shape: Record<string, z.ZodType>): string[][] {
  return Object.entries(shape).map(([name, field]) => {
    const [example] = (field.meta()?.examples ?? []) as unknown[];
    return [code(name), field.description ?? "", code(JSON.stringify(example))];
  });
}

function table(head: string[], rows: string[][]): string {
  const write = (cell: string): string => escape(cell).replaceAll("|", "\\|");
  const line = (cells: string[]): string => `| ${cells.map(write).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Outside of code, what would be read as a tag. */
function escape(text: string): string {
  return text.replace(/`[^`]*`|<(?!https:)/g, (match) => (match === "<" ? "&lt;" : match));
}

function code(text: string): string {
  return `\`${text}\``;
}

function readJson<Value>(path: string): Value {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as Value;
}

if (isStarted(import.meta.url)) {
  writeFileSync(page, renderReference());
  console.log("Written: docs/services-reference.md");
}
