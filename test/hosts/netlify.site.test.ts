import { startSiteOnNetlify } from "../tools/site.ts";
import { describeContract } from "./contract.ts";

/** The default host, as far as `netlify dev` is like it. */
describeContract({
  name: "netlify dev",
  ownFileServer: true,
  start: (service) =>
    startSiteOnNetlify({
      services: {
        Demo: {
          client_id: "demo",
          authorization_endpoint: `${service.origin}/authorize`,
          token_endpoint: `${service.origin}/token`,
          madata: true,
        },
      },
      secrets: { Demo: { client_secret: "client-secret-of-the-contract" } },
    }),
});
