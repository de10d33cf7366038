import { betterAuth } from "better-auth";
import { genericOAuth } from "better-auth/plugins";

const { BENCH_CLIENT_SECRET: clientSecret, BENCH_SERVICE: service, URL: baseURL } = process.env;

/** Without a database: everything is in cookies. */
const auth = betterAuth({
  baseURL,
  secret: clientSecret,
  logger: { disabled: true },
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  account: { storeStateStrategy: "cookie", storeAccountCookie: true },
  plugins: [
    genericOAuth({
      config: [
        {
          providerId: "bench",
          clientId: "bench",
          clientSecret,
          authorizationUrl: `${service}/authorize`,
          tokenUrl: `${service}/token`,
          userInfoUrl: `${service}/user`,
          scopes: ["read"],
          pkce: true,
        },
      ],
    }),
  ],
});

export default async function peer(request) {
  return await auth.handler(request);
}

export const config = { path: "/api/auth/*" };
