import type { Route } from "../server/find-route.ts";
import * as authorize from "./functions/authorize.ts";
import * as callback from "./functions/callback.ts";
import * as cmsMistake from "./functions/cms-mistake.ts";
import * as decision from "./functions/decision.ts";
import * as jwks from "./functions/jwks.ts";
import * as metadata from "./functions/metadata.ts";
import * as revoke from "./functions/revoke.ts";
import * as services from "./functions/services.ts";
import * as token from "./functions/token.ts";
import * as userinfo from "./functions/userinfo.ts";

/**
 * All endpoints of the provider, each at the paths that its file names. Every host uses this list. The first path that fits
 * wins, so the mistakes come last: a service may be called `auth`.
 */
export const ROUTES: Route[] = [
  authorize,
  callback,
  decision,
  token,
  userinfo,
  revoke,
  services,
  metadata,
  jwks,
  cmsMistake,
].flatMap(({ default: endpoint, config }) => config.path.map((path) => ({ path, endpoint })));
