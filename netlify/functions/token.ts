import type { Config } from "@netlify/functions";
import { token } from "../../server/endpoints/token.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(token);

// Netlify reads this without running the file, so only literals are allowed. There is no `method`, so that a wrong method
// gets our own error.
//
// Netlify applies two rate limits per project (five on Pro). If there are more, it does not say which ones count. So only
// the two functions that exchange codes with our client secret have one, this one and confirm.ts: every login depends on
// them. A login calls each two or three times, including wake-up calls and CORS preflights.
export const config: Config = {
  path: "/token/:service",
  rateLimit: { windowLimit: 120, windowSize: 60, aggregateBy: ["ip", "domain"] },
};
