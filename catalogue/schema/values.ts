import { z } from "zod";
import { isPlaceholder, isUsableClientId, trimPasted } from "../../server/provider/placeholder.ts";

/** The schemas of single values, and what can be wrong with a value: `undefined` means nothing. */

/** Not names below `localhost`: a function looks these up like any other name and may find another computer. */
const LOOPBACK_HOSTNAMES = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Parameters that our code sends. A constant in their place would switch off a check (`state`, `code_challenge`), send
 * tokens to somebody else (`redirect_uri`) or publish a secret (`client_secret`).
 */
export const OWN_AUTHORIZATION_PARAMETERS = [
  "client_id",
  "client_secret",
  "code_challenge",
  "code_challenge_method",
  "redirect_uri",
  "response_type",
  "scope",
  "state",
];
export const OWN_TOKEN_PARAMETERS = [
  "client_assertion",
  "client_id",
  "client_secret",
  "code",
  "code_verifier",
  "redirect_uri",
  "refresh_token",
];

/** Headers that our code writes, or that would change how the request is read. */
const OWN_HEADERS = ["authorization", "content-length", "content-type", "cookie", "host", "transfer-encoding"];

export interface EndpointOptions {
  /** Accept plain http on this computer. For local development, where nothing travels over a network. */
  insecureLoopback: boolean;
}

/** The schemas of URLs. */
export type UrlSchemas = ReturnType<typeof urlSchemas>;

export function urlSchemas({ insecureLoopback }: EndpointOptions) {
  return {
    endpoint: refined(z.string(), (value) => issueWithEndpoint(value, insecureLoopback)),
    endpointWithClientId: refined(z.string(), (value) =>
      issueWithEndpoint(value.replace(/\{(client_id|token)\}/g, "filled-in"), insecureLoopback),
    ),
    webPage: refined(z.string(), (value) => issueWithEndpoint(value.replace("#", ""), false)),
    webPageOfApp: refined(z.string(), (value) => issueWithEndpoint(value.replace("{app_slug}", "filled-in"), false)),
  };
}

function issueWithEndpoint(value: string, insecureLoopback: boolean): string | undefined {
  // A variable that is not filled in, or does not exist.
  if (/[{}]/.test(value)) return "contains a brace";
  // URL parsers repair these silently, so people would read another URL than the one that is used.
  if (/[\u0000-\u0020\u007F\\]/.test(value)) return "contains a space, a backslash or a control character";
  if (!URL.canParse(value)) return "is not a URL";

  const { protocol, hostname, username, password } = new URL(value);
  if (username !== "" || password !== "") return "contains a user name or password";
  if (value.includes("#")) return "contains a fragment (RFC 6749 §3.1)";
  if (protocol === "https:") return undefined;
  if (protocol !== "http:") return "is not an https URL";
  if (!LOOPBACK_HOSTNAMES.includes(hostname)) return "is not an https URL, so anybody on the way could read secrets";
  if (!insecureLoopback) return "is plain http on this computer, which is accepted in local development only";
  return undefined;
}

/** A client ID or an API key. A placeholder is accepted because the value is still to come. */
export function issueWithPublicValue(value: string): string | undefined {
  if (isPlaceholder(value) || isUsableClientId(value)) return undefined;
  if (value !== trimPasted(value)) return "has spaces, quotes or invisible characters around it";
  return "contains characters that no client ID or API key has (RFC 6749 A.1)";
}

export function publicValue() {
  return refined(z.string(), issueWithPublicValue);
}

export function iconAddress() {
  return refined(z.string(), (value) => {
    const base = "https://provider.example/";
    const https = URL.canParse(value, base) && new URL(value, base).protocol === "https:";
    return https ? undefined : "is neither an https URL nor a path";
  });
}

/** Text of one line. */
export function text() {
  return refined(z.string(), (value) => {
    if (value.trim() === "") return "is empty";
    return /\p{Cc}/u.test(value) ? "contains a control character" : undefined;
  });
}

/** A regular expression. */
export function pattern() {
  return refined(z.string(), (value) => {
    try {
      new RegExp(value);
      return undefined;
    } catch {
      return "is not a regular expression";
    }
  });
}

export function parameterName() {
  return z.string().regex(/^[A-Za-z_]+$/, "is not the name of a parameter");
}

/** Constant parameters, other than those that our code sends. */
export function parameters(own: string[]) {
  return refined(z.record(z.string(), z.string()), (value) => {
    const name = Object.keys(value).find((key) => own.includes(key));
    return name === undefined ? undefined : `contains "${name}", which the provider sends by itself`;
  });
}

/** A renamed parameter keeps its value, so this cannot add anything. Without `state`, a check would be switched off. */
export function parameterNames() {
  return z
    .record(z.string(), parameterName().nullable())
    .refine((names) => !Object.hasOwn(names, "state"), 'contains "state", whose name every service keeps');
}

/** Constant headers, other than those that our code writes. */
export function headers() {
  return refined(z.record(z.string(), z.string()), (value) => {
    const own = Object.keys(value).find((name) => OWN_HEADERS.includes(name.toLowerCase()));
    if (own !== undefined) return `contains "${own}", which the provider sends by itself`;
    const canBeSent = ([name, content]: [string, string]): boolean =>
      /^[A-Za-z0-9-]+$/.test(name) && /^[\x20-\x7E]+$/.test(content);
    return Object.entries(value).every(canBeSent) ? undefined : "contains a header that cannot be sent";
  });
}

/** RFC 6749 §3.3: scope-token. */
export function scopes() {
  return z.array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, "is not a scope: it is empty, or contains a space"));
}

export function separator() {
  return z.string().regex(/^[ ,;+|]$/, "is not a separator: one of space , ; + |");
}

/** Paths in a successful answer, each with the value that it has there. */
export function success() {
  return z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
}

/**
 * Claims that a verifier trusts because we have checked them, or that change what an ID token means: RFC 7519 §4.1, OpenID
 * Connect Core §2, §5.1 and §5.6, RFC 7800, RFC 8693.
 */
const OWN_CLAIMS = [
  ...[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "nonce",
    "at_hash",
    "c_hash",
    "s_hash",
    "auth_time",
    "acr",
    "amr",
  ],
  ...[
    "azp",
    "sid",
    "cnf",
    "act",
    "may_act",
    "client_id",
    "scope",
    "events",
    "sub_jwk",
    "_claim_names",
    "_claim_sources",
  ],
  ...["name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture"],
  ...["website", "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale", "phone_number"],
  ...["phone_number_verified", "address", "updated_at"],
];

/** Every request of an app carries its ID token in a header. */
const MAX_CLAIMS_CHARACTERS = 1_024;

/** Constant claims, other than those that an ID token has of its own. */
export function constantClaims() {
  return refined(z.record(z.string(), z.json()), (value) => {
    const own = Object.keys(value).find((name) => OWN_CLAIMS.includes(name) || name === "__proto__");
    if (own !== undefined) return `contains "${own}", which only the provider may say`;
    return JSON.stringify(value).length > MAX_CLAIMS_CHARACTERS
      ? `is longer than ${MAX_CLAIMS_CHARACTERS} characters`
      : undefined;
  });
}

export function claimPaths() {
  return z.array(text()).min(1);
}

function refined<Schema extends z.ZodType>(schema: Schema, issueWith: (value: z.infer<Schema>) => string | undefined) {
  return schema.refine((value) => issueWith(value as z.infer<Schema>) === undefined, {
    error: (issue) => issueWith(issue.input as z.infer<Schema>),
  });
}
