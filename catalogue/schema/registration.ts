import { z } from "zod";

/** What a service can require of an owner before people can log in. */
const CONDITIONS = [
  "closed",
  "approval",
  "review",
  "paid_account",
  "pay_per_use",
  "business_account",
  "verified_identity",
  "administrator",
  "installation",
] as const;

export type RegistrationCondition = (typeof CONDITIONS)[number];

/** What an owner meets when registering an app at the service, and who has confirmed the record. */
export function registrationFields() {
  return {
    registration_conditions: z
      .array(z.enum(CONDITIONS))
      .optional()
      .meta({ examples: [["review", "paid_account"]] })
      .describe(
        "What can keep an owner from offering the service: no new apps are accepted (closed), the service must approve " +
          "the app (approval), or lets only a few people log in before a review (review), the owner needs a paid account, " +
          "pays for API requests (pay_per_use), needs a business account or a verified identity, must be an " +
          "administrator, or an administrator must install the app first (installation). An empty list: nothing is known. Services change this often, so trust their form.",
      ),
    redirect_uri_rules: z
      .strictObject({
        multiple: z.boolean().optional(),
        exact_match: z.boolean().optional(),
        https_only: z.boolean().optional(),
        localhost: z.boolean().optional(),
        loopback_ip: z.boolean().optional(),
      })
      .optional()
      .meta({ examples: [{ multiple: true, exact_match: true, https_only: true, localhost: true }] })
      .describe(
        "Which redirect URIs the service accepts: several for one app, only exactly the registered one, only https " +
          "(apart from this computer), http://localhost, and http://127.0.0.1. Absent: not known.",
      ),
    sources: z
      .array(z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "is not a name in small letters and hyphens"))
      .min(1)
      .optional()
      .meta({ examples: [["vendor", "arctic", "grant"]] })
      .describe(
        "Where the record's endpoints were found, independently of each other: vendor is the service's own documentation, " +
          "specification or server code, and the others are libraries and lists.",
      ),
  };
}
