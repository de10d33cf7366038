import type { Config } from "@netlify/functions";
import { token } from "../../server/endpoints/token.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(token);

// Read without running this file: literals only. No `method`, so that a wrong one gets our own answer. Netlify applies two
// rate limits per project (five on Pro), and nothing says which ones where there are more. So they stand where codes are
// exchanged with our secret, which every login depends on: here and in confirm.ts [A46]. A login calls each two or three
// times, counting those that only wake it up or ask for permission (CORS).
export const config: Config = {
  path: "/token/:service",
  rateLimit: { windowLimit: 120, windowSize: 60, aggregateBy: ["ip", "domain"] },
};
