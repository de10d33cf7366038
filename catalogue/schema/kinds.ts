import { z } from "zod";
import type { UrlSchemas } from "./values.ts";
import { pattern, text } from "./values.ts";

/** The app's name in addresses of the service, as in `https://github.com/apps/my-app`. */
export const appSlug = z.string().regex(/^[A-Za-z0-9_-]+$/, "is not the name of an app in an address");

/** Access that is chosen when the client is installed, instead of by scopes. */
export function installationFields({ endpoint, webPageOfApp }: UrlSchemas) {
  return {
    installation: z
      .strictObject({
        url: webPageOfApp,
        description: text(),
        check: z.strictObject({ endpoint, count: text() }).optional(),
      })
      .optional()
      .meta({
        examples: [
          { url: "https://github.com/apps/{app_slug}/installations/new", description: "Use the chosen repositories" },
        ],
      })
      .describe(
        "Access is chosen when somebody installs your client at the service. The scopes that apps ask for are then neither " +
          "sent nor shown; the confirmation page shows the description, and links to url, where {app_slug} is replaced by your " +
          "app_slug. check: where a token says how many installations its user can reach, and the path of that number.",
      ),
  };
}

/** Kinds of clients, each with the fields in which it differs from the record. */
export function clientKindFields<Fields extends z.ZodType>(fields: Fields) {
  return {
    client_kinds: z
      .array(z.strictObject({ name: text(), client_id: pattern(), notes: text(), fields: fields.optional() }))
      .optional()
      .meta({ examples: [[{ name: "OAuth app", client_id: "Ov23[A-Za-z0-9]+", notes: "Tokens do not expire." }]] })
      .describe(
        "The kinds of clients that the service registers: name, the pattern of their client IDs, what follows from the " +
          "choice, and the fields of this record that differ for them.",
      ),
  };
}
