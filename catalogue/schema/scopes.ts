import { z } from "zod";
import { scopes, separator, text } from "./values.ts";

/** The scopes to ask for. */
export function scopeFields() {
  return {
    default_scopes: scopes()
      .meta({ examples: [["read:user"]] })
      .describe("The scopes to ask for if an app names none. With an empty list, the scope parameter is left out."),
    scope_separator: separator()
      .optional()
      .meta({ examples: [","] })
      .describe("The separator between scopes in the authorization request. The default is a space."),
    scope_descriptions: z
      .record(z.string(), text())
      .optional()
      .meta({ examples: [{ "read:user": "Read your profile" }] })
      .describe("The meaning of scopes, in a few plain words that continue “This app will be able to”."),
    scopes_without_limit: scopes()
      .optional()
      .meta({ examples: [["openid", "profile", "email"]] })
      .describe(
        "Scopes that limit nothing: with only such scopes, the service grants everything, and so it does for scopes that " +
          "it does not know. We add default_scopes to the former, and refuse scopes that no setting names.",
      ),
    openid_scopes: z
      .strictObject({ openid: scopes().optional(), profile: scopes().optional(), email: scopes().optional() })
      .optional()
      .meta({ examples: [{ email: ["user-read-email"] }] })
      .describe(
        "The service's scopes that are requested when an app asks for an ID token with openid, profile or email. Without " +
          "this field, openid stands for default_scopes (without profile and email, if the service itself has " +
          "openid among them), and profile and email are requested where the service has scopes of these names.",
      ),
  };
}

/** How the granted scopes may differ from the requested ones. */
export function grantedScopeFields() {
  return {
    scopes_merged: z
      .boolean()
      .optional()
      .meta({ examples: [true] })
      .describe(
        "The service adds everything that the user has allowed any app of this provider before. The confirmation page " +
          "then says so. Without this field, a token that can do more than was shown is not handed over.",
      ),
    scopes_fixed: z
      .boolean()
      .optional()
      .meta({ examples: [true] })
      .describe(
        "The service has no scopes, or always grants those that were chosen when the app was registered. What it says " +
          "about granted scopes is then ignored.",
      ),
    scope_aliases: z
      .record(z.string(), z.string())
      .optional()
      .meta({ examples: [{ "https://www.googleapis.com/auth/userinfo.email": "email" }] })
      .describe(
        "Scopes that the service spells differently in its token response, each with the spelling of the request.",
      ),
    identity_scopes: scopes()
      .optional()
      .meta({ examples: [["id"]] })
      .describe(
        "Scopes that the service adds to every grant and that only say who the user is. A token with them is handed " +
          "over although they were not shown.",
      ),
  };
}
