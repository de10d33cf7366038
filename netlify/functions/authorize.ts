import type { Config } from "@netlify/functions";
import { authorize } from "../../server/endpoints/authorize.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(authorize);

// Netlify reads this without running the file, so only literals are allowed. There is no `method`, so that a wrong method
// gets our own error. CMSes start at `/auth` and name the service in the query.
export const config: Config = {
  path: ["/authorize/:service", "/auth"],
};
