import { afterAll, beforeAll } from "vitest";
import { apacheSuite } from "./suites/apache.ts";
import { appAuthSuite } from "./suites/appauth.ts";
import { browserSuite } from "./suites/browser.ts";
import { extensionSuite } from "./suites/extension.ts";
import { ezbackendSuite } from "./suites/ezbackend.ts";
import { grantSuite } from "./suites/grant.ts";
import { idTokenSuite } from "./suites/id-tokens.ts";
import { oauth4webapiSuite } from "./suites/oauth4webapi.ts";
import { openidClientSuite } from "./suites/openid-client.ts";
import { serversSuite } from "./suites/servers.ts";
import { simpleOAuth2Suite } from "./suites/simple-oauth2.ts";
import { verifiersSuite } from "./suites/verifiers.ts";
import { wireSuite } from "./suites/wire.ts";
import type { World } from "./world.ts";
import { startWorld } from "./world.ts";

/**
 * Any standard OAuth client works. These are third-party clients, as npm delivers them, against the whole site with a
 * real authorization server as the service. Every check that a client offers is on.
 */

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

oauth4webapiSuite(() => world);
openidClientSuite(() => world);
serversSuite(() => world);
idTokenSuite(() => world);
verifiersSuite(() => world);
apacheSuite(() => world);
wireSuite(() => world);
ezbackendSuite(() => world);
grantSuite(() => world);
simpleOAuth2Suite(() => world);
appAuthSuite(() => world);
browserSuite(() => world);
extensionSuite(() => world);
