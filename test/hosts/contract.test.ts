import { join } from "node:path";
import { formatIssues, resolveConfiguration } from "../../scripts/configuration/configuration.ts";
import { freePort } from "../../scripts/network/free-port.ts";
import type { Configuration } from "../../server/provider/service.ts";
import { describeContract } from "./contract.ts";
import { buildOne, HOSTS } from "./hosts.ts";

/** Every host that `npm run build -- --host` builds for, on its own runtime or behind what the platform documents. */

for (const { name, runtime, start } of HOSTS) {
  if (runtime === undefined) console.log(`${name}: not installed on this computer, so its tests are skipped.`);
  describeContract({
    name,
    skipped: runtime === undefined,
    async start(service) {
      const port = await freePort();
      const origin = `http://localhost:${port}`;
      const directory = await buildOne(name, configurationWith(service.origin), origin);
      const host = await start({ directory, port, env: { URL: origin, VERCEL_ENV: "production" } });
      return { ...host, published: join(directory, "../published") };
    },
  });
}

function configurationWith(serviceOrigin: string): Configuration {
  const demo = {
    client_id: "demo",
    authorization_endpoint: `${serviceOrigin}/authorize`,
    token_endpoint: `${serviceOrigin}/token`,
    madata: true,
  };
  const { configuration, issues } = resolveConfiguration({
    services: { Demo: demo },
    secrets: { Demo: { client_secret: "client-secret-of-the-contract" } },
    env: {},
    production: false,
    localDevelopment: true,
  });
  if (issues.length > 0) throw new Error(formatIssues(issues));
  return configuration;
}
