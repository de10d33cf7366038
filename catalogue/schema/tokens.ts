import { z } from "zod";
import type { UrlSchemas } from "./values.ts";
import {
  headers,
  OWN_AUTHORIZATION_PARAMETERS,
  OWN_TOKEN_PARAMETERS,
  parameterName,
  parameterNames,
  parameters,
  scopes,
  separator,
  success,
  text,
} from "./values.ts";

const MAX_TOKEN_LIFETIME_SECONDS = 366 * 24 * 60 * 60;

/** RFC 6749 §5.2, and two codes of §4.1.2.1 that some services use in token responses. */
const TOKEN_ERROR_CODES = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
  "server_error",
  "temporarily_unavailable",
] as const;

/** The members of RFC 6749 §5 that the provider reads. */
const TOKEN_RESPONSE_MEMBERS = ["access_token", "token_type", "expires_in", "refresh_token", "scope", "error"] as const;

/** How the token request and its response differ from RFC 6749 §4.1.3 and §5. */
export function tokenFields() {
  return {
    token_parameters: parameters(OWN_TOKEN_PARAMETERS)
      .optional()
      .meta({ examples: [{ audience: "api.example.com" }] })
      .describe("Additional constant parameters of the token request. grant_type is always sent."),
    token_request: z
      .strictObject({
        method: z.enum(["GET", "POST"]).optional(),
        body: z.enum(["form", "json"]).optional(),
        headers: headers().optional(),
        parameter_names: parameterNames().optional(),
      })
      .optional()
      .meta({ examples: [{ body: "json", headers: { "Notion-Version": "2022-06-28" } }] })
      .describe(
        "How the token request differs from a form with the names of RFC 6749 §4.1.3: GET, a JSON body, additional " +
          "headers ({client_id} is replaced by your client identifier), other names of parameters, or null to leave one out.",
      ),
    token_response: z
      .strictObject({
        format: z.literal("form").optional(),
        members: z.partialRecord(z.enum(TOKEN_RESPONSE_MEMBERS), z.array(text())).optional(),
        success: success().optional(),
        extra_members: z
          .array(z.string().refine((name) => !isReservedMember(name), "is a member of RFC 6749 §5 or OpenID Connect"))
          .optional(),
      })
      .optional()
      .meta({ examples: [{ members: { access_token: ["body.access_token"] }, success: { status: 0 } }] })
      .describe(
        "How the token response differs from RFC 6749 §5: form encoding instead of JSON, the paths of members (an " +
          "empty list: the member is ignored), the values in a successful response, and members to pass on to apps.",
      ),
    token_response_scope_separator: separator()
      .optional()
      .meta({ examples: ["|"] })
      .describe("A separator between scopes in the token response, besides spaces and commas, which always count."),
    token_error_codes: z
      .record(z.string(), z.enum(TOKEN_ERROR_CODES))
      .optional()
      .meta({ examples: [{ bad_verification_code: "invalid_grant" }] })
      .describe("The service's own error codes in token responses, each with the equivalent code from RFC 6749 §5.2."),
  };
}

/** Refresh tokens (RFC 6749 §6). */
export function refreshFields({ endpoint }: UrlSchemas) {
  return {
    refresh_tokens: z
      .enum(["none", "reusable", "rotating"])
      .optional()
      .meta({ examples: ["reusable"] })
      .describe(
        "Whether the service issues refresh tokens (RFC 6749 §6): none, one that can be used many times, or a " +
          "new one with every use. For services outside the catalogue the default is none.",
      ),
    access_token_lifetime_seconds: z
      .int()
      .positive()
      .max(MAX_TOKEN_LIFETIME_SECONDS)
      .optional()
      .meta({ examples: [7200] })
      .describe(
        "The shortest lifetime of an access token, if the service issues refresh tokens but does not send expires_in. " +
          "Apps need it to know when to refresh.",
      ),
    offline_parameters: parameters(OWN_AUTHORIZATION_PARAMETERS)
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
        parameters: parameters(OWN_TOKEN_PARAMETERS).optional(),
        parameter_names: parameterNames().optional(),
        callback_parameters: z.array(parameterName()).optional(),
        redirect_uri: z.literal(true).optional(),
      })
      .optional()
      .meta({
        examples: [{ endpoint: "https://api.figma.com/v1/oauth/refresh", parameter_names: { grant_type: null } }],
      })
      .describe(
        "How a refresh differs from the token request: another endpoint, additional parameters, other names, those of " +
          "callback_parameters that every refresh repeats as well, and whether it repeats the redirect URI.",
      ),
  };
}

/** Revocation (RFC 7009). */
export function revocationFields({ endpointWithClientId }: UrlSchemas) {
  return {
    revocation_endpoint: endpointWithClientId
      .optional()
      .meta({ examples: ["https://gitlab.com/oauth/revoke"] })
      .describe(
        "Where a single token is revoked (RFC 7009). {client_id} is replaced by your client identifier, and {token} " +
          "by the token, if the service wants it in the path.",
      ),
    revocation_request: revocationRequest()
      .optional()
      .meta({ examples: [{ method: "DELETE", auth_method: "bearer", body: "json", parameter: "access_token" }] })
      .describe(
        "How the request to revocation_endpoint differs from RFC 7009. only: the single kind of token that it may be " +
          "used with. success: the values in a successful answer, for a service that reports errors with status 200.",
      ),
    grant_revocation_endpoint: endpointWithClientId
      .optional()
      .meta({ examples: ["https://oauth2.googleapis.com/revoke"] })
      .describe("Where everything that a user has allowed the provider is revoked, including every app's access."),
    grant_revocation_request: revocationRequest()
      .optional()
      .meta({ examples: [{ auth_method: "none" }] })
      .describe("How the request to grant_revocation_endpoint differs from RFC 7009."),
  };
}

/** Members that must not be passed on to apps: the service's refresh token and ID token are not theirs. */
function isReservedMember(name: string): boolean {
  return [...TOKEN_RESPONSE_MEMBERS, "id_token"].includes(name) || !/^[A-Za-z_]+$/.test(name);
}

function revocationRequest() {
  return z.strictObject({
    method: z.enum(["GET", "POST", "DELETE"]).optional(),
    auth_method: z.enum(["client_secret_basic", "client_secret_post", "none", "bearer"]).optional(),
    body: z.enum(["form", "json", "query", "empty"]).optional(),
    parameter: parameterName().optional(),
    parameters: z.record(z.string(), z.string()).optional(),
    parameter_names: parameterNames().optional(),
    only: z.enum(["access_token", "refresh_token"]).optional(),
    success: success().optional(),
  });
}
