import type { Config } from "@netlify/functions";
import { services } from "../../server/endpoints/services.ts";
import { onNetlify } from "../on-netlify.ts";

export default onNetlify(services);

// Read without running this file: literals only. The CDN answers most requests.
export const config: Config = {
  path: "/services.json",
};
