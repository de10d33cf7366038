import { callback } from "../../server/endpoints/callback.ts";

export default callback;

/** netlify.toml sends responses that arrive at the root to `/callback`. */
export const config = { path: ["/callback/:service", "/callback"] };
