import type { Config } from "@netlify/functions";
import { userinfo } from "../../server/endpoints/userinfo.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(userinfo);

// Netlify reads this without running the file, so only literals are allowed. There is no `method`, so that a wrong method
// gets our own error.
export const config: Config = {
  path: "/userinfo/:service",
};
