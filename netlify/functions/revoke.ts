import type { Config } from "@netlify/functions";
import { revoke } from "../../server/endpoints/revoke.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(revoke);

// Read without running this file: literals only. No `method`, so that a wrong one gets our own answer.
export const config: Config = {
  path: "/revoke/:service",
};
