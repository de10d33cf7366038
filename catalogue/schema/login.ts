import { z } from "zod";
import type { UrlSchemas } from "./values.ts";
import { OWN_AUTHORIZATION_PARAMETERS, parameterName, parameterNames, parameters } from "./values.ts";

const MAX_CODE_LIFETIME_SECONDS = 24 * 60 * 60;

/** OpenID Connect Core §3.1.2.1, without `none`: our own page always asks the user. */
const PROMPTS = ["login", "consent", "select_account"] as const;

/** The service's endpoints for a login, and how both sides prove who they are. */
export function endpointFields({ endpoint }: UrlSchemas) {
  return {
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
        "How the provider authenticates at the token endpoint (RFC 7591 §2): with the secret in an " +
          "Authorization header, with the secret in the body, or without a secret (this requires SEALING_KEY). " +
          "The default for services outside the catalogue is client_secret_post.",
      ),
    issuer: endpoint
      .optional()
      .meta({ examples: ["https://accounts.google.com"] })
      .describe("The iss that the service adds to its authorization responses (RFC 9207). Any other is rejected."),
    authorization_response_iss_parameter_supported: z
      .boolean()
      .optional()
      .meta({ examples: [true] })
      .describe("The service promises iss (RFC 9207 §3), so a response without it is rejected. Requires issuer."),
    code_challenge_method: z
      .enum(["S256", "plain", "none"])
      .meta({ examples: ["S256"] })
      .describe(
        "PKCE between the provider and the service (RFC 7636 §4.3). none only if the service fails with it, or if no " +
          "client is known to use it. " +
          "For services outside the catalogue the default is S256.",
      ),
  };
}

/** How the authorization request and its response differ from RFC 6749 §4.1. */
export function authorizationFields() {
  return {
    authorization_parameters: parameters(OWN_AUTHORIZATION_PARAMETERS)
      .optional()
      .meta({ examples: [{ prompt: "select_account" }] })
      .describe("Additional constant parameters of the authorization request."),
    ...hintFields(),
    response_mode: z
      .enum(["form_post"])
      .optional()
      .meta({ examples: ["form_post"] })
      .describe("The authorization request asks the service to post its response (OAuth 2.0 Form Post Response Mode)."),
    callback_parameters: z
      .array(
        z
          .string()
          .regex(/^(?!(?:code|state|iss|error)$)[A-Za-z][A-Za-z0-9_-]*$/, "is not the name of an additional parameter"),
      )
      .optional()
      .meta({ examples: [["realmId"]] })
      .describe(
        "Parameters that the service adds to its authorization response. The token request repeats them, and the app gets them " +
          "with its access token.",
      ),
    authorization_parameter_names: parameterNames()
      .optional()
      .meta({ examples: [{ client_id: "client_key", scope: null }] })
      .describe("Parameters of the authorization request that have another name at the service; null leaves one out."),
  };
}

/** What an app can ask for that is passed on to the service. */
function hintFields() {
  return {
    prompt_parameters: z
      .partialRecord(z.enum(PROMPTS), parameters(OWN_AUTHORIZATION_PARAMETERS))
      .optional()
      .meta({ examples: [{ select_account: { prompt: "select_account" }, consent: { show_dialog: "true" } }] })
      .describe(
        "The values of prompt that an app can use (OpenID Connect Core §3.1.2.1), each with the parameters that pass " +
          "it on to the service. Other values are left out; none is never passed on.",
      ),
    login_hint_parameter: parameterName()
      .refine(
        (name) => !OWN_AUTHORIZATION_PARAMETERS.includes(name),
        "is a parameter that the provider sends by itself",
      )
      .optional()
      .meta({ examples: ["login_hint"] })
      .describe(
        "The service's name for login_hint, the user name or email address that it fills in. Without it, an app's login_hint is left out.",
      ),
  };
}

/** What else a login depends on. */
export function loginFields() {
  return {
    code_lifetime_seconds: z
      .int()
      .positive()
      .max(MAX_CODE_LIFETIME_SECONDS)
      .optional()
      .meta({ examples: [600] })
      .describe("How long the service's code is valid, if the service documents it."),
    opener: z
      .enum(["kept", "cut"])
      .optional()
      .meta({ examples: ["kept"] })
      .describe(
        "Whether a popup can still reach the page that opened it after a visit to the service. cut if the service " +
          "sends Cross-Origin-Opener-Policy: same-origin. The default is kept.",
      ),
    madata: z
      .boolean()
      .optional()
      .meta({ examples: [true] })
      .describe(
        "Whether Madata apps may log in, either by opening the service themselves and returning to the root of the " +
          "provider, or by /authorize. On for few services, because the app names the service and this cannot be " +
          "verified. The default is off.",
      ),
  };
}
