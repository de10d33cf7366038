import { z } from "zod";
import type { UrlSchemas } from "./values.ts";
import { claimPaths, headers, parameterName, success } from "./values.ts";

/** How to find out whom an access token belongs to. */
export function userinfoFields({ endpoint, webPage }: UrlSchemas) {
  return {
    userinfo_endpoint: endpoint
      .optional()
      .meta({ examples: ["https://api.github.com/user"] })
      .describe("Where the service says whom an access token belongs to."),
    userinfo_request: z
      .strictObject({
        method: z.enum(["GET", "POST"]).optional(),
        headers: headers().optional(),
        scheme: z
          .string()
          .regex(/^([A-Za-z-]+)?$/, "is not an authorization scheme")
          .optional(),
        token_parameter: parameterName().optional(),
        parameters: z.record(z.string(), z.string()).optional(),
        body: z.enum(["form", "json", "query", "empty"]).optional(),
        auth_method: z.enum(["client_secret_basic", "client_secret_post"]).optional(),
        success: success().optional(),
      })
      .optional()
      .meta({ examples: [{ method: "POST", body: "json", parameters: { query: "{ viewer { id name } }" } }] })
      .describe(
        "How the request to userinfo_endpoint differs from a plain GET with the token as Bearer: headers, the scheme " +
          "of the Authorization header (empty: the token alone), the name of a parameter that contains the token " +
          "instead, additional parameters and their format, our credentials, and the values in a successful answer. " +
          "{client_id} in headers and parameters is replaced by your client identifier.",
      ),
    ...claimFields(webPage),
  };
}

/** Where each claim stands in the answer. */
function claimFields(webPage: UrlSchemas["webPage"]) {
  return {
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
        "The paths of the claims in the answer of userinfo_endpoint: names and array indexes joined by dots. The first " +
          "path with a text or number wins. In a text with paths in braces, each path is replaced by its value. A dot " +
          "in a name has a backslash before it. sub identifies one person for ever. Without it, the service only knows " +
          "names, which can pass to another person, so apps cannot log anybody in by this answer.",
      ),
    email_verified: success()
      .optional()
      .meta({ examples: [{ email_verified: true }] })
      .describe(
        "How the answer of userinfo_endpoint says that the service has checked the e-mail address: paths, each with the " +
          "value that it then has. {} if the service only ever names addresses that it has checked. Apps find accounts " +
          "by a checked address, so leave this out if the service's documentation does not say so.",
      ),
    email_verified_docs_url: webPage
      .optional()
      .meta({ examples: ["https://docs.discord.com/developers/resources/user#user-object"] })
      .describe("The page of the service's documentation that says so."),
  };
}
