import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { loadCatalogue } from "../../catalogue/load.ts";
import { redirectUriRules, registrationConditions } from "../../catalogue/registration.ts";
import { entrySchema, type ServiceRecord, serviceRecordSchema } from "../../catalogue/schema.ts";
import { isStarted } from "../terminal/command-line.ts";

/**
 * `node scripts/docs/services-reference.ts` writes docs/services-reference.md: the services of the catalogue, what the
 * tests have tried with each, the services that are not supported, and every field of an entry.
 */

const page = fileURLToPath(new URL("../../docs/services-reference.md", import.meta.url));

/** Results of a complete login in `test/catalogue/logins.test.ts`. A stage that a service doesn't have is absent. */
type Stages = Partial<Record<"login" | "profile" | "refresh" | "revocation" | "grantRevocation", boolean>>;

interface UnsupportedService {
  name: string;
  reason: string;
}

const COLUMNS = [
  "Service",
  "Key",
  "Login",
  "Profile",
  "Refresh",
  "Revokes a token",
  "Revokes the grant",
  "Variables",
  "Sources",
  "Unverified",
];

/** A table of 180 rows is hard to read, so there is one for each group of first letters, and links to them. */
const GROUPS = ["A–C", "D–G", "H–L", "M–O", "P–R", "S", "T–V", "W–Z"];

export function renderReference(): string {
  const catalogue = [...loadCatalogue()].sort(([, one], [, other]) => one.name.localeCompare(other.name, "en"));
  const tried = readJson<Record<string, Stages>>("../../test/catalogue/logins.json");
  const unsupported = readJson<Record<string, UnsupportedService>>("../../catalogue/unsupported.json");
  return `${[
    "<!-- Written by `node scripts/docs/services-reference.ts`. Edit the catalogue instead. -->",
    "# Services",
    `The catalogue has ${catalogue.length} services. In \`services.json\`, each needs only \`{"client_id": "…"}\`, plus the ` +
      "variables in its row, if there are any. You can override any field there, and describe other services with the " +
      "same fields. An entry that has `token_endpoint` describes its service completely, so nothing of a record that comes " +
      "later applies to it. (It does for the services of the first catalogue, which have been overridden field by field " +
      "from the beginning.)",
    "## The catalogue",
    "The tests log in to each service through the provider's own endpoints. A local server stands in for the service and " +
      "checks every request against the service's record: login (with profile), refresh, revoking one token, and revoking " +
      "the whole grant. **✓**: works. **–**: the service doesn't offer this, or it is not documented. **refresh token** or " +
      "**access token**: only by such a token. *Unverified* fields come from documentation or from one source only. These tests do " +
      "not log in to live services.",
    "**Sources**: how many independent sources agree on the endpoints; **vendor** is among them if the service itself " +
      "documents them. To find a service, search this page for its name or key, or type a part of it in `npm run " +
      "add-service`.",
    GROUPS.map((group) => `[${group}](#${anchorOf(group)})`).join(" · "),
    ...GROUPS.flatMap((group) => groupOf(group, catalogue, tried)),
    "## Services without PKCE",
    ...pkceOf(catalogue.map(([, record]) => record)),
    "## Users without an identifier",
    ...identifiersOf(catalogue.map(([, record]) => record)),
    "## Registering an app",
    ...catalogue.map(([id, record]) => registrationOf(id, record)),
    "## Not supported",
    "All differences between services are data, so a service that would need code of its own is not supported.",
    table(
      ["Service", "Why"],
      Object.values(unsupported).map(({ name, reason }) => [name, reason]),
    ),
    "## Fields of an entry",
    "Fields that an entry in `services.json` may have:",
    table(["Field", "Meaning", "Example"], fieldsOf(inEntries())),
    "Additional fields of records in the catalogue:",
    table(["Field", "Meaning", "Example"], fieldsOf(onlyInRecords())),
    "",
  ]
    .join("\n\n")
    .trimEnd()}\n`;
}

/** Names that begin with a digit are in the first group. */
function groupOf(group: string, catalogue: [string, ServiceRecord][], tried: Record<string, Stages>): string[] {
  const [first, last = first] = group.split("–") as [string, string?];
  const isIn = ({ name }: ServiceRecord): boolean => {
    const letter = name.charAt(0).toUpperCase();
    return letter < "A" ? group === GROUPS[0] : letter >= first && letter <= last;
  };
  const rows = catalogue.filter(([, record]) => isIn(record)).map(([id, record]) => rowOf(record, tried[id] ?? {}));
  return [`### ${group}`, table(COLUMNS, rows)];
}

/** As GitHub names the heading. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N}-]/gu, "");
}

function rowOf(record: ServiceRecord, stages: Stages): string[] {
  const mark = (worked: boolean | undefined): string => (worked ? "✓" : "–");
  const only = (request: ServiceRecord["revocation_request"]): string =>
    request?.only === undefined ? "" : ` ${request.only.replace("_", " ")}`;
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
    sourcesOf(record),
    (record.unverified ?? []).map(code).join(", "),
  ];
}

function sourcesOf({ sources = [] }: ServiceRecord): string {
  return sources.includes("vendor") ? `${sources.length}, vendor` : String(sources.length);
}

function variableOf(name: string, variable: NonNullable<ServiceRecord["url_variables"]>[string]): string {
  if (variable.default === undefined) return `${code(name)} (such as ${code(variable.example)})`;
  return variable.default === "" ? `${code(name)} (empty)` : `${code(name)} (${code(variable.default)})`;
}

/** RFC 9700 §4.5: how a stolen code can be used. */
function pkceOf(records: ServiceRecord[]): string[] {
  const without = records.filter(({ code_challenge_method: method }) => method === "none");
  const sent = records.filter(
    (record) => !without.includes(record) && record.unverified?.includes("code_challenge_method"),
  );
  return [
    "PKCE (RFC 7636) ties a code to the login that requested it. These services reject PKCE or are not known to accept " +
      `it, so it is not sent to them: ${namesOf(without)}. An attacker who steals an unused code from one of them can complete ` +
      "a login with it in the attacker's own browser, and then has the victim's access.",
    "These services are sent PKCE, but it is not confirmed that they check it. If one does not, the same attack works with " +
      `its codes: ${namesOf(sent)}.`,
  ];
}

function identifiersOf(records: ServiceRecord[]): string[] {
  const without = records.filter(
    ({ userinfo_endpoint: endpoint, userinfo_claims: claims }) => endpoint && claims && !claims.sub,
  );
  return [
    "`sub` permanently identifies one person. These services return only a name, which its owner can change and somebody " +
      `else can take, or the name of an account that several people share: ${namesOf(without)}. For them, \`userinfo\` returns no \`sub\` and no \`id\`. Use the name for display ` +
      "only; it can't identify anybody for a login.",
    "Some services (Facebook, TikTok and others) create the identifier for one OAuth app. The same person then has another " +
      "identifier at another provider, and a new one if you register a new app. At Slack and Salesforce, identifiers are " +
      "unique within one workspace or organisation, so `sub` includes that as well.",
  ];
}

function namesOf(records: ServiceRecord[]): string {
  return records.map(({ name }) => name).join(", ");
}

function registrationOf(id: string, record: ServiceRecord): string {
  const rules = redirectUriRules(record);
  const lines = [
    `**${record.name}** – ${linkOf(record.console_url)}. Redirect URI: \`YOUR_PROVIDER_URL/callback/${id}\`.`,
    rules === undefined ? undefined : `Accepts: ${rules}.`,
    ...registrationConditions(record),
    record.redirect_uri_notes,
    record.scope_notes === undefined ? undefined : `Scopes: ${record.scope_notes}`,
    record.notes,
  ];
  return lines
    .filter((line) => line !== undefined)
    .map(escapeTags)
    .join(" ");
}

/** An address with a variable or a placeholder can't be a link. */
function linkOf(url: string): string {
  return /[{}]|YOUR_/.test(url) ? code(url) : `<${url}>`;
}

/** Takes descriptions from the record's schema, because an optional copy of a field loses its description. */
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
  const write = (cell: string): string => escapeTags(cell).replaceAll("|", "\\|");
  const line = (cells: string[]): string => `| ${cells.map(write).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Outside code, Markdown would read `<` as the beginning of a tag. */
function escapeTags(text: string): string {
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
