import { revoke } from "../../server/endpoints/revoke.ts";

export default revoke;

export const config = { path: ["/revoke/:service"] };
