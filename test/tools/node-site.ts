/**
 * The provider of one test file, in its own process: the site on the Node host, with the configuration that the test
 * has sent. It ends with the test.
 */

import { createNodeServer } from "../../hosts/node/node-server.ts";
import { siteOf } from "../../hosts/published-folder.ts";
import { createProvider } from "../../server/provider/provider.ts";
import type { Configuration } from "../../server/provider/service.ts";

export interface NodeSiteOrder {
  configuration: Configuration;
  env: Record<string, string>;
  /** The folder of the built files. */
  folder: string;
  port: number;
}

process.once("message", async ({ configuration, env, folder, port }: NodeSiteOrder) => {
  const address = `http://localhost:${port}`;
  const site = await siteOf(createProvider(configuration, { ...env, URL: address }), folder);
  createNodeServer(site, address).listen(port, "127.0.0.1", () => process.send!("ready"));
});
process.once("disconnect", () => process.exit());
