import { services } from "../../server/endpoints/services.ts";

export default services;

/** The CDN answers most requests. */
export const config = { path: ["/services.json"] };
