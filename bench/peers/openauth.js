import { issuer } from "@openauthjs/openauth";
import { Oauth2Provider } from "@openauthjs/openauth/provider/oauth2";
import { MemoryStorage } from "@openauthjs/openauth/storage/memory";
import { createSubjects } from "@openauthjs/openauth/subject";

const { BENCH_CLIENT_SECRET: clientSecret, BENCH_SERVICE: service, BENCH_STORAGE: persist } = process.env;

/** Its subjects are checked by a Standard Schema; the simplest one that there can be. */
const anything = { "~standard": { version: 1, vendor: "bench", validate: (value) => ({ value }) } };

const app = issuer({
  // Its keys outlive the process, as they would in a real store.
  storage: MemoryStorage({ persist }),
  subjects: createSubjects({ user: anything }),
  providers: {
    bench: Oauth2Provider({
      clientID: "bench",
      clientSecret,
      endpoint: { authorization: `${service}/authorize`, token: `${service}/token` },
      scopes: ["read"],
      pkce: true,
    }),
  },
  allow: async () => true,
  success: async (context, { tokenset }) => context.subject("user", { token: tokenset.access }),
});

export default async function peer(request) {
  return await app.fetch(request);
}

export const config = { path: "/*" };
