import type { Config } from "@netlify/functions";
import { metadata } from "../../server/endpoints/metadata.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(metadata);

// Netlify reads this without running the file, so only literals are allowed. Several clients try the second path first.
export const config: Config = {
  path: ["/.well-known/oauth-authorization-server/:service", "/:service/.well-known/openid-configuration"],
};
