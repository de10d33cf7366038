import type { Config } from "@netlify/functions";
import { callback } from "../../server/endpoints/callback.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(callback);

// Netlify reads this without running the file, so only literals are allowed. netlify.toml sends responses that arrive at
// the root to `/callback`.
export const config: Config = {
  path: ["/callback/:service", "/callback"],
};
