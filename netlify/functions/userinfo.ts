import type { Config } from "@netlify/functions";
import { userinfo } from "../../server/endpoints/userinfo.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(userinfo);

// Read without running this file: literals only. No `method`, so that a wrong one gets our own answer.
export const config: Config = {
  path: "/userinfo/:service",
};
