import type { Config } from "@netlify/functions";
import { callback } from "../../server/endpoints/callback.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(callback);

// Read without running this file: literals only. `/callback` is where netlify.toml sends what arrives at the root.
export const config: Config = {
  path: ["/callback/:service", "/callback"],
};
