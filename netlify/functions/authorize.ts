import type { Config } from "@netlify/functions";
import { authorize } from "../../server/endpoints/authorize.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(authorize);

// Read without running this file: literals only. No `method`, so that a wrong one gets our own answer. `/auth` is where
// CMSes start, which name the service in the query.
export const config: Config = {
  path: ["/authorize/:service", "/auth"],
};
