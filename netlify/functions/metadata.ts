import { metadata } from "../../server/endpoints/metadata.ts";

export default metadata;

/** Several clients try the second path first. */
export const config = {
  path: ["/.well-known/oauth-authorization-server/:service", "/:service/.well-known/openid-configuration"],
};
