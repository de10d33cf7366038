import type { Config } from "@netlify/functions";
import { confirm } from "../../server/endpoints/confirm.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(confirm);

// Read without running this file: literals only. GET /confirm is the static page. The limit is one of two, see token.ts.
export const config: Config = {
  path: "/confirm",
  method: ["POST", "OPTIONS"],
  rateLimit: { windowLimit: 120, windowSize: 60, aggregateBy: ["ip", "domain"] },
};
