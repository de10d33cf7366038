import type { Config } from "@netlify/functions";
import { revoke } from "../../server/endpoints/revoke.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(revoke);

// Netlify reads this without running the file, so only literals are allowed. There is no `method`, so that a wrong method
// gets our own error.
export const config: Config = {
  path: "/revoke/:service",
};
