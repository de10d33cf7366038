/**
 * What a record of the catalogue may say, and what an owner may say about a service in `services.json`. Used at build
 * time only. Keys are spelled as in RFC 8414 and RFC 7591 where these have a word; the descriptions are the reference.
 */
import { z } from "zod";
import { isPlaceholder, isUsableClientId, trimPasted } from "../server/provider/placeholder.ts";

const maxCodeLifetimeSeconds = 24 * 60 * 60;
const maxTokenLifetimeSeconds = 366 * 24 * 60 * 60;
const maxVariableCharacters = 253;
/** No names below `localhost`: a function looks them up as any other name, and may find another computer. */
const loopbackHostnames = ["localhost", "127.0.0.1", "[::1]"];

/** Parameters that the code sends by itself. A constant in their place would switch off a check (`state`,
 * `code_challenge`), send tokens elsewhere (`redirect_uri`) or publish a secret (`client_secret`) [A50]. */
const ownAuthorizationParameters = [
  "client_id",
  "client_secret",
  "code_challenge",
  "code_challenge_method",
  "redirect_uri",
  "response_type",
  "scope",
  "state",
];
const ownTokenParameters = [
  "client_assertion",
  "client_id",
  "client_secret",
  "code",
  "code_verifier",
  "redirect_uri",
  "refresh_token",
];

/** What an app may ask to be shown (OpenID Connect Core §3.1.2.1). Not `none`: our own page always asks [A1]. */
const prompts = ["login", "consent", "select_account"] as const;

/** RFC 6749 §5.2, and two that services use there as well (§4.1.2.1). */
const tokenErrorCodes = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
  "server_error",
  "temporarily_unavailable",
] as const;

export interface EndpointOptions {
  /** Accept plain http on this computer: for local development, where nothing travels over a network. */
  insecureLoopback: boolean;
}

export type ServiceRecord = z.infer<ReturnType<typeof serviceRecordSchema>>;

/** RFC 6749 §5, as far as the provider reads it. What a service adds must not take one of these names. */
const tokenResponseMembers = ["access_token", "token_type", "expires_in", "refresh_token", "scope", "error"] as const;

/** One record of the catalogue. */
export const serviceRecordSchema = oncePerOption(buildRecordSchema);

/** A service in `services.json`: the catalogue's own fields, the owner's, and the oldest format's `url`, `fields`. */
export const entrySchema = oncePerOption(buildEntrySchema);

/** Building a schema takes longer than using it. */
function oncePerOption<Schema>(build: (options: EndpointOptions) => Schema): (options: EndpointOptions) => Schema {
  const built = new Map<boolean, Schema>();
  return (options) => {
    const known = built.get(options.insecureLoopback) ?? build(options);
    built.set(options.insecureLoopback, known);
    return known;
  };
}

function buildRecordSchema({ insecureLoopback }: EndpointOptions) {
  const endpoint = refined(z.string(), (value) => faultOfEndpoint(value, insecureLoopback));
  const webPage = refined(z.string(), (value) => faultOfEndpoint(value.replace("#", ""), false));
  const endpointWithClientId = refined(z.string(), (value) =>
    faultOfEndpoint(value.replace(/\{(client_id|token)\}/g, "filled-in"), insecureLoopback),
  );

  return z.strictObject({
    name: refined(z.string(), faultOfName)
      .meta({ examples: ["GitHub"] })
      .describe("The service's name as people read it."),
    key: refined(z.string(), faultOfName)
      .meta({ examples: ["Github"] })
      .describe("The usual key in services.json: the name of Madata's class, where Madata has one."),
    url_variables: z
      .record(z.string().regex(/^[a-z_]+$/, "is not a name in small letters"), urlVariable())
      .optional()
      .meta({ examples: [{ instance: { pattern: "[a-z]+\\.example", example: "git.example" } }] })
      .describe(
        "What stands in braces in this record's URLs and only the owner can fill in, such as the host of an own " +
          "instance: {instance}. The pattern must match the whole value, which becomes part of where secrets are sent. " +
          "A default may be derived from another variable's value, where hosts belong together.",
      ),
    authorization_endpoint: endpoint
      .meta({ examples: ["https://github.com/login/oauth/authorize"] })
      .describe("Where the browser is sent to log in (RFC 6749 §3.1). An https URL without a fragment."),
    token_endpoint: endpoint
      .meta({ examples: ["https://github.com/login/oauth/access_token"] })
      .describe("Where a code is exchanged for an access token (RFC 6749 §3.2). An https URL without a fragment."),
    token_endpoint_auth_method: z
      .enum(["client_secret_basic", "client_secret_post", "none"])
      .meta({ examples: ["client_secret_post"] })
      .describe(
        "How the provider proves who it is at the token endpoint (RFC 7591 §2): the secret in an Authorization " +
          "header, the secret in the body, or no secret at all (then SEALING_KEY is needed). " +
          "For services outside the catalogue the default is client_secret_post.",
      ),
    issuer: endpoint
      .optional()
      .meta({ examples: ["https://accounts.google.com"] })
      .describe("The iss that the service adds to its authorization responses (RFC 9207). Another one is refused."),
    authorization_response_iss_parameter_supported: z
      .boolean()
      .optional()
      .meta({ examples: [true] })
      .describe("The service promises iss (RFC 9207 §3), so a response without it is refused. Needs issuer."),
    code_challenge_method: z
      .enum(["S256", "plain", "none"])
      .meta({ examples: ["S256"] })
      .describe(
        "PKCE between the provider and the service (RFC 7636 §4.3). none only where the service fails on it, or no " +
          "client is known to send it. " +
          "For services outside the catalogue the default is S256.",
      ),
    default_scopes: scopes()
      .meta({ examples: [["read:user"]] })
      .describe("The scopes asked for when an app names none. With an empty list, the scope parameter is left out."),
    scope_separator: separator()
      .optional()
      .meta({ examples: [","] })
      .describe("What stands between scopes in the authorization request. A space, unless the service differs."),
    scope_descriptions: z
      .record(z.string(), refined(z.string(), faultOfName))
      .optional()
      .meta({ examples: [{ "read:user": "Read your profile" }] })
      .describe("What scopes mean, in a few plain words that follow “This app will be able to”."),
    authorization_parameters: parameters(ownAuthorizationParameters)
      .optional()
      .meta({ examples: [{ prompt: "select_account" }] })
      .describe("Further constant parameters of the authorization request."),
    prompt_parameters: z
      .partialRecord(z.enum(prompts), parameters(ownAuthorizationParameters))
      .optional()
      .meta({ examples: [{ select_account: { prompt: "select_account" }, consent: { show_dialog: "true" } }] })
      .describe(
        "What an app can ask for by prompt (OpenID Connect Core §3.1.2.1), and the parameters of the authorization " +
          "request that tell the service so. Another prompt is left out; none never reaches a service.",
      ),
    login_hint_parameter: z
      .string()
      .regex(/^[A-Za-z_]+$/, "is not the name of a parameter")
      .refine((name) => !ownAuthorizationParameters.includes(name), "is a parameter that the provider sends by itself")
      .optional()
      .meta({ examples: ["login_hint"] })
      .describe(
        "What the service calls the user name or email address that it fills in. Without it, an app's login_hint is left out.",
      ),
    response_mode: z
      .enum(["form_post"])
      .optional()
      .meta({ examples: ["form_post"] })
      .describe("The service sends its answer as a POST (OAuth 2.0 Form Post Response Mode); it is asked for that."),
    callback_parameters: z
      .array(
        z
          .string()
          .regex(/^(?!(?:code|state|iss|error)$)[A-Za-z][A-Za-z0-9_-]*$/, "is not the name of a further parameter"),
      )
      .optional()
      .meta({ examples: [["realmId"]] })
      .describe(
        "Parameters that the service adds to its answer. The token request repeats them, and the app gets them " +
          "with its access token.",
      ),
    authorization_parameter_names: parameterNames()
      .optional()
      .meta({ examples: [{ client_id: "client_key", scope: null }] })
      .describe("Parameters of the authorization request that the service names otherwise; null where it wants none."),
    token_parameters: parameters(ownTokenParameters)
      .optional()
      .meta({ examples: [{ audience: "api.example.com" }] })
      .describe("Further constant parameters of the token request. grant_type is sent anyway."),
    token_request: z
      .strictObject({
        method: z.enum(["GET", "POST"]).optional(),
        body: z.enum(["form", "json"]).optional(),
        headers: refined(z.record(z.string(), z.string()), faultOfHeaders).optional(),
        parameter_names: parameterNames().optional(),
      })
      .optional()
      .meta({ examples: [{ body: "json", headers: { "Notion-Version": "2022-06-28" } }] })
      .describe(
        "How the token request differs from a form with the names of RFC 6749 §4.1.3: GET, a JSON body, further " +
          "headers ({client_id} stands for your client identifier), other names of parameters or null for none.",
      ),
    token_response: z
      .strictObject({
        format: z.literal("form").optional(),
        members: z.partialRecord(z.enum(tokenResponseMembers), z.array(refined(z.string(), faultOfName))).optional(),
        success: success().optional(),
        extra_members: z
          .array(z.string().refine((name) => !isReservedMember(name), "is a member of RFC 6749 §5 or OpenID Connect"))
          .optional(),
      })
      .optional()
      .meta({ examples: [{ members: { access_token: ["body.access_token"] }, success: { status: 0 } }] })
      .describe(
        "How the token response differs from RFC 6749 §5: form encoding in place of JSON, the paths of members (an " +
          "empty list: the member is ignored), what a response without an error says, and members that apps get too.",
      ),
    token_response_scope_separator: separator()
      .optional()
      .meta({ examples: ["|"] })
      .describe("What stands between scopes in the token response, besides spaces and commas: those always do."),
    token_error_codes: z
      .record(z.string(), z.enum(tokenErrorCodes))
      .optional()
      .meta({ examples: [{ bad_verification_code: "invalid_grant" }] })
      .describe("The service's own error codes in token responses, each with the code of RFC 6749 §5.2 that it means."),
    scopes_merged: z
      .boolean()
      .optional()
      .meta({ examples: [true] })
      .describe(
        "The service adds to every grant what the user has allowed any app of this provider before. Then the " +
          "confirmation page says so; otherwise a token that can do more than was shown is not handed over.",
      ),
    scopes_fixed: z
      .boolean()
      .optional()
      .meta({ examples: [true] })
      .describe(
        "The service has no scopes, or grants those that were chosen when the app was registered, whatever is asked " +
          "for. What it says about granted scopes is then left aside.",
      ),
    scope_aliases: z
      .record(z.string(), z.string())
      .optional()
      .meta({ examples: [{ "https://www.googleapis.com/auth/userinfo.email": "email" }] })
      .describe("Scopes that the service spells otherwise in its token response, each with the spelling asked for."),
    identity_scopes: scopes()
      .optional()
      .meta({ examples: [["id"]] })
      .describe(
        "Scopes that the service adds to every grant by itself, and that only tell who the user is. A token that has " +
          "them is handed over though they were not shown.",
      ),
    refresh_tokens: z
      .enum(["none", "reusable", "rotating"])
      .optional()
      .meta({ examples: ["reusable"] })
      .describe(
        "Whether the service issues refresh tokens (RFC 6749 §6): none, one that can be used again and again, or a " +
          "new one with every use. For services outside the catalogue the default is none.",
      ),
    access_token_lifetime_seconds: z
      .int()
      .positive()
      .max(maxTokenLifetimeSeconds)
      .optional()
      .meta({ examples: [7200] })
      .describe(
        "How long an access token is good for, at least, where the service issues refresh tokens and does not say " +
          "(expires_in): then apps know when to refresh.",
      ),
    offline_parameters: parameters(ownAuthorizationParameters)
      .optional()
      .meta({ examples: [{ access_type: "offline", prompt: "consent" }] })
      .describe("Parameters of the authorization request without which the service issues no refresh token."),
    offline_scopes: scopes()
      .optional()
      .meta({ examples: [["offline_access"]] })
      .describe("Scopes without which the service issues no refresh token."),
    refresh_request: z
      .strictObject({
        endpoint: endpoint.optional(),
        parameters: parameters(ownTokenParameters).optional(),
        parameter_names: parameterNames().optional(),
      })
      .optional()
      .meta({
        examples: [{ endpoint: "https://api.figma.com/v1/oauth/refresh", parameter_names: { grant_type: null } }],
      })
      .describe("How a refresh differs from the token request: another endpoint, further parameters, other names."),
    revocation_endpoint: endpointWithClientId
      .optional()
      .meta({ examples: ["https://gitlab.com/oauth/revoke"] })
      .describe(
        "Where one token is ended (RFC 7009), and only that one. {client_id} stands for your client identifier, " +
          "{token} for the token, where the service wants it in the path.",
      ),
    revocation_request: revocationRequest()
      .optional()
      .meta({ examples: [{ method: "DELETE", auth_method: "bearer", body: "json", parameter: "access_token" }] })
      .describe("How the request to revocation_endpoint differs from RFC 7009."),
    grant_revocation_endpoint: endpointWithClientId
      .optional()
      .meta({ examples: ["https://oauth2.googleapis.com/revoke"] })
      .describe("Where everything that a user has allowed the provider is ended, and with it every app's access."),
    grant_revocation_request: revocationRequest()
      .optional()
      .meta({ examples: [{ auth_method: "none" }] })
      .describe("How the request to grant_revocation_endpoint differs from RFC 7009."),
    userinfo_endpoint: endpoint
      .optional()
      .meta({ examples: ["https://api.github.com/user"] })
      .describe("Where the service tells whom an access token belongs to."),
    userinfo_request: z
      .strictObject({
        method: z.enum(["GET", "POST"]).optional(),
        headers: refined(z.record(z.string(), z.string()), faultOfHeaders).optional(),
        scheme: z
          .string()
          .regex(/^([A-Za-z-]+)?$/, "is not an authorization scheme")
          .optional(),
        token_parameter: z
          .string()
          .regex(/^[A-Za-z_]+$/, "is not the name of a parameter")
          .optional(),
        parameters: z.record(z.string(), z.string()).optional(),
        body: z.enum(["form", "json", "query", "empty"]).optional(),
        auth_method: z.enum(["client_secret_basic", "client_secret_post"]).optional(),
        success: success().optional(),
      })
      .optional()
      .meta({ examples: [{ method: "POST", body: "json", parameters: { query: "{ viewer { id name } }" } }] })
      .describe(
        "How the request to userinfo_endpoint differs from a plain GET with the token as Bearer: headers, the scheme " +
          "of the Authorization header (empty: the bare token), the name of a parameter that carries the token " +
          "instead, further parameters and how they travel, our credentials, and what an answer without an error says. " +
          "{client_id} stands for your client identifier in headers and parameters.",
      ),
    userinfo_claims: z
      .strictObject({
        sub: claimPaths().optional(),
        username: claimPaths().optional(),
        name: claimPaths().optional(),
        avatar: claimPaths().optional(),
        url: claimPaths().optional(),
        email: claimPaths().optional(),
      })
      .optional()
      .meta({ examples: [{ sub: ["id"], username: ["login"], name: ["name", "login"] }] })
      .describe(
        "Where the answer of userinfo_endpoint holds what: names and array indexes joined by dots, the first path " +
          "that leads to a text or number wins; paths in braces are put into the text around them. A dot in a name has " +
          "a backslash before it. sub is an identifier that stays one person's for ever: without it, where the service " +
          "tells only names, which can change hands, nobody can be logged in by it.",
      ),
    code_lifetime_seconds: z
      .int()
      .positive()
      .max(maxCodeLifetimeSeconds)
      .optional()
      .meta({ examples: [600] })
      .describe("How long the service's code can be exchanged, where the service documents it."),
    opener: z
      .enum(["kept", "cut"])
      .optional()
      .meta({ examples: ["kept"] })
      .describe(
        "Whether a popup still reaches the page that opened it after a visit to the service. cut where the service " +
          "sends Cross-Origin-Opener-Policy: same-origin. Without it: kept.",
      ),
    madata: z
      .boolean()
      .optional()
      .meta({ examples: [true] })
      .describe(
        "Whether Madata apps may log in, by opening the service themselves and returning to the root of the provider or " +
          "by /authorize. On for few services, because the app names the service there and nothing contradicts it. " +
          "Without it: off.",
      ),
    manage_url: webPage
      .optional()
      .meta({ examples: ["https://github.com/settings/applications"] })
      .describe("The service's page where users see and end the access of apps."),
    console_url: webPage
      .meta({ examples: ["https://github.com/settings/developers"] })
      .describe("The service's page where owners register their OAuth app."),
    docs_url: webPage
      .meta({ examples: ["https://docs.gitlab.com/api/oauth2/"] })
      .describe("The service's documentation of its OAuth endpoints."),
    simple_icons_slug: z
      .string()
      .regex(/^[a-z0-9]+$/, "is not a slug of simple-icons")
      .optional()
      .meta({ examples: ["github"] })
      .describe("The service's logo among the Simple Icons."),
    unverified: z
      .array(z.string())
      .optional()
      .meta({ examples: [["manage_url"]] })
      .describe("Fields of this record that come from documentation and have not been tried with the live service."),
    scope_notes: z
      .string()
      .optional()
      .meta({ examples: ["Scopes must also be enabled in the app console."] })
      .describe("What an owner or an app's developer should know about the service's scopes."),
    redirect_uri_notes: z
      .string()
      .optional()
      .meta({ examples: ["One redirect URI per app."] })
      .describe("What the service accepts as a redirect URI."),
    notes: z
      .string()
      .optional()
      .meta({ examples: ["Scopes must also be enabled in the app console."] })
      .describe("What an owner should know before registering an app with the service."),
  });
}

function buildEntrySchema(options: EndpointOptions) {
  const record = serviceRecordSchema(options);
  return record
    .omit({ key: true, url_variables: true })
    .partial()
    .extend({
      variables: z
        .record(z.string(), z.string().max(maxVariableCharacters))
        .optional()
        .meta({ examples: [{ instance: "git.example.org" }] })
        .describe(
          "What stands in braces in the catalogue's URLs for this service, such as the host of your own instance. " +
            "It is filled in when the provider is built; no request can change it.",
        ),
      client_id: refined(z.string(), issueWithPublicValue)
        .optional()
        .meta({ examples: ["the client ID that the service gave you"] })
        .describe(
          "The public client identifier of your OAuth app at the service. GITHUB_CLIENT_ID and so on win over it.",
        ),
      url: refined(z.string(), (value) => faultOfEndpoint(value, options.insecureLoopback))
        .optional()
        .meta({ examples: ["https://github.com/login/oauth/access_token"] })
        .describe("The old name of token_endpoint."),
      fields: parameters(ownTokenParameters)
        .optional()
        .meta({ examples: [{ audience: "api.example.com" }] })
        .describe(
          "The old name of token_parameters. A form-encoded text (audience=api.example.com) is understood as well.",
        ),
      icon: refined(z.string(), faultOfIcon)
        .optional()
        .meta({ examples: ["https://example.com/logo.svg"] })
        .describe(
          "The service's logo: an https URL, or the path of a file in public. Without such a file it is the catalogue's.",
        ),
      api_key: refined(z.string(), issueWithPublicValue)
        .optional()
        .meta({ examples: ["the API key that the service gave you"] })
        .describe(
          "A public API key, for Madata's clients (Google) and for profiles that need one (Stack Exchange). It is " +
            "published; restrict it at the service.",
        ),
      allowed_scopes: scopes()
        .optional()
        .meta({ examples: [["read:user", "gist"]] })
        .describe("The only scopes that apps may ask for. Without it, apps may ask for any, and the user decides."),
      refresh_without_dpop: z
        .boolean()
        .optional()
        .meta({ examples: [true] })
        .describe(
          "Apps that cannot use DPoP (RFC 9449) may have refresh tokens as well, by asking for the scope " +
            "offline_access. Such a token works for months for whoever gets hold of it.",
        ),
    });
}

/** A client ID or an API key. A placeholder only stands for one that is still to come. */
export function issueWithPublicValue(value: string): string | undefined {
  if (isPlaceholder(value) || isUsableClientId(value)) return undefined;
  if (value !== trimPasted(value)) return "has spaces, quotes or invisible characters around it";
  return "contains characters that no client ID or API key has (RFC 6749 A.1)";
}

function faultOfIcon(value: string): string | undefined {
  const base = "https://provider.example/";
  const https = URL.canParse(value, base) && new URL(value, base).protocol === "https:";
  return https ? undefined : "is neither an https URL nor a path";
}

/** `undefined`: the URL may be used. */
function faultOfEndpoint(value: string, insecureLoopback: boolean): string | undefined {
  // A variable that nobody has filled in, or that does not exist.
  if (/[{}]/.test(value)) return "contains a brace";
  // URL parsers repair these silently, so what is read would not be what is used.
  if (/[\u0000-\u0020\u007F\\]/.test(value)) return "contains a space, a backslash or a control character";
  if (!URL.canParse(value)) return "is not a URL";

  const { protocol, hostname, username, password } = new URL(value);
  if (username !== "" || password !== "") return "contains a user name or password";
  if (value.includes("#")) return "contains a fragment (RFC 6749 §3.1)";
  if (protocol === "https:") return undefined;
  if (protocol !== "http:") return "is not an https URL";
  if (!loopbackHostnames.includes(hostname)) return "is not an https URL, so anybody on the way could read secrets";
  if (!insecureLoopback) return "is plain http on this computer, which is accepted in local development only";
  return undefined;
}

function faultOfName(value: string): string | undefined {
  if (value.trim() === "") return "is empty";
  if (/\p{Cc}/u.test(value)) return "contains a control character";
  return undefined;
}

/** Headers that the provider writes itself, or that would change how the request is read. */
const ownHeaders = ["authorization", "content-length", "content-type", "cookie", "host", "transfer-encoding"];

function faultOfHeaders(value: Record<string, string>): string | undefined {
  const own = Object.keys(value).find((name) => ownHeaders.includes(name.toLowerCase()));
  if (own !== undefined) return `contains "${own}", which the provider sends by itself`;
  const isSound = (name: string, text: string): boolean => /^[A-Za-z0-9-]+$/.test(name) && /^[\x20-\x7E]+$/.test(text);
  return Object.entries(value).every(([name, text]) => isSound(name, text))
    ? undefined
    : "contains a header that cannot be sent";
}

function revocationRequest() {
  return z.strictObject({
    method: z.enum(["GET", "POST", "DELETE"]).optional(),
    auth_method: z.enum(["client_secret_basic", "client_secret_post", "none", "bearer"]).optional(),
    body: z.enum(["form", "json", "query", "empty"]).optional(),
    parameter: z
      .string()
      .regex(/^[A-Za-z_]+$/, "is not the name of a parameter")
      .optional(),
    parameters: z.record(z.string(), z.string()).optional(),
    parameter_names: parameterNames().optional(),
    only: z.literal("refresh_token").optional(),
  });
}

/** A renamed parameter keeps its value, so nothing can be smuggled in; leaving out `state` would switch off a check. */
function parameterNames() {
  return z
    .record(
      z.string(),
      z
        .string()
        .regex(/^[A-Za-z_]+$/, "is not the name of a parameter")
        .nullable(),
    )
    .refine((names) => !Object.hasOwn(names, "state"), 'contains "state", whose name every service keeps');
}

function success() {
  return z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
}

/** The service's refresh and ID tokens are not the app's, so no list may ask for them. */
function isReservedMember(name: string): boolean {
  return [...tokenResponseMembers, "id_token"].includes(name) || !/^[A-Za-z_]+$/.test(name);
}

function urlVariable() {
  return z.strictObject({
    pattern: refined(z.string(), faultOfPattern),
    default: z.string().optional(),
    derived: z.array(derivedDefault()).optional(),
    example: z.string(),
    notes: z.string().optional(),
  });
}

/** What holds in place of the default, once another variable has such a value. The first that fits decides. */
function derivedDefault() {
  return z.strictObject({ variable: z.string(), matches: refined(z.string(), faultOfPattern), value: z.string() });
}

function faultOfPattern(value: string): string | undefined {
  try {
    new RegExp(value);
    return undefined;
  } catch {
    return "is not a regular expression";
  }
}

function claimPaths() {
  return z.array(refined(z.string(), faultOfName)).min(1);
}

/** RFC 6749 §3.3: scope-token. */
function scopes() {
  return z.array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, "is not a scope: it is empty, or contains a space"));
}

function separator() {
  return z.string().regex(/^[ ,;+|]$/, "is not a separator: one of space , ; + |");
}

function parameters(own: string[]) {
  return refined(z.record(z.string(), z.string()), (value) => {
    const name = Object.keys(value).find((key) => own.includes(key));
    return name === undefined ? undefined : `contains "${name}", which the provider sends by itself`;
  });
}

function refined<Schema extends z.ZodType>(schema: Schema, faultOf: (value: z.infer<Schema>) => string | undefined) {
  return schema.refine((value) => faultOf(value as z.infer<Schema>) === undefined, {
    error: (issue) => faultOf(issue.input as z.infer<Schema>),
  });
}
