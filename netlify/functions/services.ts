import type { Config } from "@netlify/functions";
import { services } from "../../server/endpoints/services.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(services);

// Netlify reads this without running the file, so only literals are allowed. The CDN answers most requests.
export const config: Config = {
  path: "/services.json",
};
