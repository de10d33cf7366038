// npm install better-auth
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { genericOAuth } from "better-auth/plugins";

const home = process.env.APP_URL; // https://app.example/, the address of this server and its client_id

export const auth = betterAuth({
  baseURL: home,
  secret: process.env.SESSION_SECRET,
  database: memoryAdapter({ user: [], session: [], account: [], verification: [] }), // Your own database.
  plugins: [
    genericOAuth({
      config: [
        {
          providerId: "github",
          discoveryUrl: `${process.env.ISSUER}/.well-known/openid-configuration`, // https://auth.example.com/github/…
          clientId: home,
          scopes: ["openid", "profile", "email"], // It needs an address, so only services that have one will do.
          pkce: true,
        },
      ],
    }),
  ],
});
