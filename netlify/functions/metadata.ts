import type { Config } from "@netlify/functions";
import { metadata } from "../../server/endpoints/metadata.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(metadata);

// Read without running this file: literals only. The second path is where several clients look first.
export const config: Config = {
  path: ["/.well-known/oauth-authorization-server/:service", "/:service/.well-known/openid-configuration"],
};
