import type { Config } from "@netlify/functions";
import { confirm } from "../../server/endpoints/confirm.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(confirm);

// Netlify reads this without running the file, so only literals are allowed. GET /confirm is the static page. For the rate
// limit, see token.ts.
export const config: Config = {
  path: "/confirm",
  method: ["POST", "OPTIONS"],
  rateLimit: { windowLimit: 120, windowSize: 60, aggregateBy: ["ip", "domain"] },
};
