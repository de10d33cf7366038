import type { Route } from "../server/find-route.ts";
import * as authorize from "./functions/authorize.ts";
import * as callback from "./functions/callback.ts";
import * as decision from "./functions/decision.ts";
import * as jwks from "./functions/jwks.ts";
import * as metadata from "./functions/metadata.ts";
import * as revoke from "./functions/revoke.ts";
import * as services from "./functions/services.ts";
import * as token from "./functions/token.ts";
import * as userinfo from "./functions/userinfo.ts";

/** All endpoints of the provider, each at the paths that its file names. Every host uses this list. */
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
].flatMap(({ default: endpoint, config }) => config.path.map((path) => ({ path, endpoint })));
