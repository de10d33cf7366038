import { authorize } from "../../server/endpoints/authorize.ts";

export default authorize;

/** CMSes start at `/auth` and name the service in the query. */
export const config = { path: ["/authorize/:service", "/auth"] };
