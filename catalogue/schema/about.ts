import { z } from "zod";
import type { UrlSchemas } from "./values.ts";
import { pattern, text } from "./values.ts";

/** The service, as people and files name it. */
export function identityFields() {
  return {
    name: text()
      .meta({ examples: ["GitHub"] })
      .describe("The service's display name."),
    key: text()
      .meta({ examples: ["Github"] })
      .describe("The usual key in services.json: the name of Madata's class, if Madata has one."),
    url_variables: z
      .record(z.string().regex(/^[a-z_]+$/, "is not a name in small letters"), urlVariable())
      .optional()
      .meta({ examples: [{ instance: { pattern: "[a-z]+\\.example", example: "git.example" } }] })
      .describe(
        "The variables in braces in this record's URLs. Only the owner can fill them in, for example with the host of " +
          "their own instance: {instance}. The pattern must match the whole value, because secrets are sent to the " +
          "resulting address. A default can depend on the value of another variable.",
      ),
  };
}

/** Pages of the service, and its logo. */
export function pageFields({ webPage }: UrlSchemas) {
  return {
    manage_url: webPage
      .optional()
      .meta({ examples: ["https://github.com/settings/applications"] })
      .describe("The service's page where users see apps with access and revoke it."),
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
      .describe("The name of the service's logo in Simple Icons."),
  };
}

/** What owners and developers should know about the service, or about this record. */
export function noteFields() {
  return {
    unverified: z
      .array(z.string())
      .optional()
      .meta({ examples: [["manage_url"]] })
      .describe("Fields of this record that come from documentation and were not tried with the live service."),
    scope_notes: z
      .string()
      .optional()
      .meta({ examples: ["Scopes must also be enabled in the app console."] })
      .describe("What owners and developers should know about the service's scopes."),
    redirect_uri_notes: z
      .string()
      .optional()
      .meta({ examples: ["One redirect URI per app."] })
      .describe("What the service accepts as redirect URI."),
    notes: z
      .string()
      .optional()
      .meta({ examples: ["Scopes must also be enabled in the app console."] })
      .describe("What an owner should know before registering an app at the service."),
  };
}

function urlVariable() {
  return z.strictObject({
    pattern: pattern(),
    default: z.string().optional(),
    derived: z.array(derivedDefault()).optional(),
    example: z.string(),
    notes: z.string().optional(),
  });
}

/** Replaces the default if another variable has such a value. The first match wins. */
function derivedDefault() {
  return z.strictObject({ variable: z.string(), matches: pattern(), value: z.string() });
}
