import { z } from "zod";
import { appSlug } from "./kinds.ts";
import type { UrlSchemas } from "./values.ts";
import { constantClaims, iconAddress, OWN_TOKEN_PARAMETERS, parameters, publicValue, scopes } from "./values.ts";

const MAX_VARIABLE_CHARACTERS = 253;

/** The owner's own settings for a service. */
export function ownerFields(urls: UrlSchemas) {
  return {
    ...oldFields(urls),
    variables: z
      .record(z.string(), z.string().max(MAX_VARIABLE_CHARACTERS))
      .optional()
      .meta({ examples: [{ instance: "git.example.org" }] })
      .describe(
        "The values of the variables in the catalogue's URLs for this service, such as the host of your own instance. " +
          "They are filled in when the provider is built; no request can change them.",
      ),
    client_id: publicValue()
      .optional()
      .meta({ examples: ["the client ID that the service gave you"] })
      .describe(
        "The public client identifier of your OAuth app at the service. An environment variable such as GITHUB_CLIENT_ID wins.",
      ),
    app_slug: appSlug
      .optional()
      .meta({ examples: ["my-app"] })
      .describe(
        "The name of your app in the service's addresses, if people install it there: the confirmation page then links to " +
          "where they do that. Public.",
      ),
    icon: iconAddress()
      .optional()
      .meta({ examples: ["https://example.com/logo.svg"] })
      .describe(
        "The service's logo: an https URL, or the path of a file in public. Without such a file, the catalogue's logo is shown.",
      ),
    api_key: publicValue()
      .optional()
      .meta({ examples: ["the API key that the service gave you"] })
      .describe(
        "A public API key, for Madata's clients (Google) and for profiles that need one (Stack Exchange). It is " +
          "published; restrict it at the service.",
      ),
    allowed_scopes: scopes()
      .optional()
      .meta({ examples: [["read:user", "gist"]] })
      .describe("The only scopes that apps may request. If it is not set, apps may request any, and the user decides."),
    id_token_claims: constantClaims()
      .optional()
      .meta({ examples: [{ role: "authenticated" }] })
      .describe(
        "Constant claims for every ID token, as some databases require. Claims of the protocol and of the profile " +
          "cannot be set.",
      ),
    refresh_without_dpop: z
      .boolean()
      .optional()
      .meta({ examples: [true] })
      .describe(
        "Apps that cannot use DPoP (RFC 9449) can also get refresh tokens, by asking for the scope " +
          "offline_access. Such a token works for months for anybody who gets hold of it.",
      ),
    refresh_for_every_app: z
      .boolean()
      .optional()
      .meta({ examples: [true] })
      .describe(
        "Every app gets a refresh token, even one that cannot ask for it and has no key, such as a CMS. The question then " +
          "always says that the app keeps its access. It includes refresh_without_dpop, with its risk.",
      ),
  };
}

/** Names of the oldest format, that of madatajs/auth-serverless. */
function oldFields({ endpoint }: UrlSchemas) {
  return {
    url: endpoint
      .optional()
      .meta({ examples: ["https://github.com/login/oauth/access_token"] })
      .describe("The old name of token_endpoint."),
    fields: parameters(OWN_TOKEN_PARAMETERS)
      .optional()
      .meta({ examples: [{ audience: "api.example.com" }] })
      .describe(
        "The old name of token_parameters. A form-encoded text (audience=api.example.com) is accepted as well.",
      ),
  };
}
