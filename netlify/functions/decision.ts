import { decision } from "../../server/endpoints/decision.ts";

export default decision;

/** Not `/confirm`, which is the page with the question. */
export const config = { path: ["/decision"] };
