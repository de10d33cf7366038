import type { Config } from "@netlify/functions";
import { token } from "../oauth/endpoints/token.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(token);

// Read without running this file: literals only. No `method`, so that a wrong one gets our own answer.
export const config: Config = {
  path: "/token/:service",
  rateLimit: { windowLimit: 60, windowSize: 60, aggregateBy: ["ip", "domain"] },
};
