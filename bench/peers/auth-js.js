import { Auth } from "@auth/core";

const { BENCH_CLIENT_SECRET: clientSecret, BENCH_SERVICE: service } = process.env;

const settings = {
  basePath: "/auth",
  secret: clientSecret,
  trustHost: true,
  callbacks: {
    // The access token is what this is about; by default it stays on the server.
    jwt: ({ token, account }) => (account ? { ...token, accessToken: account.access_token } : token),
  },
  providers: [
    {
      id: "bench",
      name: "Bench",
      type: "oauth",
      clientId: "bench",
      clientSecret,
      client: { token_endpoint_auth_method: "client_secret_post" },
      authorization: { url: `${service}/authorize`, params: { scope: "read" } },
      token: `${service}/token`,
      userinfo: `${service}/user`,
      checks: ["pkce", "state"],
      profile: ({ id, name, email }) => ({ id, name, email }),
    },
  ],
};

export default async function peer(request) {
  return await Auth(request, settings);
}

export const config = { path: "/auth/*" };
