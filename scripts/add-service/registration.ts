import { styleText } from "node:util";
import { redirectUriRules, registrationConditions } from "../../catalogue/registration.ts";
import { defaultVariables, fillVariables } from "../../catalogue/variables.ts";
import { linkedOrigin, linkedSiteId } from "../netlify/netlify-cli.ts";
import { validateProviderUrl } from "../network/provider-url.ts";
import type { Choice } from "./choose-service.ts";
import type { RunContext } from "./context.ts";
import type { Draft } from "./draft.ts";

/** Shows where to register an OAuth app, and with which redirect URI. */

const UNKNOWN_ORIGIN = "YOUR_PROVIDER_URL";

/** @returns `undefined` if the address is not known yet */
export async function findProviderOrigin({
  options,
  env,
  directory,
  prompts,
  runNetlify,
  print,
}: RunContext): Promise<string | undefined> {
  if (options.url !== undefined) return new URL(options.url).origin;
  if (env.URL && validateProviderUrl(env.URL) === undefined) return new URL(env.URL).origin;
  const siteId = await linkedSiteId(directory, env);
  const linked = siteId === undefined ? undefined : await linkedOrigin(runNetlify, siteId, print);
  if (linked !== undefined) return linked;
  const url = await prompts?.text({
    message: "What is your provider's address? (Leave it empty if it has none yet.)",
    placeholder: "https://auth.example.com",
    validate: (value) => (value === "" ? undefined : validateProviderUrl(value, { insecureLoopback: true })),
  });
  return url ? new URL(url).origin : undefined;
}

/** What an owner should know before typing anything: where the form is, what it accepts, and what stands in the way. */
export function showRequirements(choice: Choice, { print }: RunContext): void {
  const { record } = choice;
  if (record === undefined) return;
  const rules = redirectUriRules(record);
  const page = fillVariables(record.console_url, defaultVariables(record));
  const lines = [
    "",
    styleText("bold", record.name),
    ...(page.includes("{") ? [] : [`  Registration page       ${page}`]),
    ...(rules === undefined ? [] : [`  Redirect URIs           ${rules}`]),
    ...registrationConditions(record).map((condition) => `  ! ${condition}`),
    ...[record.redirect_uri_notes, record.notes].filter((note) => note !== undefined).map((note) => `\n  ${note}`),
    "",
  ];
  print(lines.join("\n"));
}

export function showRegistration(
  draft: Draft,
  origin: string | undefined,
  { print, options, openPage }: RunContext,
): void {
  const { service } = draft;
  const needsSecret = service.tokenEndpointAuthMethod !== "none";
  const consoleUrl = consoleUrlOf(draft);
  const redirectUris = redirectUrisOf(draft, origin ?? UNKNOWN_ORIGIN);
  const described = new Map(Object.entries(service.scopeDescriptions));
  const scopes = service.defaultScopes.map((scope) => [scope, described.get(scope) ?? []].flat().join(": "));
  const lines = [
    "",
    styleText("bold", service.name),
    `  Register an OAuth app   ${consoleUrl ?? `in the developer settings of ${service.name}`}`,
    `  Redirect URI            ${redirectUris[0]}`,
    ...redirectUris.slice(1).map((uri) => `  and for Madata apps     ${uri}`),
    `  Scopes by default       ${scopes.join("\n                          ") || "none (the service decides)"}`,
    "  You get a client ID     public",
    needsSecret ? "  and a client secret     keep it secret" : "  but no client secret    set SEALING_KEY instead",
    ...(origin === undefined
      ? [`\n  Replace ${UNKNOWN_ORIGIN} with your provider's address (or give it with --url).`]
      : []),
    "",
  ];
  print(lines.join("\n"));
  if (options.open && consoleUrl !== undefined) openPage(consoleUrl);
}

/** The registration page, on the host that the owner has chosen. */
function consoleUrlOf({ record, fields }: Draft): string | undefined {
  if (!record) return undefined;
  const given = (fields.variables ?? {}) as Record<string, string>;
  const variables = { ...defaultVariables(record, given), ...given };
  const consoleUrl = fillVariables(record.console_url, variables);
  return consoleUrl.includes("{") ? undefined : consoleUrl;
}

/** Madata's clients use the root as redirect URI, without the slash. */
function redirectUrisOf({ service }: Draft, origin: string): string[] {
  const own = `${origin}/callback/${service.id}`;
  // An entry of the old format has only a token endpoint: its apps open the service themselves.
  if (service.authorizationEndpoint === undefined) return [origin];
  return service.madata ? [own, origin] : [own];
}
